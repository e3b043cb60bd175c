//! What is paid out of several wallets, one after the other.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use perennial_core::programs;
use serde_json::{Value, json};

on_both_databases!(
    a_wallet_pays_before_the_next_one,
    an_order_is_paid_out_of_all_and_paid_back_in_reverse,
    a_hold_of_any_wallet_that_pays_is_a_payment,
    wallets_together_pay_once_however_many_try,
);

const BONUS: &str = r#"
    points.spend_order = ["bonus", "points"]
    points.payment = { points = 1, amount = "1.00" }
    [[point_types]]
    id = "bonus"
    name.en = "Bonus points"
    expiry = { after_months = 1 }
    [[earning_rules]]
    id = "bonus"
    name.en = "Four more for the first order"
    when = "member.purchases == 0"
    points = 4
    point_type = "bonus"
    [[rewards]]
    id = "mug"
    name.en = "A mug"
    points = 10
"#;

async fn app(backend: Backend) -> TestApp {
    TestApp::start(backend).await.with_program(&shop(&(BONUS.to_owned() + EURO))).await
}

impl Person<'_> {
    async fn spendable(&self) -> Vec<String> {
        let query = "{ me { wallets { pointType { key } spendable } } }";
        let found = self.asks(query, Value::Null).await;
        let line = |wallet: &Value| {
            format!("{} {}", wallet["pointType"]["key"].as_str().unwrap(), wallet["spendable"])
        };
        found["me"]["wallets"].as_array().unwrap().iter().map(line).collect()
    }
}

async fn a_wallet_pays_before_the_next_one(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "21.00").await.done();
    assert_eq!(ada.spendable().await, ["points 25", "bonus 4"]);
    ada.redeems("mug", "one").await.done();
    assert_eq!(ada.wallets().await, ["points 15 0 0", "bonus 0 0 0"]);
    ada.redeems("mug", "two").await.done();
    let expected = ["EARN 4", "EARN 21", "SPEND -4", "SPEND -6", "SPEND -10"];
    assert_eq!(ada.moved().await, expected);
    let refused = ada.redeems("mug", "three").await.refused().to_string();
    let expected = "INSUFFICIENT_POINTS: 10 points are needed, the balances are 5 together";
    assert_eq!(refused, expected);
    let spend = app.transactions("shop").await.into_iter().find(|one| one.points == -4).unwrap();
    assert_eq!(voids(&ada, &spend.id).await.done().points, 4);
    assert_eq!(ada.spendable().await, ["points 9", "bonus 4"]);
    app.advance_clock("shop", "2026-02-01T00:00:00+01:00").await;
    assert_eq!(ada.spendable().await, ["points 5", "bonus 0"], "each with its own dates");
    books::assert_balanced(&app, 5).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_order_is_paid_out_of_all_and_paid_back_in_reverse(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "6.00").await.done();
    let quoted = ada.payment("20.00", Value::Null).await;
    assert_eq!(quoted["payment"]["maxPoints"], 10);
    let paid = json!({ "reference": "order-2", "total": "20.00", "payWith": { "points": 10 } });
    ada.reports(paid).await.done();
    assert_eq!(ada.wallets().await, ["points 10 0 0", "bonus 0 0 0"]);
    let half = json!({ "amount": "10.00" });
    ada.returns("order-2", "half", half).await.done();
    // Half of what it earned is gone, half of what paid is back.
    assert_eq!(ada.wallets().await, ["points 10 0 0", "bonus 0 0 0"]);
    ada.returns_all("order-2").await;
    assert_eq!(ada.wallets().await, ["points 6 0 0", "bonus 4 0 0"]);
    books::assert_balanced(&app, 10).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_hold_of_any_wallet_that_pays_is_a_payment(backend: Backend) {
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } \
         userErrors { code message field } } }";
    const STARS: &str = r#"
        [[point_types]]
        id = "stars"
        name.en = "Stars"
        [[earning_rules]]
        id = "stars"
        name.en = "A star"
        points = 1
        point_type = "stars"
    "#;
    let file = shop(&(BONUS.to_owned() + STARS + EURO));
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "6.00").await.done();
    assert_eq!(ada.wallets().await, ["points 6 0 0", "bonus 4 0 0", "stars 1 0 0"]);
    let holds = async |points: i64, of: &str| {
        let hold = json!({ "member": { "externalId": "ada" }, "points": points, "pointType": of,
                           "reason": "Cart", "idempotencyKey": of });
        let hold: Value = app.does("shop", HOLD, hold).await.done();
        json!({ "holdId": hold["id"] })
    };
    let bonus = holds(4, "bonus").await;
    let paid = json!({ "reference": "order-2", "total": "10.00", "payWith": bonus });
    assert_eq!(ada.reports(paid).await.done().points_earned, 6);
    assert_eq!(ada.wallets().await, ["points 12 0 0", "bonus 0 0 0", "stars 2 0 0"]);
    let paid =
        json!({ "reference": "order-3", "total": "10.00", "payWith": holds(1, "stars").await });
    assert_snapshot!(
        ada.reports(paid).await.refused(),
        @"INVALID_INPUT payWith.holdId: the hold is of `stars`, which pays for no purchase: hold points of `bonus`, `points`, or name `stars` in points.spend_order"
    );
    ada.returns_all("order-2").await;
    assert_eq!(ada.wallets().await, ["points 6 0 0", "bonus 4 0 0", "stars 0 1 0"]);
    books::assert_sound(&app, "shop").await;
}

async fn wallets_together_pay_once_however_many_try(backend: Backend) {
    let app = app(backend).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "57.00").await.done();
    let there = ada.at(&other);
    let keys: Vec<_> = (0..20).map(|key| format!("key-{key}")).collect();
    let servers = [&ada, &there].into_iter().cycle();
    let all = join_all(servers.zip(&keys).map(|(ada, key)| ada.redeems("mug", key))).await;
    let done = all.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    assert_eq!((done, ada.spendable().await), (6, vec!["points 1".into(), "bonus 0".to_owned()]));
    books::assert_balanced(&app, 1).await;
    books::assert_sound(&app, "shop").await;
}

#[test]
fn what_is_wrong_with_the_order_in_a_program_file_is_said_with_its_line() {
    let other = "[[point_types]]\nid = \"bonus\"\nname.en = \"Bonus\"\n";
    let wrong = [
        ("points.spend_order = [\"bonus\"]", ""),
        ("points.spend_order = [\"points\", \"stars\"]", ""),
        ("points.spend_order = [\"bonus\", \"points\", \"bonus\"]", ""),
        ("points.spend_order = [\"bonus\", \"points\"]", "spendable = false"),
        ("points.spend_order = [\"bonus\", \"points\"]", "scale = 2"),
        (
            "points.spend_order = [\"bonus\", \"points\"]\n\
             points.payment = { points = 1, amount = \"1.00\" }",
            "negative_balance = \"never\"",
        ),
        ("", "spend_order = [\"points\"]"),
    ];
    let refusals: Vec<_> = wrong
        .iter()
        .map(|(points, bonus)| {
            let source = shop(&format!("{points}\n{other}{bonus}\n{EURO}"));
            programs::definition(&source).unwrap_err().message().to_owned()
        })
        .collect();
    assert_snapshot!(refusals.join("\n"), @r#"
    line 8, column 30: spend_order: name `points`, too
    line 8, column 41: `stars` is no type of points: `points`, or the id of one of [[point_types]]
    line 8, column 50: `bonus` are named twice
    line 8, column 31: `bonus` are points that cannot be spent: `spendable = false`
    line 8, column 31: `bonus` have another `scale`: they are worth another number
    line 8, column 31: `bonus` pay for purchases, too, so their negative_balance has to be "unlimited"
    line 12, column 15: spend_order: name `bonus`, too
    "#);
}
