//! Transfers: points that members give to each other, with the dates that they have.

use crate::corrections::voids;
use crate::support::on_both_databases;
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Outcome, Person, Sent, TestApp, TestDb, Transaction, books};
use futures::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_day_of_a_merged_member_is_a_day_of_the_survivor,
    what_one_gives_the_other_has_in_the_same_commit,
    points_expire_when_they_would_have_expired,
    what_was_given_away_is_owed_when_its_purchase_comes_back,
    what_comes_pays_what_is_owed_first,
    a_transfer_is_done_once_for_each_key,
    members_give_what_the_program_allows,
    nobody_sees_who_the_other_is,
    what_makes_no_sense_is_refused,
    whatever_happens_at_once_no_point_is_made_or_lost,
    a_transfer_takes_three_statements,
);

const TRANSFER: &str = "mutation($input: TransferPointsInput!) { transferPoints(input: $input) { \
     sent { id kind points effectiveAt } userErrors { code message field } } }";
const GIVE: &str = "mutation($input: TransferPointsInput!) { transferPoints(input: $input) { \
     transaction { id kind points effectiveAt } userErrors { code message field } } }";
const MONTHLY: &str = "\n[transfers]\nmin = 2\nmax = 8\nmax_per_day = 10\n";

impl Person<'_> {
    /// An operator transfers points of the member.
    async fn transfers(&self, to: &Self, points: i64, key: &str) -> Outcome<Transaction> {
        let input = json!({
            "from": { "externalId": self.member.external_id }, "to": { "id": to.member.id },
            "points": points, "reason": "For your birthday", "idempotencyKey": key,
        });
        self.app.does(self.program, TRANSFER, input).await
    }

    /// The member transfers points itself.
    async fn gives(&self, code: &str, points: i64, key: &str) -> Outcome<Transaction> {
        let input = json!({
            "toReferralCode": code, "points": points, "reason": "For your birthday",
            "idempotencyKey": key,
        });
        Outcome::of(self.asks(GIVE, json!({ "input": input })).await)
    }

    /// When the member's points expire, each with how many.
    async fn expiries(&self) -> Value {
        let me = self.asks("{ me { balance { expiring { at points } } } }", Value::Null).await;
        me["me"]["balance"]["expiring"].clone()
    }
}

async fn a_day_of_a_merged_member_is_a_day_of_the_survivor(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{MONTHLY}")).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let bob = app.joins("shop", "bob").await;
    old.buys("order-1", "30.00").await.done();
    old.gives(&bob.member.referral_code, 8, "one").await.done();
    old.merges_into(&ada).await.done();
    let refused = ada.gives(&bob.member.referral_code, 3, "two").await.refused();
    assert_eq!(refused.code, "TRANSFER_NOT_ALLOWED");
    ada.gives(&bob.member.referral_code, 2, "three").await.done();
    assert_eq!((ada.points().await, bob.points().await), (20, 10));
}

async fn what_one_gives_the_other_has_in_the_same_commit(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "25.00").await.done();
    let sent = ada.transfers(&bob, 10, "gift").await.done();
    assert_eq!((sent.kind.as_str(), sent.points), ("TRANSFER", -10));
    assert_eq!((ada.points().await, bob.points().await), (15, 10));
    let query = "query($id: ID!) { events(memberId: $id, first: 1) { nodes { name data } } \
         transactions(memberId: $id, first: 1) { nodes { id kind points \
         otherMember { id } otherTransactionId cause { ... on TransferCause { reason } } } } }";
    let of = async |person: &Person<'_>| {
        let found = app.admin("shop", query, json!({ "id": person.member.id })).await;
        (found["events"]["nodes"][0].clone(), found["transactions"]["nodes"][0].clone())
    };
    let ((out_event, out), (in_event, got)) = (of(&ada).await, of(&bob).await);
    assert_eq!((&got["kind"], &got["points"]), (&json!("TRANSFER"), &json!(10)));
    for (event, side, other) in [(out_event, &out, &got), (in_event, &got, &out)] {
        assert_eq!(event["name"], "points-transferred");
        assert_eq!(event["data"]["points"], side["points"]);
        assert_eq!(event["data"]["otherTransactionId"], other["id"]);
        assert_eq!(side["otherTransactionId"], other["id"]);
    }
    assert_eq!(out["otherMember"]["id"], json!(bob.member.id));
    assert_eq!(got["otherMember"]["id"], json!(ada.member.id));
    let standing = "{ me { tier { key } statistics { pointsEarned purchases } } }";
    let me = bob.asks(standing, Value::Null).await;
    let expected = json!({ "pointsEarned": 0, "purchases": 0 });
    assert_eq!((&me["me"]["tier"], &me["me"]["statistics"]), (&Value::Null, &expected));
    books::assert_balanced(&app, 25).await;
    books::assert_sound(&app, "shop").await;
}

async fn points_expire_when_they_would_have_expired(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&sandbox_shop()).await;
    let (ada, bob) = (app.joins("sandbox", "ada").await, app.joins("sandbox", "bob").await);
    for (order, month) in [("order-1", "02"), ("order-2", "03"), ("order-3", "03")] {
        books::set_test_clock(&app, &format!("2026-{month}-01T00:00:00Z")).await;
        ada.buys(order, "10.00").await.done();
    }
    bob.buys("order-4", "10.00").await.done();
    ada.transfers(&bob, 25, "gift").await.done();
    let (first, later) = ("2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z");
    assert_eq!(ada.expiries().await, json!([{ "at": later, "points": 5 }]));
    let expected = json!([{ "at": first, "points": 10 }, { "at": later, "points": 25 }]);
    assert_eq!(bob.expiries().await, expected);
    // There and back makes nothing last longer.
    bob.transfers(&ada, 20, "back").await.done();
    books::set_test_clock(&app, "2027-02-01T00:00:00Z").await;
    assert_eq!((ada.points().await, bob.points().await), (15, 15));
    bob.redeems("mug", "one").await.done();
    books::assert_balanced(&app, 30 - 10 + 10).await;
    app.advance_clock("sandbox", "2027-03-01T00:00:00Z").await;
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn what_was_given_away_is_owed_when_its_purchase_comes_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "25.00").await.done();
    ada.transfers(&bob, 20, "gift").await.done();
    let back = "mutation { recordReturn(input: { purchase: { reference: \"order-1\" }, \
         reference: \"r\", what: { everything: true } }) { userErrors { code } } }";
    app.admin("shop", back, Value::Null).await;
    assert_eq!((ada.points().await, bob.points().await), (-20, 20));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_pays_what_is_owed_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "20.00").await.done();
    ada.redeems("mug", "one").await.done();
    ada.buys("order-2", "20.00").await.done();
    bob.buys("order-3", "12.00").await.done();
    bob.redeems("mug", "two").await.done();
    let back = "mutation { recordReturn(input: { purchase: { reference: \"order-3\" }, \
         reference: \"r\", what: { everything: true } }) { userErrors { code } } }";
    app.admin("shop", back, Value::Null).await;
    assert_eq!(bob.points().await, -10);
    let refused = bob.transfers(&ada, 1, "none").await.refused();
    assert_eq!(refused.to_string(), "INSUFFICIENT_POINTS: 1 points are needed, the balance is -10");
    // Out of two lots of hers: the first pays, and of the other there is something left.
    ada.transfers(&bob, 15, "help").await.done();
    assert_eq!((ada.points().await, bob.points().await), (15, 5));
    books::assert_balanced(&app, 20).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_transfer_is_done_once_for_each_key(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "25.00").await.done();
    let other = TestApp::beside(&app).await;
    let there = ada.at(&other);
    let people = [&ada, &there].into_iter().cycle().take(10);
    let sent = join_all(people.map(|person| person.transfers(&bob, 5, "gift"))).await;
    let sent: Vec<_> = sent.into_iter().map(Outcome::done).collect();
    assert!(sent.iter().all(|one| *one == sent[0]), "all get the first answer");
    assert_eq!((ada.points().await, bob.points().await), (20, 5));
    let refused = ada.transfers(&bob, 6, "gift").await.refused();
    assert_eq!(refused.code, "IDEMPOTENCY_KEY_REUSED");
    // The key is the sender's.
    bob.transfers(&ada, 5, "gift").await.done();
    assert_eq!((ada.points().await, bob.points().await), (25, 0));
    let refused = voids(&ada, &sent[0].id).await.refused();
    assert_snapshot!(refused, @"CANNOT_BE_VOIDED transactionId: a transfer is not voided: transfer the points back, as far as they are there");
    books::assert_balanced(&app, 25).await;
}

async fn members_give_what_the_program_allows(backend: Backend) {
    let source = format!("{}{MONTHLY}", sandbox_shop());
    let app = TestApp::idle(backend).await.with_program(&source).await;
    let app = app.with_program(SHOP).await;
    let (ada, bob) = (app.joins("sandbox", "ada").await, app.joins("sandbox", "bob").await);
    ada.buys("order-1", "90.00").await.done();
    let code = bob.member.referral_code.clone();
    // 23:30 in Berlin.
    books::set_test_clock(&app, "2026-05-31T21:30:00Z").await;
    ada.transfers(&bob, 50, "by-operator").await.done();
    let first = ada.gives(&code.to_lowercase(), 8, "first").await.done();
    assert_eq!(first.points, -8);
    let mut refusals = Vec::new();
    for points in [1, 9, 3] {
        refusals.push(ada.gives(&code, points, "more").await.refused().to_string());
    }
    ada.gives(&code, 2, "second").await.done();
    assert_eq!(ada.gives(&code.to_lowercase(), 8, "first").await.done(), first, "a repeat");
    refusals.push(ada.gives(&code, 2, "third").await.refused().to_string());
    books::set_test_clock(&app, "2026-05-31T22:00:00Z").await;
    ada.gives(&code, 8, "tomorrow").await.done();
    refusals.push(ada.gives(&ada.member.referral_code, 2, "self").await.refused().to_string());
    refusals.push(ada.gives("NOBODY", 2, "nobody").await.refused().to_string());
    let eve = app.joins("shop", "eve").await;
    refusals.push(eve.gives(&code, 2, "no").await.refused().to_string());
    refusals.push(eve.gives(&eve.member.referral_code, 2, "no").await.refused().to_string());
    let fay = app.joins("shop", "fay").await;
    refusals.push(eve.gives(&fay.member.referral_code, 2, "no").await.refused().to_string());
    assert_snapshot!(refusals.join("\n"), @"
    TRANSFER_NOT_ALLOWED points: at least 2 points are transferred at once
    TRANSFER_NOT_ALLOWED points: at most 8 points are transferred at once
    TRANSFER_NOT_ALLOWED points: at most 10 points are transferred on one day, and 8 were today
    TRANSFER_NOT_ALLOWED points: at most 10 points are transferred on one day, and 10 were today
    INVALID_INPUT toReferralCode: is the member itself: name another
    REFERRAL_CODE_UNKNOWN toReferralCode: nobody has this referral code
    REFERRAL_CODE_UNKNOWN toReferralCode: nobody has this referral code
    INVALID_INPUT toReferralCode: is the member itself: name another
    TRANSFER_NOT_ALLOWED: members of this program do not transfer points themselves
    ");
    assert_eq!((ada.points().await, bob.points().await), (22, 68));
    books::assert_balanced(&app, 90).await;
}

async fn nobody_sees_who_the_other_is(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}\n[transfers]\n")).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "25.00").await.done();
    ada.gives(&bob.member.referral_code, 10, "gift").await.done();
    let query = "{ me { transactions(first: 1) { nodes { points \
         cause { ... on TransferCause { reason revision } } } } } }";
    for (person, points) in [(&ada, -10), (&bob, 10)] {
        let me = person.asks(query, Value::Null).await;
        let cause = json!({ "reason": "For your birthday", "revision": 1 });
        let expected = json!({ "points": points, "cause": cause });
        assert_eq!(me["me"]["transactions"]["nodes"][0], expected);
    }
}

async fn what_makes_no_sense_is_refused(backend: Backend) {
    let status = "[[point_types]]\nid = \"status\"\nname.en = \"Status\"\nspendable = false\n";
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{status}")).await;
    app.joins("shop", "ada").await.buys("order-1", "25.00").await.done();
    app.joins("shop", "bob").await;
    let sound = json!({
        "from": { "externalId": "ada" }, "to": { "externalId": "bob" }, "points": 5,
        "reason": "r", "idempotencyKey": "k",
    });
    let mut refusals = Vec::new();
    for (field, value) in [
        ("from", json!({ "externalId": "nobody" })),
        ("to", json!({ "externalId": "nobody" })),
        ("to", json!({ "id": "mem_00000000000000000000000000" })),
        ("to", json!({ "id": "bob" })),
        ("to", json!({ "externalId": " " })),
        ("to", json!({ "externalId": "ada" })),
        ("points", json!(0)),
        ("points", json!(-5)),
        ("points", json!(26)),
        ("pointType", json!("status")),
        ("pointType", json!("none")),
        ("reason", json!("")),
        ("idempotencyKey", json!("")),
    ] {
        let mut input = sound.clone();
        input[field] = value;
        let refused = app.does::<Transaction>("shop", TRANSFER, input).await.refused();
        refusals.push(refused.to_string());
    }
    assert_snapshot!(refusals.join("\n"), @"
    MEMBER_NOT_FOUND from: there is no such member in this program
    MEMBER_NOT_FOUND to: there is no such member in this program
    MEMBER_NOT_FOUND to: there is no such member in this program
    INVALID_ID to.id: `bob` is not a member id
    INVALID_INPUT to: use 1 to 128 printable characters, without space around them
    INVALID_INPUT to: is the member itself: name another
    INVALID_INPUT points: use a number above zero
    INVALID_INPUT points: use a number above zero
    INSUFFICIENT_POINTS: 26 points are needed, the balance is 25
    INVALID_INPUT pointType: status cannot be spent: they only count
    POINT_TYPE_NOT_FOUND pointType: the program has no points of the type `none`
    INVALID_INPUT reason: use 1 to 200 printable characters, without space around them
    INVALID_INPUT idempotencyKey: use 1 to 128 printable characters, without space around them
    ");
    books::assert_balanced(&app, 25).await;
}

async fn whatever_happens_at_once_no_point_is_made_or_lost(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "50.00").await.done();
    bob.buys("order-2", "50.00").await.done();
    let (ada_there, bob_there) = (ada.at(&other), bob.at(&other));
    let keys: Vec<_> = (0..20).map(|key| format!("key-{key}")).collect();
    let there = keys.iter().map(|key| ada.transfers(&bob_there, 7, key));
    let back = keys.iter().map(|key| bob_there.transfers(&ada_there, 11, key));
    let spent = keys.iter().take(4).map(|key| ada_there.redeems("mug", key));
    let (there, back, spent) = tokio::join!(join_all(there), join_all(back), join_all(spent));
    let count = |done: &[Outcome<Transaction>]| -> i64 {
        done.iter().map(|one| i64::from(matches!(one, Outcome::Done(_)))).sum()
    };
    let mugs: i64 = spent.iter().map(|one| i64::from(matches!(one, Outcome::Done(_)))).sum();
    let moved = 11 * count(&back) - 7 * count(&there);
    assert_eq!(ada.points().await, 50 + moved - 10 * mugs);
    assert_eq!(bob.points().await, 50 - moved);
    assert!(ada.points().await >= 0 && bob.points().await >= 0);
    books::assert_balanced(&app, 100 - 10 * mugs).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_transfer_takes_three_statements(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(&format!("{SHOP}\n[transfers]\n")).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-1", "25.00").await.done();
    let code = bob.member.referral_code.clone();
    ada.gives(&code, 1, "before").await.done();
    sent.take();
    ada.transfers(&bob, 1, "by-operator").await.done();
    assert_eq!(sent.take().len(), 3, "a look, a commit, and what was written");
    ada.gives(&code, 1, "gift").await.done();
    assert_eq!(sent.take().len(), 3);
}
