//! Unmerging: two members who turned out to be two after all.

use crate::corrections::voids;
use crate::merging::{CAPTURE, UNMERGE};
use crate::referrals::refers;
use crate::support::on_both_databases;
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Outcome, Person, Sent, TestApp, TestDb, books};
use futures::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    what_came_with_a_merge_and_is_still_there_goes_back,
    what_is_owed_goes_back_as_far_as_it_still_is,
    holds_and_pending_points_go_back,
    whoever_came_along_goes_along,
    an_unmerge_is_done_once_and_only_of_who_is_merged,
    members_can_be_merged_again,
    a_purchase_while_unmerging_lands_at_one_of_them,
    an_unmerge_takes_three_statements,
    what_was_paid_with_the_points_of_another_is_paid_back_to_it,
    what_was_paid_with_the_points_of_who_came_by_way_of_another_is_paid_back_to_it,
    a_void_gives_back_to_whose_the_points_were,
    what_a_referral_paid_the_survivor_is_taken_from_it,
    a_key_that_both_had_used_answers_each,
    a_merge_is_taken_back_by_an_unmerge_and_not_by_a_void,
);

async fn a_merge_is_taken_back_by_an_unmerge_and_not_by_a_void(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    old.merges_into(&ada).await.done();
    old.unmerges("one").await.done();
    for merge in app.transactions("shop").await.iter().filter(|one| one.kind == "MERGE") {
        assert_snapshot!(
            voids(&ada, &merge.id).await.refused(),
            @"CANNOT_BE_VOIDED transactionId: a merge is not voided: unmergeMembers takes it back, as far as what came is still there"
        );
    }
    books::assert_balanced(&app, 30).await;
}

async fn what_came_with_a_merge_and_is_still_there_goes_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    old.buys("order-2", "4.00").await.done();
    ada.buys("order-3", "5.00").await.done();
    let before = (old.expires().await, ada.expires().await);
    old.merges_into(&ada).await.done();
    old.unmerges("one").await.done();
    assert_eq!((old.expires().await, ada.expires().await), before, "as if nothing had happened");
    assert_eq!((old.counts().await, ada.counts().await), ([34, 2, 34], [5, 1, 5]));
    assert_eq!(old.whole().await["tier"]["key"], "bronze");
    books::assert_sound(&app, "shop").await;
    old.merges_under(&ada, "again").await.done();
    // Out of those that expire first, which are the others'.
    ada.redeems("mug", "one").await.done();
    old.buys("order-4", "7.00").await.done();
    old.unmerges("two").await.done();
    // What was spent stays spent, and what came under the old name meanwhile stays.
    assert_eq!((old.counts().await, ada.counts().await), ([24, 2, 34], [12, 2, 12]));
    let whole = old.whole().await;
    assert_eq!(whole["purchases"]["nodes"].as_array().unwrap().len(), 2);
    books::assert_balanced(&app, 36).await;
    books::assert_sound(&app, "shop").await;
    // The purchase that had earned what was spent meanwhile comes back: its buyer owes.
    old.cancels_order("order-1").await;
    assert_eq!((old.counts().await, ada.counts().await), ([-6, 1, 4], [12, 2, 12]));
    old.buys("order-5", "8.00").await.done();
    books::assert_balanced(&app, 14).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_owed_goes_back_as_far_as_it_still_is(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for (number, (earned, back)) in [(0, [-10, 0]), (4, [-6, 0]), (13, [0, 3])].iter().enumerate() {
        let name = |of: &str| format!("{of}-{number}");
        let old = app.joins("shop", &name("old")).await;
        let ada = app.joins("shop", &name("ada")).await;
        old.buys(&name("order-1"), "14.00").await.done();
        old.redeems("mug", "one").await.done();
        old.cancels_order(&name("order-1")).await;
        if *earned > 0 {
            ada.buys(&name("order-2"), &format!("{earned}.00")).await.done();
        }
        old.merges_into(&ada).await.done();
        old.unmerges("one").await.done();
        assert_eq!([old.has().await, ada.has().await], *back, "{earned} points had paid");
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, -10 - 6 + 3).await;
}

async fn holds_and_pending_points_go_back(backend: Backend) {
    let waits = "[[earning_rules]]\nid = \"later\"\nname.en = \"Later\"\npoints = 5\n\
         pending = { days = 14 }\n";
    let source = sandbox_shop().replace("[tiers]", &format!("{waits}[tiers]"));
    let app = TestApp::idle(backend).await.with_program(&source).await;
    let (old, ada) = (app.joins("sandbox", "old").await, app.joins("sandbox", "ada").await);
    old.buys("order-1", "30.00").await.done();
    let kept = old.reserves_under(20, "kept").await;
    let captured = old.reserves_under(4, "captured").await;
    old.merges_into(&ada).await.done();
    let capture = json!({ "holdId": captured["id"], "points": 3 });
    app.does::<Value>("sandbox", CAPTURE, capture).await.done();
    let since = ada.reserves_under(2, "since").await;
    let refused = old.unmerges("one").await.refused().to_string();
    let expected =
        "CANNOT_BE_UNMERGED member: $ has reserved points that would go back: end it first";
    assert_eq!(refused, expected.replace('$', since["id"].as_str().unwrap()));
    let capture = json!({ "holdId": since["id"], "points": 2 });
    app.does::<Value>("sandbox", CAPTURE, capture).await.done();
    old.unmerges("one").await.done();
    let balance = old.whole().await["balance"].clone();
    let points = ["points", "held", "pending"].map(|of| balance[of].as_i64().unwrap());
    assert_eq!(points, [30 - 20 - 3 - 2, 20, 5]);
    let balance = ada.whole().await["balance"].clone();
    let points = ["points", "held", "pending"].map(|of| balance[of].as_i64().unwrap());
    assert_eq!(points, [0, 0, 0]);
    books::assert_sound(&app, "sandbox").await;
    assert_eq!(old.reserves_under(20, "kept").await, kept, "the same hold");
    assert_eq!(old.reserves_under(4, "captured").await, captured, "the same hold");
    app.advance_clock("sandbox", "2026-01-20T00:00:00Z").await;
    assert_eq!(old.has().await, 5 + 20 + 5);
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn whoever_came_along_goes_along(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let a = app.joins("shop", "a").await;
    let b = app.joins("shop", "b").await;
    let c = app.joins("shop", "c").await;
    for (person, total) in [(&a, "1.00"), (&b, "2.00"), (&c, "4.00")] {
        person.buys(&person.member.external_id, total).await.done();
    }
    a.merges_into(&b).await.done();
    b.merges_into(&c).await.done();
    b.unmerges("one").await.done();
    assert_eq!(a.whole().await["id"], json!(b.member.id), "still the other's");
    assert_eq!((b.counts().await, c.counts().await), ([3, 2, 3], [4, 1, 4]));
    books::assert_sound(&app, "shop").await;
    b.merges_under(&c, "again").await.done();
    a.unmerges("one").await.done();
    assert_eq!(b.whole().await["id"], json!(c.member.id));
    assert_eq!((a.counts().await, c.counts().await), ([1, 1, 1], [6, 2, 6]));
    b.unmerges("two").await.done();
    for (person, points) in [(&a, 1), (&b, 2), (&c, 4)] {
        assert_eq!(person.counts().await, [points, 1, points]);
    }
    books::assert_balanced(&app, 7).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_unmerge_is_done_once_and_only_of_who_is_merged(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    let mut refusals = vec![old.unmerges("one").await.refused().to_string()];
    old.merges_into(&ada).await.done();
    refusals.push(ada.unmerges("one").await.refused().to_string());
    let first = old.unmerges("one").await.done();
    assert_eq!(first["externalId"], "old");
    assert_eq!(old.unmerges("one").await.done(), first);
    refusals.push(old.unmerges("two").await.refused().to_string());
    let other = json!({
        "member": { "externalId": "old" }, "reason": "Another", "idempotencyKey": "one",
    });
    refusals.push(app.does::<Value>("shop", UNMERGE, other).await.refused().to_string());
    let nobody = json!({
        "member": { "externalId": "nobody" }, "reason": "r", "idempotencyKey": "one",
    });
    refusals.push(app.does::<Value>("shop", UNMERGE, nobody).await.refused().to_string());
    assert_snapshot!(refusals.join("\n"), @"
    CANNOT_BE_UNMERGED member: the member is not merged into another
    CANNOT_BE_UNMERGED member: the member is not merged into another
    CANNOT_BE_UNMERGED member: the member is not merged into another
    IDEMPOTENCY_KEY_REUSED idempotencyKey: `one` was used for a request with other arguments
    MEMBER_NOT_FOUND member: there is no such member in this program
    ");
    let events = app.admin(
        "shop",
        "query($id: ID!) { events(memberId: $id, first: 2) { nodes { name data } } }",
        json!({ "id": old.member.id }),
    );
    let events = events.await["events"]["nodes"].clone();
    assert_eq!(
        (&events[0]["name"], &events[1]["name"]),
        (&json!("tier-changed"), &json!("members-unmerged"))
    );
    assert_eq!(events[1]["data"]["otherMemberId"], ada.member.id);
}

async fn members_can_be_merged_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    ada.buys("order-2", "5.00").await.done();
    old.merges_into(&ada).await.done();
    old.unmerges("one").await.done();
    // The other way round.
    ada.merges_into(&old).await.done();
    assert_eq!(old.counts().await, [35, 2, 35]);
    books::assert_sound(&app, "shop").await;
    ada.unmerges("one").await.done();
    assert_eq!((old.counts().await, ada.counts().await), ([30, 1, 30], [5, 1, 5]));
    old.merges_under(&ada, "again").await.done();
    old.cancels_order("order-1").await;
    assert_eq!(ada.counts().await, [5, 1, 5]);
    books::assert_balanced(&app, 5).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_purchase_while_unmerging_lands_at_one_of_them(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("first", "10.00").await.done();
    ada.buys("second", "10.00").await.done();
    old.merges_into(&ada).await.done();
    let (old_there, ada_there) = (old.at(&other), ada.at(&other));
    let orders: Vec<_> = (0..24).map(|order| format!("order-{order}")).collect();
    let people = [&old, &ada_there, &old_there, &ada].into_iter().cycle();
    let buys = join_all(orders.iter().zip(people).map(|(order, who)| who.buys(order, "1.00")));
    let keys: Vec<_> = (0..4).map(|key| format!("key-{key}")).collect();
    let spends = join_all(keys.iter().map(|key| ada_there.is_given_under(-2, key)));
    let (unmerged, bought, spent) = tokio::join!(old.unmerges("one"), buys, spends);
    unmerged.done();
    bought.into_iter().for_each(|one| drop(one.done()));
    let spent = spent.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    let left = 44 - 2 * i64::try_from(spent).unwrap();
    let (of_old, of_ada) = (old.counts().await, ada.counts().await);
    assert_eq!(of_old[0] + of_ada[0], left);
    assert_eq!(of_old[1] + of_ada[1], 26);
    books::assert_balanced(&app, left).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_unmerge_takes_three_statements(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    for order in 0..5 {
        old.buys(&format!("order-{order}"), "25.00").await.done();
    }
    old.merges_into(&ada).await.done();
    sent.take();
    old.unmerges("one").await.done();
    assert_eq!(sent.take().len(), 3, "a look, a commit, and the member");
}

/// A point pays a euro.
fn paying() -> String {
    let payment =
        "points.payment = { points = 1, amount = \"1.00\" }\n[[earning_rules]]\nid = \"euro\"";
    SHOP.replace("[[earning_rules]]\nid = \"euro\"", payment)
}

async fn what_was_paid_with_the_points_of_another_is_paid_back_to_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying()).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("order-1", "30.00").await.done();
    ada.buys("order-2", "5.00").await.done();
    old.merges_into(&ada).await.done();
    let paid = json!({ "reference": "order-3", "total": "33.00", "payWith": { "points": 33 } });
    ada.reports(paid).await.done();
    old.unmerges("one").await.done();
    assert_eq!((old.has().await, ada.has().await), (0, 2));
    let half = json!({ "amount": "11.00" });
    ada.returns("order-3", "half", half).await.done();
    // What was taken last comes back first.
    assert_eq!((old.has().await, ada.has().await), (8, 2 + 3));
    books::assert_sound(&app, "shop").await;
    let rest = ada.returns_all("order-3").await;
    assert_eq!(rest.balance, 5, "of who has bought");
    assert_eq!((old.has().await, ada.has().await), (30, 5));
    books::assert_balanced(&app, 35).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_paid_with_the_points_of_who_came_by_way_of_another_is_paid_back_to_it(
    backend: Backend,
) {
    let app = TestApp::start(backend).await.with_program(&paying()).await;
    let (a, b) = (app.joins("shop", "a").await, app.joins("shop", "b").await);
    let (c, d) = (app.joins("shop", "c").await, app.joins("shop", "d").await);
    a.buys("order-1", "30.00").await.done();
    a.merges_into(&b).await.done();
    b.merges_into(&c).await.done();
    for (order, points) in [("order-2", 10), ("order-3", 20)] {
        let total = format!("{points}.00");
        let paid = json!({ "reference": order, "total": total, "payWith": { "points": points } });
        c.reports(paid).await.done();
    }
    b.unmerges("one").await.done();
    a.unmerges("one").await.done();
    c.returns_all("order-2").await;
    let has = async || [a.has().await, b.has().await, c.has().await, d.has().await];
    assert_eq!(has().await, [10, 0, 0, 0]);
    a.merges_under(&d, "again").await.done();
    c.returns_all("order-3").await;
    assert_eq!(has().await, [30, 0, 0, 30], "who is one with it has them");
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_void_gives_back_to_whose_the_points_were(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let other = app.joins("shop", "other").await;
    old.buys("order-1", "4.00").await.done();
    ada.buys("order-2", "9.00").await.done();
    old.merges_into(&ada).await.done();
    ada.redeems("mug", "one").await.done();
    old.unmerges("one").await.done();
    // Whose they are has gone on since.
    old.merges_under(&other, "other").await.done();
    let all = app.transactions("shop").await;
    let spend = all.into_iter().find(|one| one.kind == "SPEND").unwrap();
    let voided = voids(&ada, &spend.id).await.done();
    assert_eq!(voids(&ada, &spend.id).await.done(), voided, "a repeat");
    assert_eq!((other.has().await, ada.has().await), (4, 9));
    books::assert_balanced(&app, 13).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_a_referral_paid_the_survivor_is_taken_from_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let bob = refers(&old, "bob").await;
    old.merges_into(&ada).await.done();
    bob.buys("order-1", "10.00").await.done();
    assert_eq!(ada.has().await, 50);
    old.unmerges("one").await.done();
    bob.returns_all("order-1").await;
    assert_eq!((old.has().await, ada.has().await, bob.has().await), (0, 0, 0));
    bob.buys("order-2", "10.00").await.done();
    assert_eq!((old.has().await, ada.has().await, bob.has().await), (50, 0, 35));
    books::assert_balanced(&app, 85).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_key_that_both_had_used_answers_each(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let of_old = old.is_given_under(10, "key").await.done();
    let of_ada = ada.is_given_under(20, "key").await.done();
    let mug_of_old = old.redeems_mug_under("mug").await;
    let mug_of_ada = ada.redeems_mug_under("mug").await;
    old.merges_into(&ada).await.done();
    assert_eq!(old.is_given_under(10, "key").await.done(), of_old);
    assert_eq!(ada.is_given_under(20, "key").await.done(), of_ada);
    assert_eq!(old.redeems_mug_under("mug").await, mug_of_old);
    assert_eq!(ada.redeems_mug_under("mug").await, mug_of_ada);
    let refused = old.is_given_under(20, "key").await.refused();
    assert_eq!(refused.code, "IDEMPOTENCY_KEY_REUSED");
    books::assert_balanced(&app, 10).await;
}

impl Person<'_> {
    /// By its external id, as an operator; returns the redemption.
    async fn redeems_mug_under(&self, key: &str) -> Value {
        let text = "mutation($input: RedeemRewardInput!) { redeemReward(input: $input) { \
             redemption { id } userErrors { code message field } } }";
        let input = json!({
            "member": { "externalId": self.member.external_id }, "rewardKey": "mug",
            "idempotencyKey": key,
        });
        self.app.does::<Value>(self.program, text, input).await.done()
    }
}
