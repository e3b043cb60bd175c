//! Merging: two members who turn out to be one.

use crate::corrections::voids;
use crate::support::on_both_databases;
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Member, Outcome, Person, Sent, TestApp, TestDb, books};
use futures::future::join_all;
use insta::assert_snapshot;
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    what_was_of_two_is_of_one,
    whatever_names_the_merged_one_means_the_survivor,
    what_was_answered_is_answered_the_same_under_either_name,
    what_comes_back_later_finds_its_points,
    what_had_expired_before_is_not_taken_again,
    whoever_owes_is_paid_for_by_the_other,
    what_is_pending_and_held_goes_on,
    three_are_one_whatever_the_order,
    what_makes_no_sense_is_not_merged,
    tokens_of_the_merged_one_are_revoked_and_new_ones_act_for_the_survivor,
    a_merge_waits_for_plugins_and_tells_them,
    a_purchase_meanwhile_lands_at_one_of_them,
    of_merges_there_and_back_at_once_one_happens,
    a_merge_takes_three_statements,
);

const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
     member { id externalId } userErrors { code message field } } }";
pub(crate) const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
     member { id externalId } userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { pointsTaken } userErrors { code message field } } }";
pub(crate) const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id } userErrors { code message field } } }";
const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
     hold { id } userErrors { code message field } } }";
pub(crate) const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) { \
     hold { captured memberId } userErrors { code message field } } }";
const WHOLE: &str = "query($of: String!) { member(externalId: $of) { id externalId \
     balance { points held pending expiring { at points } } tier { key } \
     statistics { purchases pointsEarned spent { amount } } \
     purchases { nodes { reference } } holds { nodes { id } } \
     transactions(first: 100) { nodes { kind points otherTransactionId \
       cause { ... on MergeCause { reason } } } } } }";

impl Person<'_> {
    pub(crate) async fn merges_into(&self, into: &Self) -> Outcome<Value> {
        self.merges_under(into, "merge").await
    }

    pub(crate) async fn merges_under(&self, into: &Self, key: &str) -> Outcome<Value> {
        let input = json!({
            "from": { "externalId": self.member.external_id }, "into": { "id": into.member.id },
            "reason": "Joined twice", "idempotencyKey": key,
        });
        self.app.does(self.program, MERGE, input).await
    }

    pub(crate) async fn unmerges(&self, key: &str) -> Outcome<Value> {
        let input = json!({
            "member": { "externalId": self.member.external_id }, "reason": "Two after all",
            "idempotencyKey": key,
        });
        self.app.does(self.program, UNMERGE, input).await
    }

    /// Points, purchases, and points earned.
    pub(crate) async fn counts(&self) -> [i64; 3] {
        let whole = self.whole().await;
        assert_eq!(whole["id"], json!(self.member.id), "one of its own");
        let statistics = &whole["statistics"];
        [&whole["balance"]["points"], &statistics["purchases"], &statistics["pointsEarned"]]
            .map(|number| number.as_i64().unwrap())
    }

    /// The member as operators see whoever has the external id.
    pub(crate) async fn whole(&self) -> Value {
        let of = json!({ "of": self.member.external_id });
        self.app.admin(self.program, WHOLE, of).await["member"].clone()
    }

    pub(crate) async fn expires(&self) -> Value {
        self.whole().await["balance"]["expiring"].clone()
    }

    pub(crate) async fn has(&self) -> i64 {
        self.whole().await["balance"]["points"].as_i64().unwrap()
    }

    pub(crate) async fn cancels_order(&self, order: &str) -> Value {
        let input = json!({
            "purchase": { "reference": order }, "reference": "back",
            "what": { "everything": true },
        });
        self.app.does(self.program, RETURN, input).await.done()
    }

    pub(crate) async fn is_given_under(&self, points: i64, key: &str) -> Outcome<Value> {
        let input = json!({
            "member": { "externalId": self.member.external_id }, "points": points,
            "reason": "r", "idempotencyKey": key,
        });
        self.app.does(self.program, ADJUST, input).await
    }

    pub(crate) async fn reserves_under(&self, points: i64, key: &str) -> Value {
        let input = json!({
            "member": { "externalId": self.member.external_id }, "points": points,
            "reason": "r", "idempotencyKey": key,
        });
        self.app.does(self.program, HOLD, input).await.done()
    }
}

async fn what_was_of_two_is_of_one(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    old.redeems("mug", "one").await.done();
    ada.buys("order-2", "5.00").await.done();
    old.buys("order-3", "7.00").await.done();
    let survivor = old.merges_into(&ada).await.done();
    assert_eq!(survivor["externalId"], "ada");
    let whole = ada.whole().await;
    assert_eq!(whole["balance"]["points"], 32);
    assert_eq!(whole["statistics"]["purchases"], 3);
    assert_eq!(whole["statistics"]["pointsEarned"], 42);
    assert_eq!(whole["tier"]["key"], "silver");
    let orders: Vec<_> = whole["purchases"]["nodes"].as_array().unwrap().iter().collect();
    assert_eq!(orders.len(), 3, "{orders:?}");
    let moved = whole["transactions"]["nodes"].as_array().unwrap();
    let moved: Vec<_> = moved.iter().filter(|one| one["kind"] == "MERGE").collect();
    assert_eq!(moved.len(), 2);
    assert!(moved.iter().all(|one| one["cause"]["reason"].is_string()), "{moved:?}");
    assert_eq!((&moved[0]["points"], &moved[1]["points"]), (&json!(27), &json!(-27)));
    let events = app.admin(
        "shop",
        "query($id: ID!) { events(memberId: $id, first: 2) { nodes { name data } } }",
        json!({ "id": ada.member.id }),
    );
    let events = events.await["events"]["nodes"].clone();
    assert_eq!(events[0]["name"], "tier-changed");
    assert_eq!(events[1]["name"], "members-merged");
    assert_eq!(events[1]["data"]["mergedExternalId"], "old");
    let listed = app.admin("shop", "{ members { nodes { externalId } } }", Value::Null).await;
    assert_eq!(listed["members"]["nodes"], json!([{ "externalId": "ada" }]));
    books::assert_balanced(&app, 32).await;
    books::assert_sound(&app, "shop").await;
    // Life goes on.
    ada.redeems("mug", "two").await.done();
    ada.buys("order-4", "1.00").await.done();
    books::assert_balanced(&app, 23).await;
    books::assert_sound(&app, "shop").await;
}

async fn whatever_names_the_merged_one_means_the_survivor(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let code = "query($of: String!) { member(externalId: $of) { referralCode } }";
    let code = app.admin("shop", code, json!({ "of": "old" })).await["member"].clone();
    old.buys("order-1", "30.00").await.done();
    old.merges_into(&ada).await.done();
    assert_eq!(old.whole().await["id"], json!(ada.member.id));
    let by_id = "query($id: ID!) { member(id: $id) { externalId balance { points } } \
         node(id: $id) { ... on Member { externalId } } \
         purchase(reference: \"order-1\") { member { externalId } } }";
    let found = app.admin("shop", by_id, json!({ "id": old.member.id })).await;
    assert_eq!(found["member"], json!({ "externalId": "ada", "balance": { "points": 30 } }));
    assert_eq!(found["node"]["externalId"], "ada");
    assert_eq!(found["purchase"]["member"]["externalId"], "ada");
    // An import that knows the old name, and one that knows the old id.
    old.buys("order-2", "4.00").await.done();
    let by_id = json!({ "reference": "order-3", "total": "2.00",
        "member": { "id": old.member.id } });
    ada.reports(by_id).await.done();
    old.is_given_under(6, "gift").await.done();
    assert_eq!(ada.has().await, 42);
    let joined = json!({ "externalId": "old", "kind": "PERSON", "name": "old" });
    let again: Member = app.creates("shop", joined).await.done();
    assert_eq!(again.external_id, "ada", "the survivor");
    let friend =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": code["referralCode"] });
    app.creates("shop", friend).await.done();
    books::assert_balanced(&app, 42).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_answered_is_answered_the_same_under_either_name(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let first = old.buys("order-1", "30.00").await.done();
    let given = old.is_given_under(5, "gift").await.done();
    let other = ada.is_given_under(7, "own").await.done();
    old.merges_into(&ada).await.done();
    let again = old.buys("order-1", "30.00").await.done();
    assert_eq!((again.points_earned, again.purchase_id), (first.points_earned, first.purchase_id));
    assert_eq!(ada.buys("order-1", "30.00").await.done().points_earned, 30);
    assert_eq!(old.is_given_under(5, "gift").await.done(), given);
    assert_eq!(old.is_given_under(7, "own").await.done(), other);
    assert_eq!(old.is_given_under(6, "gift").await.refused().code, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(old.buys("order-1", "31.00").await.refused().code, "REFERENCE_REUSED");
    // What is new under the old name is the survivor's, and repeated under it.
    let new = old.is_given_under(1, "new").await.done();
    assert_eq!(old.is_given_under(1, "new").await.done(), new);
    assert_eq!(ada.is_given_under(1, "new").await.done(), new);
    assert_eq!(old.merges_into(&ada).await.done()["externalId"], "ada");
    books::assert_balanced(&app, 43).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_later_finds_its_points(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    old.redeems("mug", "one").await.done();
    ada.buys("order-2", "8.00").await.done();
    old.merges_into(&ada).await.done();
    let spend = app.transactions("shop").await;
    let spend = spend.iter().find(|one| one.kind == "SPEND").unwrap().id.clone();
    voids(&ada, &spend).await.done();
    assert_eq!(ada.has().await, 38);
    books::assert_sound(&app, "shop").await;
    ada.redeems("mug", "two").await.done();
    // 20 of its own points are left, and 8 of the others'.
    let receipt = old.cancels_order("order-1").await;
    assert_eq!(receipt, json!({ "pointsTaken": 30 }));
    assert_eq!(ada.has().await, -2);
    let whole = ada.whole().await;
    assert_eq!(whole["statistics"]["purchases"], 1);
    assert_eq!(whole["statistics"]["pointsEarned"], 8);
    books::assert_balanced(&app, -2).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_had_expired_before_is_not_taken_again(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&sandbox_shop()).await;
    let (old, ada) = (app.joins("sandbox", "old").await, app.joins("sandbox", "ada").await);
    books::set_test_clock(&app, "2026-02-01T00:00:00Z").await;
    old.buys("order-1", "30.00").await.done();
    app.advance_clock("sandbox", "2027-03-01T00:00:00Z").await;
    ada.buys("order-2", "8.00").await.done();
    old.merges_into(&ada).await.done();
    old.cancels_order("order-1").await;
    assert_eq!(ada.has().await, 8, "what had expired is nobody's");
    books::assert_balanced(&app, 8).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn whoever_owes_is_paid_for_by_the_other(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for owes in ["old", "ada"] {
        let name = |of: &str| format!("{of}-{owes}");
        let old = app.joins("shop", &name("old")).await;
        let ada = app.joins("shop", &name("ada")).await;
        let (debtor, other) = if owes == "old" { (&old, &ada) } else { (&ada, &old) };
        debtor.buys(&name("order-1"), "14.00").await.done();
        debtor.redeems("mug", "one").await.done();
        debtor.cancels_order(&name("order-1")).await;
        assert_eq!(debtor.has().await, -10);
        other.buys(&name("order-2"), "4.00").await.done();
        other.buys(&name("order-3"), "9.00").await.done();
        old.merges_into(&ada).await.done();
        assert_eq!(ada.has().await, 3);
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, 6).await;
}

async fn what_is_pending_and_held_goes_on(backend: Backend) {
    let waits = "[[earning_rules]]\nid = \"later\"\nname.en = \"Later\"\npoints = 5\n\
         pending = { days = 14 }\n";
    let source = sandbox_shop().replace("[tiers]", &format!("{waits}[tiers]"));
    let app = TestApp::idle(backend).await.with_program(&source).await;
    let (old, ada) = (app.joins("sandbox", "old").await, app.joins("sandbox", "ada").await);
    old.buys("order-1", "30.00").await.done();
    old.buys("order-2", "1.00").await.done();
    let hold = old.reserves_under(20, "cart").await;
    old.merges_into(&ada).await.done();
    let balance = ada.whole().await["balance"].clone();
    assert_eq!((&balance["points"], &balance["held"]), (&json!(11), &json!(20)));
    assert_eq!(balance["pending"], 10);
    books::assert_sound(&app, "sandbox").await;
    assert_eq!(old.reserves_under(20, "cart").await, hold, "the same hold under its old name");
    let capture = json!({ "holdId": hold["id"], "points": 15 });
    let captured: Value = app.does("sandbox", CAPTURE, capture).await.done();
    assert_eq!(captured, json!({ "captured": 15, "memberId": ada.member.id }));
    old.cancels_order("order-2").await;
    app.advance_clock("sandbox", "2026-01-20T00:00:00Z").await;
    assert_eq!(ada.whole().await["balance"]["pending"], 0);
    assert_eq!(ada.has().await, 15 + 5);
    books::assert_balanced(&app, 20).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn three_are_one_whatever_the_order(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for order in 0..2 {
        let name = |of: &str| format!("{of}-{order}");
        let a = app.joins("shop", &name("a")).await;
        let b = app.joins("shop", &name("b")).await;
        let c = app.joins("shop", &name("c")).await;
        for (person, total) in [(&a, "1.00"), (&b, "2.00"), (&c, "4.00")] {
            person.buys(&person.member.external_id, total).await.done();
        }
        if order == 0 {
            a.merges_into(&b).await.done();
            b.merges_into(&c).await.done();
        } else {
            b.merges_into(&c).await.done();
            // Into somebody who was merged: into the survivor.
            assert_eq!(a.merges_into(&b).await.done()["externalId"], json!(name("c")));
        }
        for person in [&a, &b, &c] {
            assert_eq!(person.whole().await["id"], json!(c.member.id));
        }
        assert_eq!(c.has().await, 7);
        assert_eq!(c.whole().await["purchases"]["nodes"].as_array().unwrap().len(), 3);
        a.cancels_order(&name("a")).await;
        assert_eq!(c.has().await, 6);
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, 12).await;
}

async fn what_makes_no_sense_is_not_merged(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let bob = app.joins("shop", "bob").await;
    let firm = json!({ "externalId": "firm", "kind": "ORGANIZATION", "name": "Firm" });
    app.creates("shop", firm).await.done();
    for person in [&old, &bob] {
        person.buys(&person.member.external_id, "20.00").await.done();
        person.reserves_under(1, "cart").await;
    }
    let sound = json!({
        "from": { "externalId": "old" }, "into": { "externalId": "ada" },
        "reason": "Joined twice", "idempotencyKey": "k",
    });
    let mut refusals = Vec::new();
    let refused = async |field: &str, value: Value| {
        let mut input = sound.clone();
        input[field] = value;
        app.does::<Value>("shop", MERGE, input).await.refused().to_string()
    };
    for (field, value) in [
        ("from", json!({ "externalId": "nobody" })),
        ("into", json!({ "externalId": "nobody" })),
        ("into", json!({ "id": "ada" })),
        ("from", json!({ "externalId": " " })),
        ("into", json!({ "externalId": "old" })),
        ("into", json!({ "externalId": "firm" })),
        ("into", json!({ "externalId": "bob" })),
        ("reason", json!("")),
        ("idempotencyKey", json!("")),
    ] {
        refusals.push(refused(field, value).await);
    }
    old.merges_under(&ada, "k").await.done();
    refusals.push(refused("reason", json!("Another")).await);
    refusals.push(refused("idempotencyKey", json!("l")).await);
    let message = old.merges_under(&bob, "other").await.refused().to_string();
    refusals.push(message.replace(&ada.member.id, "mem_ada"));
    refusals.push(ada.merges_under(&old, "back").await.refused().to_string());
    assert_snapshot!(refusals.join("\n"), @"
    MEMBER_NOT_FOUND from: there is no such member in this program
    MEMBER_NOT_FOUND into: there is no such member in this program
    INVALID_ID into.id: `ada` is not a member id
    INVALID_INPUT from: use 1 to 128 printable characters, without space around them
    INVALID_INPUT into: is the same member already
    CANNOT_BE_MERGED into: a person and an organization are not one member
    CANNOT_BE_MERGED from: both have held points under the idempotency key `cart`
    INVALID_INPUT reason: use 1 to 200 printable characters, without space around them
    INVALID_INPUT idempotencyKey: use 1 to 128 printable characters, without space around them
    IDEMPOTENCY_KEY_REUSED idempotencyKey: `k` was used for a request with other arguments
    INVALID_INPUT into: is the same member already
    MEMBER_MERGED from: was merged into mem_ada already
    INVALID_INPUT into: is the same member already
    ");
    books::assert_balanced(&app, 38).await;
}

async fn tokens_of_the_merged_one_are_revoked_and_new_ones_act_for_the_survivor(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    let before = app.new_token("shop", "old", "member");
    // So that it has a millisecond of its own.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    old.merges_into(&ada).await.done();
    let query = json!({ "query": "{ me { externalId } }" });
    let (_, refused) = app.send("/graphql", Some(&before), &query).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let after = app.new_token("shop", "old", "member");
    let query = "{ me { externalId balance { points } purchases { nodes { reference } } } }";
    let me = app.storefront_with(&after, query).await["me"].clone();
    let expected = json!({
        "externalId": "ada", "balance": { "points": 30 },
        "purchases": { "nodes": [{ "reference": "order-1" }] },
    });
    assert_eq!(me, expected);
}

async fn a_merge_waits_for_plugins_and_tells_them(backend: Backend) {
    let plugin = "\n[plugins.consumer-goods]\nsilence_days = 180\n";
    let app = TestApp::idle(backend).await.with_program(&format!("{SHOP}{plugin}")).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    ada.buys("order-2", "1.00").await.done();
    let input = json!({ "input": {
        "from": { "externalId": "old" }, "into": { "externalId": "ada" },
        "reason": "Joined twice", "idempotencyKey": "merge",
    } });
    let token = app.token("shop", "test", "admin");
    let body = json!({ "query": MERGE, "variables": input });
    let (_, waiting) = app.send("/admin/graphql", Some(&token), &body).await;
    assert_eq!(waiting["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{waiting}");
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    old.merges_into(&ada).await.done();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    // The survivor's own timer stands, and nobody else's is left.
    let left = "SELECT COUNT(*) AS n FROM timers";
    assert_eq!(books::counted(&app, left).await, 1);
    books::assert_balanced(&app, 31).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_purchase_meanwhile_lands_at_one_of_them(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("first", "10.00").await.done();
    let (old_there, ada_there) = (old.at(&other), ada.at(&other));
    let orders: Vec<_> = (0..24).map(|order| format!("order-{order}")).collect();
    let people = [&old, &ada_there, &old_there, &ada].into_iter().cycle();
    let buys = join_all(orders.iter().zip(people).map(|(order, who)| who.buys(order, "1.00")));
    let keys: Vec<_> = (0..8).map(|key| format!("key-{key}")).collect();
    let spends = join_all(keys.iter().map(|key| old_there.is_given_under(-2, key)));
    let (merged, bought, spent) = tokio::join!(old.merges_into(&ada), buys, spends);
    merged.done();
    bought.into_iter().for_each(|one| drop(one.done()));
    let spent = spent.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    let left = 34 - 2 * i64::try_from(spent).unwrap();
    assert_eq!(ada.has().await, left);
    assert_eq!(ada.whole().await["statistics"]["purchases"], 25);
    books::assert_balanced(&app, left).await;
    books::assert_sound(&app, "shop").await;
}

async fn of_merges_there_and_back_at_once_one_happens(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "3.00").await.done();
    ada.buys("order-2", "4.00").await.done();
    let there = ada.at(&other);
    let (one, two, again) =
        tokio::join!(old.merges_into(&ada), there.merges_into(&old), old.merges_into(&ada));
    let done = [&one, &two].iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    assert_eq!(done, 1, "{one:?} {two:?}");
    assert_eq!(matches!(one, Outcome::Done(_)), matches!(again, Outcome::Done(_)));
    assert_eq!((old.has().await, ada.has().await), (7, 7));
    books::assert_balanced(&app, 7).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_merge_takes_three_statements(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    for order in 0..5 {
        old.buys(&format!("order-{order}"), "25.00").await.done();
    }
    ada.whole().await;
    sent.take();
    old.merges_into(&ada).await.done();
    assert_eq!(sent.take().len(), 3, "a look, a commit, and the survivor");
}
