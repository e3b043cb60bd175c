//! Points that last while a member is active, given as of an instant that is over.

use super::{EURO, shop};
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_is_given_as_of_long_ago_is_over_if_nothing_kept_it,
    what_is_given_as_of_long_ago_lasts_with_what_is_there,
    what_is_given_is_kept_by_what_is_reported_later,
    what_another_operator_approves_lasts_from_when_it_is_given,
);

const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id } approval { id } userErrors { code message field } } }";
const ABOVE: &str = "\n[approval]\nadjust_above = 1000\n";

/// At noon of 6 February 2027.
async fn app(backend: Backend) -> TestApp {
    let expiry = "points.expiry = { inactive_months = 6, end_of = \"month\" }";
    let source = shop(&format!("{expiry}\n{EURO}{ABOVE}"));
    let app = TestApp::start(backend).await.with_program(&source).await;
    app.advance_clock("shop", "2027-02-06T11:00:00Z").await;
    app
}

impl Person<'_> {
    async fn is_given_since(&self, points: i64, since: &str) -> Value {
        let given = json!({
            "member": { "externalId": self.member.external_id }, "points": points,
            "reason": "Forgotten", "effectiveAt": since, "idempotencyKey": since,
        });
        let token = self.app.token(self.program, "till", "admin");
        let body = json!({ "query": ADJUST, "variables": { "input": given } });
        let answer = self.app.send("/admin/graphql", Some(&token), &body).await.1;
        answer["data"]["adjustPoints"].clone()
    }
}

async fn what_is_given_as_of_long_ago_is_over_if_nothing_kept_it(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.is_given_since(100, "2026-06-01T00:00:00Z").await;
    assert_eq!(ada.moved().await, ["ADJUST 100", "EXPIRE -100"]);
    ada.is_given_since(30, "2026-10-01T00:00:00Z").await;
    assert_eq!(ada.expiring().await, ["2027-04-30T22:00:00Z 30"]);
    // What is there now was not there then.
    ada.is_given_since(40, "2026-06-02T00:00:00Z").await;
    assert_eq!(ada.expiring().await, ["2027-04-30T22:00:00Z 30"]);
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_given_as_of_long_ago_lasts_with_what_is_there(backend: Backend) {
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    // An activity has kept it since, though all that came with it was sent back.
    ada.bought("order-1", "9.00", "2026-12-01T12:00:00Z").await;
    ada.returns_all("order-1").await;
    ada.is_given_since(100, "2026-06-01T00:00:00Z").await;
    assert_eq!(ada.expiring().await, ["2027-06-30T22:00:00Z 100"]);
    // To be given something is no activity: it moves nothing.
    bob.bought("order-2", "5.00", "2026-09-10T12:00:00Z").await;
    bob.is_given_since(30, "2027-01-10T00:00:00Z").await;
    bob.is_given_since(40, "2026-05-10T00:00:00Z").await;
    assert_eq!(bob.expiring().await, ["2027-03-31T22:00:00Z 75"]);
    books::assert_balanced(&app, 175).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_given_is_kept_by_what_is_reported_later(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.is_given_since(100, "2026-06-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    ada.bought("order-1", "1.00", "2026-11-01T12:00:00Z").await;
    assert_eq!(ada.expiring().await, ["2027-05-31T22:00:00Z 101"]);
    books::assert_balanced(&app, 101).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_another_operator_approves_lasts_from_when_it_is_given(backend: Backend) {
    const APPROVE: &str = "mutation($input: ApproveAdjustmentInput!) { approveAdjustment(input: \
         $input) { transaction { id } userErrors { code message field } } }";
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.bought("order-1", "1.00", "2026-12-01T12:00:00Z").await;
    for person in [&ada, &bob] {
        let asked = person.is_given_since(2_000, "2026-06-01T00:00:00Z").await;
        let approve = json!({ "approvalId": asked["approval"]["id"] });
        let approved: Outcome<Value> = app.does("shop", APPROVE, approve).await;
        approved.done();
    }
    assert_eq!(ada.expiring().await, ["2027-06-30T22:00:00Z 2001"]);
    assert_eq!(bob.moved().await, ["ADJUST 2000", "EXPIRE -2000"]);
    books::assert_balanced(&app, 2_001).await;
    books::assert_sound(&app, "shop").await;
}
