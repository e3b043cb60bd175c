//! Several types of points in one program.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    each_type_is_earned_spent_and_lost_on_its_own,
    what_only_counts_makes_tiers_and_cannot_be_spent,
    what_comes_back_takes_every_type_back,
    a_program_shows_its_types,
    what_names_no_type_is_refused,
);

const STARS: &str = r#"
    points.expire_after_months = 12
    [[point_types]]
    id = "stars"
    name = { en = "Stars", de = "Sterne" }
    scale = 2
    purchase_max = 500
    expiry = { end_of = "year" }
    [[point_types]]
    id = "status"
    name.en = "Status points"
    spendable = false
    [[earning_rules]]
    id = "star"
    name.en = "A hundred stars an order"
    points = 100
    point_type = "stars"
    [[earning_rules]]
    id = "status"
    name.en = "Status"
    points = 2
    per = "1.00"
    point_type = "status"
    [[rewards]]
    id = "mug"
    name.en = "A mug"
    points = 150
    point_type = "stars"
    [tiers]
    metric = "points-earned"
    point_type = "status"
    [[tiers.ladder]]
    id = "gold"
    name.en = "Gold"
    from = 50
"#;

async fn app(backend: Backend) -> TestApp {
    TestApp::start(backend).await.with_program(&shop(&(STARS.to_owned() + EURO))).await
}

async fn each_type_is_earned_spent_and_lost_on_its_own(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let receipt = ada.buys("order-1", "20.00").await.done();
    assert_eq!((receipt.points_earned, receipt.balance), (20, 20), "of the main points");
    assert_eq!(ada.wallets().await, ["points 20 0 0", "stars 100 0 0", "status 40 0 0"]);
    let refused = ada.redeems("mug", "one").await.refused();
    assert_eq!(refused.message, "150 points are needed, the balance is 100");
    ada.buys("order-2", "5.00").await.done();
    let redemption = ada.redeems("mug", "one").await.done();
    assert_eq!(redemption.balance, 50, "of what it was paid with");
    assert_eq!(ada.wallets().await, ["points 25 0 0", "stars 50 0 0", "status 50 0 0"]);
    app.advance_clock("shop", "2027-01-01T00:00:00+01:00").await;
    assert_eq!(ada.wallets().await, ["points 0 0 0", "stars 0 0 0", "status 50 0 0"]);
    let statement = ada.statement().await;
    let expected = [
        "EARN 100 stars 100",
        "EARN 40 status 40",
        "EARN 20 points 20",
        "EARN 100 stars 200",
        "EARN 10 status 50",
        "EARN 5 points 25",
        "SPEND -150 stars 50",
    ];
    assert_eq!(statement[..7], expected);
    books::assert_balanced(&app, 50).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_only_counts_makes_tiers_and_cannot_be_spent(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.buys("order-1", "24.00").await.done().tier, None);
    let receipt = ada.buys("order-2", "1.00").await.done();
    assert_eq!((receipt.tier.unwrap().key.as_str(), receipt.progress.value), ("gold", 50));
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { pointType points } userErrors { code message field } } }";
    let hold = |of: &str| {
        json!({ "member": { "externalId": "ada" }, "points": 5, "pointType": of,
                "reason": "Cart", "idempotencyKey": format!("key-{of}") })
    };
    let held: Value = app.does("shop", HOLD, hold("stars")).await.done();
    assert_eq!(held, json!({ "pointType": "stars", "points": 5 }));
    assert_eq!(ada.wallets().await, ["points 25 0 0", "stars 195 5 0", "status 50 0 0"]);
    let refused = app.does::<Value>("shop", HOLD, hold("status")).await.refused();
    assert_snapshot!(refused, @"INVALID_INPUT pointType: status cannot be spent: they only count");
    ada.returns_all("order-1").await;
    let me = ada.asks("{ me { tier { key } } }", Value::Null).await;
    assert_eq!(me["me"]["tier"], Value::Null);
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_takes_every_type_back(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let lines = json!([{ "sku": "tea", "quantity": 3, "amount": "10.00" }, { "sku": "mug", "amount": "5.00" }]);
    ada.reports(json!({ "reference": "order-1", "lines": lines })).await.done();
    assert_eq!(ada.wallets().await, ["points 15 0 0", "stars 100 0 0", "status 30 0 0"]);
    let what = json!({ "lines": [{ "line": { "sku": "mug" } }] });
    let returned = ada.returns("order-1", "mug", what.clone()).await.done();
    assert_eq!((returned.points_earned, returned.points_taken), (5, 5));
    assert_eq!(ada.wallets().await, ["points 10 0 0", "stars 66 0 0", "status 20 0 0"]);
    assert_eq!(ada.returns("order-1", "mug", what).await.done(), returned, "a repeat");
    ada.returns_all("order-1").await;
    assert_eq!(ada.wallets().await, ["points 0 0 0", "stars 0 0 0", "status 0 0 0"]);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
    // Stars that were given wrongly are void; a return leaves them alone.
    ada.buys("order-2", "3.00").await.done();
    let of_stars = app.transactions("shop").await.into_iter().find(|one| one.points == 100);
    voids(&ada, &of_stars.unwrap().id).await.done();
    ada.buys("order-3", "3.00").await.done();
    assert_eq!(ada.wallets().await, ["points 6 0 0", "stars 100 0 0", "status 12 0 0"]);
}

async fn a_program_shows_its_types(backend: Backend) {
    let app = app(backend).await;
    let query = "{ program(slug: \"shop\") { pointTypes { key name(locale: \"de\") scale \
         isSpendable } rewards { pointType { key } } } }";
    let shown = app.send("/graphql", None, &json!({ "query": query })).await.1;
    let expected = json!({
        "pointTypes": [
            { "key": "points", "name": null, "scale": 0, "isSpendable": true },
            { "key": "stars", "name": "Sterne", "scale": 2, "isSpendable": true },
            { "key": "status", "name": "Status points", "scale": 0, "isSpendable": false },
        ],
        "rewards": [{ "pointType": { "key": "stars" } }],
    });
    assert_eq!(shown["data"]["program"], expected, "{shown:#}");
    let ada = app.joins("shop", "ada").await;
    let quote = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { quote { points \
         explanation { points otherPoints { pointType points cut } awards { pointType points } } } } }";
    let quoted = ada.asks(quote, json!({ "input": { "total": "400.00" } })).await;
    let explanation = &quoted["quotePurchase"]["quote"]["explanation"];
    let others = json!([
        { "pointType": "stars", "points": 100, "cut": 0 },
        { "pointType": "status", "points": 800, "cut": 0 },
    ]);
    assert_eq!((&explanation["points"], &explanation["otherPoints"]), (&json!(400), &others));
}

async fn what_names_no_type_is_refused(backend: Backend) {
    let app = app(backend).await;
    app.joins("shop", "ada").await;
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { pointType points } userErrors { code message field } } }";
    let adjust = |of: &str| {
        json!({ "member": { "externalId": "ada" }, "points": 5, "pointType": of,
                "reason": "Sorry", "idempotencyKey": format!("key-{of}") })
    };
    let given: Value = app.does("shop", ADJUST, adjust("stars")).await.done();
    assert_eq!(given, json!({ "pointType": "stars", "points": 5 }));
    let refused = app.does::<Value>("shop", ADJUST, adjust("moons")).await.refused();
    assert_snapshot!(refused, @"POINT_TYPE_NOT_FOUND pointType: the program has no points of the type `moons`");
}
