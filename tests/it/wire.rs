//! What goes over the wire: inputs that no field accepts, connections of clients that are refused,
//! and the form of responses.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases, run};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_databases!(
    a_string_with_nul_is_refused_by_its_field,
    one_purchase_with_nul_does_not_stop_its_batch,
    keys_come_in_the_order_of_the_query,
    a_variable_that_is_left_out_is_an_argument_that_is_left_out,
);

async fn a_string_with_nul_is_refused_by_its_field(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let token = app.token("shop", "test", "admin");
    let create = "mutation($input: CreateMemberInput!) { createMember(input: $input) { \
         member { id } userErrors { code } } }";
    let literal = "{ memberByExternalId(externalId: \"a\\u0000\") { id } }";
    let input = json!({ "externalId": "a", "kind": "PERSON", "name": "A\0da" });
    for (query, variables, field) in [
        (create, json!({ "input": input }), "`input.name`"),
        (create, json!({ "input": { "a": [{ "b\0": 1 }] } }), "`input.a.0`"),
        (literal, Value::Null, "`memberByExternalId.externalId`"),
    ] {
        let body = json!({ "query": query, "variables": variables });
        let (_, body) = app.send("/admin/graphql", Some(&token), &body).await;
        let error = &body["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID_INPUT", "{body:#}");
        assert!(error["message"].as_str().unwrap().starts_with(field), "{body:#}");
    }
}

async fn one_purchase_with_nul_does_not_stop_its_batch(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let purchase = |reference: &str, member: Value, sku: &str, category: &str| {
        let line = json!({ "sku": sku, "category": category, "amount": "2.00" });
        json!({ "reference": reference, "member": member, "lines": [line] })
    };
    let ada = json!({ "externalId": "ada" });
    let purchases = json!([
        purchase("1", ada.clone(), "tea", "drinks"),
        purchase("2", ada.clone(), "t\0a", "drinks"),
        purchase("3", ada.clone(), "tea", "dri\0nks"),
        purchase("4\0", ada.clone(), "tea", "drinks"),
        purchase("5", json!({ "externalId": "a\0a" }), "tea", "drinks"),
        purchase("6", json!({ "id": "mem_\0" }), "tea", "drinks"),
        purchase("7", ada, "tea", "drinks"),
    ]);
    let query = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) { \
         results { receipt { pointsEarned } userErrors { field } } userErrors { code } } }";
    let data = app.admin("shop", query, json!({ "input": { "purchases": purchases } })).await;
    let results = data["recordPurchases"]["results"].as_array().unwrap();
    let fields = results.iter().map(|result| match &result["receipt"] {
        Value::Null => result["userErrors"][0]["field"].to_string(),
        receipt => receipt["pointsEarned"].to_string(),
    });
    assert_snapshot!(fields.collect::<Vec<_>>().join("\n"), @r#"
    2
    ["lines","0","sku"]
    ["lines","0","category"]
    ["reference"]
    ["member"]
    ["member","id"]
    2
    "#);
}

async fn keys_come_in_the_order_of_the_query(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("1", "2.00").await.done();
    let query = "{ members(first: 2) { nodes { transactions(first: 1) { nodes { id } } name ...F \
         __typename balance { points } } } plugins { id } p: program { name } __typename } \
         fragment F on Member { messages(first: 1) { nodes { id } } locale }";
    let token = app.token("shop", "test", "admin");
    let text = reqwest::Client::new()
        .post(format!("{}/admin/graphql", app.address()))
        .bearer_auth(token)
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let keys = [
        "data",
        "members",
        "nodes",
        "transactions",
        "name",
        "messages",
        "locale",
        "__typename",
        "balance",
        "plugins",
        "p",
        "__typename",
    ];
    let mut rest = text.as_str();
    for key in keys {
        let quoted = format!("\"{key}\":");
        rest = rest.split_once(&quoted).unwrap_or_else(|| panic!("{key} is not next: {text}")).1;
    }
}

async fn a_variable_that_is_left_out_is_an_argument_that_is_left_out(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let query = "query($f: Int, $a: String) { members(first: $f, after: $a) { nodes { name } } }";
    let all = json!({ "members": { "nodes": [{ "name": "ada" }] } });
    assert_eq!(app.admin("shop", query, json!({})).await, all);
    assert_eq!(app.admin("shop", query, json!({ "f": 1 })).await, all);
}

#[test]
fn a_wrong_scalar_is_refused_by_its_field() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await.with_program(SHOP).await;
        let token = app.token("shop", "test", "admin");
        let query = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
             receipt { balance } } }";
        let purchase = json!({ "reference": "1", "member": { "externalId": "a" }, "total": 1.5 });
        let body = json!({ "query": query, "variables": { "input": purchase } });
        let (_, body) = app.send("/admin/graphql", Some(&token), &body).await;
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("input.total") && message.contains("Decimal"), "{body:#}");
    });
}

#[test]
fn what_a_refused_client_still_sends_is_read() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await;
        let long = "x".repeat(2 * 1024 * 1024);
        for (path, headers, status) in [
            ("/graphql", "Content-Type: text/plain", 415),
            ("/graphql", "Content-Type: application/json", 413),
            ("/graphql", "Content-Type: application/json\r\nAuthorization: Bearer a", 401),
            ("/nothing", "Content-Type: application/json", 404),
        ] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\nContent-Length: {}\r\n\r\n",
                long.len()
            );
            let normal = "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: a\r\n\
                 Connection: close\r\n\r\n";
            let answers = speak(&app, &format!("{head}{long}{normal}")).await;
            assert!(answers.starts_with(&format!("HTTP/1.1 {status}")), "{answers}");
            assert!(answers.ends_with("\"maximum\":10000}}}"), "{answers}");
        }
    });
}

#[test]
fn a_connection_that_closes_says_so() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await;
        let head = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n";
        let waiting = format!("{head}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
        let answer = speak(&app, &waiting).await;
        assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    });
}

#[test]
fn an_id_of_a_request_is_a_name_or_replaced() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await;
        let ask = async |id: &str| {
            let request = format!(
                "GET /graphql?query=%7B HTTP/1.1\r\nHost: a\r\nX-Request-Id: {id}\r\n\
                 Connection: close\r\n\r\n"
            );
            speak(&app, &request).await
        };
        let kept = ask("0af7651916cd43dd-8448/eb21:1").await;
        assert_eq!(kept.matches("0af7651916cd43dd-8448/eb21:1").count(), 2, "{kept}");
        for odd in ["i".repeat(5_000).as_str(), "a b", "<script>", "\"", ""] {
            let answer = ask(odd).await;
            assert!(answer.len() < 1_000, "{answer}");
            let (_, id) = answer.split_once("x-request-id: ").unwrap();
            assert_eq!(id.split_once("\r\n").unwrap().0.len(), 36, "{answer}");
        }
    });
}

/// Sends bytes as they are; answers what comes until the server closes.
async fn speak(app: &TestApp, bytes: &str) -> String {
    let address = app.address().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let (sent, read) = tokio::join!(to.write_all(bytes.as_bytes()), from.read_to_end(&mut answer));
    sent.unwrap();
    read.unwrap();
    String::from_utf8(answer).unwrap()
}
