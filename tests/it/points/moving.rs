//! Points that last as long as their member is active, when they become another's.

use super::{EURO, shop};
use crate::support::{Backend, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_is_given_away_lasts_as_long_as_it_did_and_on_with_who_has_it,
    what_two_had_lasts_as_long_as_the_longer,
    of_who_was_erased_nothing_is_left_to_end,
);

async fn app(backend: Backend) -> TestApp {
    let source = shop(&format!("points.expiry = {{ inactive_months = 12 }}\n{EURO}"));
    TestApp::start(backend).await.with_program(&source).await
}

/// When a member's points end, and how many.
async fn ending(app: &TestApp, member: &str) -> Vec<String> {
    const EXPIRING: &str = "query($of: String!) { member(externalId: $of) { balance { \
         expiring { at points } } } }";
    let found = app.admin("shop", EXPIRING, json!({ "of": member })).await;
    let expiring = found["member"]["balance"]["expiring"].as_array().unwrap();
    let line = |one: &Value| format!("{} {}", one["at"].as_str().unwrap(), one["points"]);
    expiring.iter().map(line).collect()
}

async fn does(app: &TestApp, mutation: &str, input_type: &str, input: Value) {
    let text = format!(
        "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ __typename \
         userErrors {{ code message field }} }} }}"
    );
    let body = app.admin("shop", &text, json!({ "input": input })).await;
    assert_eq!(body[mutation]["userErrors"], json!([]), "{body:#}");
}

async fn gives(app: &TestApp, from: &str, to: &str, points: i64) {
    let input = json!({
        "from": { "externalId": from }, "to": { "externalId": to }, "points": points,
        "reason": "A gift", "idempotencyKey": format!("{to}-{points}"),
    });
    does(app, "transferPoints", "TransferPointsInput", input).await;
}

async fn what_is_given_away_lasts_as_long_as_it_did_and_on_with_who_has_it(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let (bob, eve) = (app.joins("shop", "bob").await, app.joins("shop", "eve").await);
    ada.buys("order-1", "30.00").await.done();
    gives(&app, "ada", "bob", 10).await;
    assert_eq!(ending(&app, "bob").await, ["2026-12-31T23:00:00Z 10"], "as they would have");
    app.advance_clock("shop", "2026-03-01T12:00:00+01:00").await;
    eve.buys("order-2", "7.00").await.done();
    gives(&app, "ada", "eve", 5).await;
    assert_eq!(ending(&app, "eve").await, ["2027-03-01T11:00:00Z 12"], "with all of hers");
    assert_eq!(ending(&app, "ada").await, ["2026-12-31T23:00:00Z 15"], "who gives buys nothing");
    app.advance_clock("shop", "2026-06-01T12:00:00+02:00").await;
    bob.buys("order-3", "1.00").await.done();
    assert_eq!(ending(&app, "bob").await, ["2027-06-01T10:00:00Z 11"]);
    app.advance_clock("shop", "2027-01-01T00:00:00+01:00").await;
    assert_eq!((ada.points().await, bob.points().await, eve.points().await), (0, 11, 12));
    app.advance_clock("shop", "2027-06-01T10:00:00Z").await;
    assert_eq!((bob.points().await, eve.points().await), (0, 0));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_two_had_lasts_as_long_as_the_longer(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await.buys("order-1", "9.00").await.done();
    app.advance_clock("shop", "2026-02-01T00:00:00+01:00").await;
    app.joins("shop", "again").await.buys("order-2", "4.00").await.done();
    let merge = json!({
        "from": { "externalId": "again" }, "into": { "externalId": "ada" },
        "reason": "One person", "idempotencyKey": "one",
    });
    does(&app, "mergeMembers", "MergeMembersInput", merge).await;
    assert_eq!(ending(&app, "ada").await, ["2027-01-31T23:00:00Z 13"]);
    let part = json!({
        "member": { "externalId": "again" }, "reason": "Two", "idempotencyKey": "two",
    });
    does(&app, "unmergeMembers", "UnmergeMembersInput", part).await;
    assert_eq!(ending(&app, "again").await, ["2027-01-31T23:00:00Z 4"]);
    assert_eq!(ending(&app, "ada").await, ["2027-01-31T23:00:00Z 9"], "it was told so");
    app.advance_clock("shop", "2027-01-31T23:00:00Z").await;
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn of_who_was_erased_nothing_is_left_to_end(backend: Backend) {
    let app = app(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    for (person, order) in [(&ada, "order-1"), (&bob, "order-2")] {
        person.buys(order, "9.00").await.done();
    }
    does(&app, "eraseMember", "EraseMemberInput", json!({ "memberId": ada.member.id })).await;
    app.advance_clock("shop", "2027-01-01T00:00:00+01:00").await;
    assert_eq!(bob.points().await, 0, "who stays is not kept waiting");
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}
