//! What privacy law asks of an operator: what is kept about a member is handed out, whole and
//! without anybody else's, and taken away, everywhere and for good.

mod erasures;
mod exports;
mod life;
mod places;
mod refusals;
mod steps;
mod tampering;

pub(crate) use places::places;

use crate::support::{Outcome, TestApp};
use serde_json::{Value, json};

const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
     erasedAt userErrors { code message field } } }";

/// Erases a member of the program of this folder's tests.
async fn erase(app: &TestApp, id: &str) -> Outcome<String> {
    app.does(life::PROGRAM, ERASE, json!({ "memberId": id })).await
}

/// An export of a member, line by line.
async fn export(app: &TestApp, id: &str) -> Vec<Value> {
    let token = app.token(life::PROGRAM, "officer", "members:export");
    let address = format!("{}/admin/members/export?id={id}", app.address());
    let response = reqwest::Client::new().get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    lines(&response.text().await.unwrap())
}

fn lines(document: &str) -> Vec<Value> {
    document.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
