//! Since when a membership holds, and on which terms: at any instant a person accrues to one group at
//! the most, and a purchase that is reported late goes where it would have gone in time.

use super::{by_member, group};
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use futures::future::{join, join_all};
use serde_json::{Value, json};

on_both_databases!(
    an_accrual_counts_from_when_it_was_given,
    an_accrual_of_the_past_is_in_nobodys_way,
    a_forgotten_joined_at_is_put_right,
    what_joined_at_cannot_be_is_refused,
    who_leaves_has_done_nothing_for_the_group_afterwards,
    an_accrual_is_changed_a_hundred_times_at_the_most,
    what_was_bought_before_a_merge_accrues_as_it_did_then,
);

/// A sandbox of this name at the start of 2026.
async fn sandbox(backend: Backend) -> TestApp {
    let program = sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"");
    TestApp::start(backend).await.with_program(&program).await
}

impl Person<'_> {
    /// Whose account gets a purchase that was made then: external ids.
    async fn goes_to(&self, at: &str, groups: &[&Self]) -> Vec<String> {
        let reference = format!("{}-{at}-{}", self.member.external_id, self.references().await);
        let order = json!({ "reference": reference, "total": "10.00", "purchasedAt": at });
        let receipt = self.accrues(order).await.done();
        let name = |(id, _): (String, i64)| {
            let of = groups.iter().copied().chain([self]).find(|one| one.member.id == id);
            of.unwrap().member.external_id.clone()
        };
        by_member(&receipt, "pointsEarned").into_iter().map(name).collect()
    }

    async fn references(&self) -> usize {
        self.all().await["purchases"]["nodes"].as_array().unwrap().len()
    }

    async fn changes_to(&self, group: &Self, accrual: &str) -> Value {
        self.ties_with("changeMembership", group, json!({ "accrual": accrual })).await.done()
    }

    async fn joined(
        &self,
        group: &Self,
        accrual: &str,
        at: &str,
    ) -> crate::support::Outcome<Value> {
        self.ties_with("joinGroup", group, json!({ "accrual": accrual, "joinedAt": at })).await
    }
}

async fn an_accrual_counts_from_when_it_was_given(backend: Backend) {
    let app = sandbox(backend).await;
    let (first, second) =
        (group(&app, "first", "HOUSEHOLD").await, group(&app, "second", "HOUSEHOLD").await);
    let groups = [&first, &second];
    let ada = app.joins("shop", "ada").await;
    ada.belongs_to(&first, "BOTH", false).await.done();
    ada.belongs_to(&second, "MEMBER", false).await.done();
    app.advance_clock("shop", "2026-01-05T00:00:00Z").await;
    ada.leaves(&first).await.done();
    let changed = ada.changes_to(&second, "GROUP").await;
    assert_eq!(changed["joinedAt"], "2025-12-31T23:00:00Z", "she belongs since");
    app.advance_clock("shop", "2026-01-09T00:00:00Z").await;
    ada.changes_to(&second, "BOTH").await;
    app.advance_clock("shop", "2026-01-12T00:00:00Z").await;
    ada.changes_to(&second, "MEMBER").await;
    app.advance_clock("shop", "2026-01-20T00:00:00Z").await;
    for (at, whose) in [
        ("2026-01-02T00:00:00Z", vec!["ada", "first"]),
        ("2026-01-05T00:00:00Z", vec!["second"]),
        ("2026-01-08T23:59:59Z", vec!["second"]),
        ("2026-01-09T00:00:00Z", vec!["ada", "second"]),
        ("2026-01-12T00:00:00Z", vec!["ada"]),
        ("2026-01-19T00:00:00Z", vec!["ada"]),
    ] {
        assert_eq!(ada.goes_to(at, &groups).await, whose, "{at}");
    }
    ada.leaves(&second).await.done();
    assert_eq!(ada.goes_to("2026-01-08T00:00:00Z", &groups).await, ["second"], "it was so then");
    books::assert_sound(&app, "shop").await;
}

async fn an_accrual_of_the_past_is_in_nobodys_way(backend: Backend) {
    let app = sandbox(backend).await;
    let (first, second) =
        (group(&app, "first", "HOUSEHOLD").await, group(&app, "second", "HOUSEHOLD").await);
    let ada = app.joins("shop", "ada").await;
    ada.belongs_to(&first, "GROUP", false).await.done();
    app.advance_clock("shop", "2026-01-05T00:00:00Z").await;
    ada.changes_to(&first, "MEMBER").await;
    app.advance_clock("shop", "2026-01-09T00:00:00Z").await;
    // She still belongs to the first, and accrued to it until the 5th.
    let refused = ada.joined(&second, "GROUP", "2026-01-03T00:00:00Z").await.refused();
    assert_eq!(refused.code, "INVALID_INPUT", "{refused}");
    assert!(refused.message.contains("2026-01-05T00:00:00Z"), "{refused}");
    ada.joined(&second, "GROUP", "2026-01-05T00:00:00Z").await.done();
    for (at, whose) in [("2026-01-04T23:00:00Z", "first"), ("2026-01-05T00:00:00Z", "second")] {
        assert_eq!(ada.goes_to(at, &[&first, &second]).await, [whose], "{at}");
    }
    let refused = ada.ties_with("changeMembership", &first, json!({ "accrual": "BOTH" })).await;
    assert_eq!(refused.refused().code, "ACCRUES_ELSEWHERE");
}

async fn a_forgotten_joined_at_is_put_right(backend: Backend) {
    let app = sandbox(backend).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let joined = ada.belongs_to(&home, "GROUP", false).await.done();
    assert_eq!(ada.goes_to("2025-12-20T00:00:00Z", &[&home]).await, ["ada"]);
    let earlier = ada.joined(&home, "GROUP", "2025-12-01T00:00:00Z").await.done();
    assert_eq!(earlier["joinedAt"], "2025-12-01T00:00:00Z");
    assert_eq!((&earlier["id"], &earlier["leftAt"]), (&joined["id"], &Value::Null));
    let again = ada.joined(&home, "GROUP", "2025-12-01T00:00:00Z").await.done();
    assert_eq!(again, earlier, "a repeat");
    assert_eq!(ada.belongs_to(&home, "GROUP", false).await.done(), earlier, "of the first, too");
    assert_eq!(ada.goes_to("2025-12-20T00:00:00Z", &[&home]).await, ["home"]);
    assert_eq!(ada.goes_to("2025-11-30T00:00:00Z", &[&home]).await, ["ada"]);
    // What the person belonged on then reaches back, not what was changed since.
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    ada.changes_to(&home, "MEMBER").await;
    ada.joined(&home, "MEMBER", "2025-11-01T00:00:00Z").await.done();
    assert_eq!(ada.goes_to("2025-11-15T00:00:00Z", &[&home]).await, ["home"]);
    assert_eq!(ada.goes_to("2026-02-01T00:00:00Z", &[&home]).await, ["ada"]);
    books::assert_sound(&app, "shop").await;
}

async fn what_joined_at_cannot_be_is_refused(backend: Backend) {
    let app = sandbox(backend).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let ada = app.joins("shop", "ada").await;
    ada.joined(&firm, "GROUP", "2025-10-01T00:00:00Z").await.done();
    ada.leaves(&firm).await.done();
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    ada.belongs_to(&home, "GROUP", false).await.done();
    let later = ada.joined(&home, "GROUP", "2026-02-01T00:00:00Z").await.done();
    assert_eq!(later["joinedAt"], "2026-02-01T00:00:00Z");
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    let later = ada.joined(&home, "GROUP", "2026-02-15T00:00:00Z").await.refused();
    assert_eq!(
        (later.code.as_str(), later.field),
        ("MEMBERSHIP_EXISTS", Some(vec!["joinedAt".to_owned()]))
    );
    assert!(later.message.contains("since 2026-02-01T00:00:00Z"), "{}", later.message);
    let terms = ada.joined(&home, "BOTH", "2026-02-01T00:00:00Z").await.refused();
    assert_eq!(
        (terms.code.as_str(), terms.field),
        ("MEMBERSHIP_EXISTS", Some(vec!["person".to_owned()]))
    );
    assert!(terms.message.contains("other terms: GROUP, may not spend"), "{}", terms.message);
    let elsewhere = ada.joined(&home, "GROUP", "2025-12-01T00:00:00Z").await.refused();
    assert_eq!(elsewhere.code, "INVALID_INPUT", "she accrued to the firm then");
    ada.joined(&home, "GROUP", "2026-01-15T00:00:00Z").await.done();
    ada.leaves(&home).await.done();
    ada.belongs_to(&home, "MEMBER", false).await.done();
    let before = ada.joined(&home, "MEMBER", "2026-02-15T00:00:00Z").await.refused();
    assert_eq!(before.code, "INVALID_INPUT", "she belonged to it until the 1st of March");
    let future = ada.joined(&home, "MEMBER", "2026-05-01T00:00:00Z").await.refused();
    assert_eq!(future.code, "FUTURE_INSTANT");
}

/// Many who buy while they leave, which is decided again and again.
async fn who_leaves_has_done_nothing_for_the_group_afterwards(backend: Backend) {
    const DONE: &str = "query($of: String!) { member(externalId: $of) { \
         groups(ended: true) { nodes { leftAt } } \
         purchases { nodes { purchasedAt accruals { memberId } } } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let mut people = Vec::new();
    for number in 0..24 {
        let person = app.joins("shop", &format!("person-{number}")).await;
        person.belongs_to(&home, "GROUP", false).await.done();
        people.push(person);
    }
    let all = people.iter().map(async |person| {
        let buys = (0..3).map(async |number| {
            person.buys(&format!("{}-{number}", person.member.external_id), "9.00").await.done();
        });
        join(join_all(buys), person.leaves(&home)).await.1.done();
    });
    join_all(all).await;
    for person in &people {
        let done = app.admin("shop", DONE, json!({ "of": person.member.external_id })).await;
        let instant = |of: &Value| of.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let left_at = instant(&done["member"]["groups"]["nodes"][0]["leftAt"]);
        for purchase in done["member"]["purchases"]["nodes"].as_array().unwrap() {
            let is_groups = purchase["accruals"][0]["memberId"] == json!(home.member.id);
            let at = instant(&purchase["purchasedAt"]);
            assert!(!is_groups || at < left_at, "{at} is the group's, which was left at {left_at}");
        }
    }
    books::assert_sound(&app, "shop").await;
}

async fn an_accrual_is_changed_a_hundred_times_at_the_most(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "MEMBER", false).await.done();
    for number in 0..100 {
        ada.changes_to(&home, if number % 2 == 0 { "BOTH" } else { "GROUP" }).await;
    }
    let terms = json!({ "accrual": "MEMBER" });
    let refused = ada.ties_with("changeMembership", &home, terms).await.refused();
    assert_eq!(
        (refused.code.as_str(), refused.field),
        ("TOO_MANY", Some(vec!["accrual".to_owned()]))
    );
    ada.ties_with("changeMembership", &home, json!({ "maySpend": true })).await.done();
    ada.leaves(&home).await.done();
    ada.belongs_to(&home, "MEMBER", false).await.done();
    assert_eq!(ada.changes_to(&home, "BOTH").await["accrual"], "BOTH");
}

async fn what_was_bought_before_a_merge_accrues_as_it_did_then(backend: Backend) {
    let app = sandbox(backend).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let groups = [&home, &firm];
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&firm, "GROUP", false).await.done();
    app.advance_clock("shop", "2026-01-05T00:00:00Z").await;
    ada.belongs_to(&home, "BOTH", false).await.done();
    app.advance_clock("shop", "2026-01-09T00:00:00Z").await;
    old.is_merged_into(&ada).await;
    app.advance_clock("shop", "2026-01-20T00:00:00Z").await;
    for (at, whose) in [
        ("2026-01-02T00:00:00Z", vec!["firm"]),
        ("2026-01-06T00:00:00Z", vec!["ada", "home"]),
        ("2026-01-10T00:00:00Z", vec!["ada", "home"]),
    ] {
        assert_eq!(ada.goes_to(at, &groups).await, whose, "{at}");
    }
    // What is said of it since is for what is bought from then on.
    ada.changes_to(&home, "MEMBER").await;
    ada.changes_to(&firm, "GROUP").await;
    app.advance_clock("shop", "2026-01-22T00:00:00Z").await;
    for (at, whose) in [
        ("2026-01-03T00:00:00Z", vec!["firm"]),
        ("2026-01-11T00:00:00Z", vec!["ada", "home"]),
        ("2026-01-21T00:00:00Z", vec!["firm"]),
    ] {
        assert_eq!(ada.goes_to(at, &groups).await, whose, "{at}");
    }
    books::assert_sound(&app, "shop").await;
}
