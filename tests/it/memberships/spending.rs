//! Who may spend what a group has, and who sees it.

use super::group;
use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use futures::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    who_may_spends_from_the_group_and_nobody_else_does,
    a_redemption_of_a_group_is_repeated_by_who_made_it,
    the_till_says_who_spends,
    a_right_that_is_taken_while_it_is_used_is_used_in_time_or_not_at_all,
    a_person_sees_its_groups_and_nobody_in_them,
);

const FROM: &str = "mutation($input: RedeemRewardInput!) { redeemReward(input: $input) { \
     redemption { id balance spentById } userErrors { code message field } } }";

impl Person<'_> {
    /// Redeems in the storefront, out of what a group has.
    async fn redeems_from(&self, group: &Self, key: &str) -> Outcome<Value> {
        let input = json!({
            "rewardKey": "mug", "idempotencyKey": key, "from": group.member.id,
        });
        Outcome::of(self.asks(FROM, json!({ "input": input })).await)
    }

    /// Redeems at a till, in the name of somebody.
    async fn redeems_at_till(&self, by: &Self, key: &str) -> Outcome<Value> {
        let input = json!({
            "member": self.named(), "by": by.named(), "rewardKey": "mug", "idempotencyKey": key,
        });
        self.app.does(self.program, FROM, input).await
    }
}

/// A household with points, somebody who may spend them and somebody who may not.
async fn home(app: &TestApp) -> [Person<'_>; 3] {
    let (home, ada) = (group(app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let bob = app.joins("shop", "bob").await;
    ada.belongs_to(&home, "GROUP", true).await.done();
    bob.belongs_to(&home, "GROUP", false).await.done();
    bob.buys("order-1", "100.00").await.done();
    [home, ada, bob]
}

async fn who_may_spends_from_the_group_and_nobody_else_does(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, ada, bob] = home(&app).await;
    let eve = app.joins("shop", "eve").await;
    let redeemed = ada.redeems_from(&home, "one").await.done();
    assert_eq!((&redeemed["balance"], &redeemed["spentById"]), (&json!(90), &json!(ada.member.id)));
    for refused in [&bob, &eve] {
        let error = refused.redeems_from(&home, "two").await.refused();
        let at = Some(vec!["from".to_owned()]);
        assert_eq!((error.code.as_str(), error.field), ("MAY_NOT_SPEND", at));
    }
    let error = eve.redeems_from(&ada, "two").await.refused();
    assert_eq!(error.code, "MAY_NOT_SPEND", "of a person nobody else spends");
    assert_eq!(bob.redeems("mug", "own").await.refused().code, "INSUFFICIENT_POINTS");
    ada.leaves(&home).await.done();
    assert_eq!(ada.redeems_from(&home, "two").await.refused().code, "MAY_NOT_SPEND");
    let allowed = json!({ "maySpend": true });
    bob.ties_with("changeMembership", &home, allowed).await.done();
    bob.redeems_from(&home, "two").await.done();
    assert_eq!(home.points().await, 80, "and what it spends itself");
    const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
    let seen = async |who: &Person<'_>| {
        who.asks(NODE, json!({ "id": redeemed["id"] })).await["node"].is_object()
    };
    assert!(seen(&ada).await && seen(&home).await && !seen(&bob).await && !seen(&eve).await);
    books::assert_sound(&app, "shop").await;
}

async fn a_redemption_of_a_group_is_repeated_by_who_made_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, ada, bob] = home(&app).await;
    bob.ties_with("changeMembership", &home, json!({ "maySpend": true })).await.done();
    let first = ada.redeems_from(&home, "key").await.done();
    assert_eq!(ada.redeems_from(&home, "key").await.done(), first);
    let other = bob.redeems_from(&home, "key").await.refused();
    assert_eq!(other.code, "IDEMPOTENCY_KEY_REUSED", "it is ada's");
    ada.leaves(&home).await.done();
    assert_eq!(ada.redeems_from(&home, "key").await.done(), first, "it was right then");
    assert_eq!(home.points().await, 90);
}

async fn the_till_says_who_spends(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, ada, bob] = home(&app).await;
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id heldById } userErrors { code message field } } }";
    let hold = |by: &Person<'_>, key: &str| {
        let input = json!({
            "member": home.named(), "by": by.named(), "points": 5, "reason": "till",
            "idempotencyKey": key,
        });
        app.does::<Value>("shop", HOLD, input)
    };
    let held = hold(&ada, "one").await.done();
    assert_eq!(held["heldById"], json!(ada.member.id));
    assert_eq!(hold(&ada, "one").await.done(), held, "a repeat");
    let at = Some(vec!["by".to_owned()]);
    for refused in [hold(&bob, "two").await, home.redeems_at_till(&bob, "two").await] {
        let error = refused.refused();
        assert_eq!((error.code.as_str(), &error.field), ("MAY_NOT_SPEND", &at));
    }
    let redeemed = home.redeems_at_till(&ada, "one").await.done();
    assert_eq!(redeemed["spentById"], json!(ada.member.id));
    let input = json!({ "member": home.named(), "rewardKey": "mug", "idempotencyKey": "two" });
    let nobody = app.does::<Value>("shop", FROM, input).await.done();
    assert_eq!(nobody["spentById"], Value::Null, "an operator needs to name nobody");
    let of_person = ada.redeems_at_till(&bob, "one").await.refused();
    assert_eq!(of_person.code, "MAY_NOT_SPEND");
    books::assert_sound(&app, "shop").await;
}

/// Whatever comes first: what is spent after the right was taken is refused.
async fn a_right_that_is_taken_while_it_is_used_is_used_in_time_or_not_at_all(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, ada, _] = home(&app).await;
    let keys: Vec<_> = (0..8).map(|key| format!("key-{key}")).collect();
    let redeeming = join_all(keys.iter().map(|key| ada.redeems_from(&home, key)));
    let (outcomes, left) = tokio::join!(redeeming, ada.leaves(&home));
    left.done();
    let mut spent = 0;
    for outcome in outcomes {
        match outcome {
            Outcome::Done(_) => spent += 10,
            Outcome::Refused(error) => assert_eq!(error.code, "MAY_NOT_SPEND"),
        }
    }
    assert_eq!(home.points().await, 100 - spent);
    assert_eq!(ada.redeems_from(&home, "after").await.refused().code, "MAY_NOT_SPEND");
}

async fn a_person_sees_its_groups_and_nobody_in_them(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, ada, bob] = home(&app).await;
    const GROUPS: &str = "{ me { groups { memberId name kind accrual maySpend \
         balance { points expiring { points } } tier { key } \
         transactions { nodes { id points cause { __typename } } } } } }";
    let mut shown = json!({
        "memberId": home.member.id, "name": "home", "kind": "HOUSEHOLD", "accrual": "GROUP",
        "maySpend": false, "balance": { "points": 100, "expiring": [{ "points": 100 }] },
        "tier": { "key": "bronze" }, "transactions": null,
    });
    let mine = bob.asks(GROUPS, Value::Null).await["me"]["groups"].clone();
    assert_eq!(mine, json!([shown]));
    let mine = ada.asks(GROUPS, Value::Null).await["me"]["groups"].clone();
    let transaction = mine[0]["transactions"]["nodes"][0].clone();
    assert_eq!(transaction["cause"], json!({ "__typename": "GroupPurchaseCause" }));
    shown["maySpend"] = json!(true);
    shown["transactions"] = mine[0]["transactions"].clone();
    assert_eq!(mine, json!([shown]));
    assert!(!mine.to_string().contains(&bob.member.id), "whose purchase it is, is not shown");
    const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";
    let sees = async |who: &Person<'_>, id: &Value| {
        who.asks(NODE, json!({ "id": id })).await["node"].is_object()
    };
    assert!(sees(&ada, &transaction["id"]).await, "what has an id is found by it");
    assert!(!sees(&bob, &transaction["id"]).await);
    for other in [json!(home.member.id), json!(bob.member.id)] {
        assert!(!sees(&ada, &other).await);
    }
    ada.leaves(&home).await.done();
    assert_eq!(ada.asks(GROUPS, Value::Null).await["me"]["groups"], json!([]));
    assert!(!sees(&ada, &transaction["id"]).await, "it is over");
}
