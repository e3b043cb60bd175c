//! What is ended or changed of memberships while two are one stays so when they are two again.

use super::group;
use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    who_was_taken_out_while_merged_stays_out,
    a_right_that_was_taken_while_merged_stays_taken,
    who_left_a_merged_group_has_left_both,
    whom_nobody_touched_is_back,
    an_accrual_that_was_changed_while_merged_stays_changed,
    who_was_taken_out_after_several_merges_stays_out,
    two_people_of_two_groups_are_two_of_two_again,
);

const TERMS: &str = "query($of: String!) { member(externalId: $of) { groups { nodes { \
     group { externalId } accrual maySpend } } } }";

impl Person<'_> {
    /// The groups of a person, each with the terms.
    async fn terms(&self) -> Vec<String> {
        let found = self.app.admin(self.program, TERMS, json!({ "of": self.member.external_id }));
        let found = found.await["member"]["groups"]["nodes"].clone();
        let of = |node: &Value| {
            let spends = if node["maySpend"] == json!(true) { " spends" } else { "" };
            let (name, accrual) = (&node["group"]["externalId"], &node["accrual"]);
            format!("{} {}{spends}", name.as_str().unwrap(), accrual.as_str().unwrap())
        };
        let mut terms: Vec<_> = found.as_array().unwrap().iter().map(of).collect();
        terms.sort();
        terms
    }

    async fn has_terms(&self, group: &Self, terms: Value) {
        self.ties_with("changeMembership", group, terms).await.done();
    }
}

/// Two people of one household, of whom the first may spend.
async fn two(app: &TestApp) -> [Person<'_>; 3] {
    let home = group(app, "home", "HOUSEHOLD").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    ada.belongs_to(&home, "BOTH", false).await.done();
    [home, old, ada]
}

const NONE: [&str; 0] = [];

async fn who_was_taken_out_while_merged_stays_out(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, old, ada] = two(&app).await;
    old.is_merged_into(&ada).await;
    ada.leaves(&home).await.done();
    old.is_parted().await;
    assert_eq!((old.terms().await, ada.terms().await), (Vec::new(), Vec::new()));
    old.belongs_to(&home, "GROUP", false).await.done();
    assert_eq!(old.terms().await, ["home GROUP"], "who joins again belongs again");
    books::assert_sound(&app, "shop").await;
}

async fn a_right_that_was_taken_while_merged_stays_taken(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, old, ada] = two(&app).await;
    old.is_merged_into(&ada).await;
    // It is what the survivor has already: the other one's right is taken all the same.
    ada.has_terms(&home, json!({ "maySpend": false })).await;
    old.is_parted().await;
    assert_eq!(
        (old.terms().await, ada.terms().await),
        (vec!["home GROUP".into()], vec!["home BOTH".into()])
    );
    old.has_terms(&home, json!({ "maySpend": true })).await;
    // The other way round: what was given to the one that they were is the survivor's.
    ada.is_merged_into(&old).await;
    old.has_terms(&home, json!({ "maySpend": false })).await;
    old.has_terms(&home, json!({ "maySpend": true })).await;
    ada.is_parted().await;
    let expected = (vec!["home GROUP spends".to_owned()], vec!["home BOTH".to_owned()]);
    assert_eq!((old.terms().await, ada.terms().await), expected);
}

async fn who_left_a_merged_group_has_left_both(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (first, home) =
        (group(&app, "first", "HOUSEHOLD").await, group(&app, "home", "HOUSEHOLD").await);
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    for person in [&ada, &bob] {
        person.belongs_to(&first, "MEMBER", true).await.done();
        person.belongs_to(&home, "MEMBER", true).await.done();
    }
    first.is_merged_into(&home).await;
    ada.leaves(&home).await.done();
    bob.has_terms(&home, json!({ "maySpend": false })).await;
    first.is_parted().await;
    assert_eq!(ada.terms().await, NONE);
    assert_eq!(bob.terms().await, ["first MEMBER", "home MEMBER"]);
}

async fn whom_nobody_touched_is_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, old, ada] = two(&app).await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    ada.belongs_to(&firm, "MEMBER", false).await.done();
    old.is_merged_into(&ada).await;
    // Another group, and another person of the same one, are none of theirs.
    ada.leaves(&firm).await.done();
    let bob = app.joins("shop", "bob").await;
    bob.belongs_to(&home, "MEMBER", true).await.done();
    bob.leaves(&home).await.done();
    old.is_parted().await;
    assert_eq!(
        (old.terms().await, ada.terms().await),
        (vec!["home GROUP spends".into()], vec!["home BOTH".into()])
    );
}

async fn an_accrual_that_was_changed_while_merged_stays_changed(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    ada.belongs_to(&firm, "BOTH", false).await.done();
    old.is_merged_into(&ada).await;
    assert_eq!(ada.terms().await, ["firm BOTH", "home MEMBER spends"]);
    ada.has_terms(&home, json!({ "maySpend": false })).await;
    old.is_parted().await;
    assert_eq!(old.terms().await, ["home GROUP"], "of the accrual nobody said anything");
    old.has_terms(&home, json!({ "accrual": "MEMBER" })).await;
    old.has_terms(&home, json!({ "accrual": "GROUP" })).await;
    ada.is_merged_into(&old).await;
    // Said of the one person that they are: what she buys accrues to the firm no longer.
    old.has_terms(&firm, json!({ "accrual": "MEMBER" })).await;
    ada.is_parted().await;
    assert_eq!(
        (ada.terms().await, old.terms().await),
        (vec!["firm MEMBER".into()], vec!["home GROUP".into()])
    );
}

async fn who_was_taken_out_after_several_merges_stays_out(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let [home, old, ada] = two(&app).await;
    let eve = app.joins("shop", "eve").await;
    eve.belongs_to(&home, "MEMBER", true).await.done();
    old.is_merged_into(&ada).await;
    ada.is_merged_into(&eve).await;
    eve.leaves(&home).await.done();
    old.is_parted().await;
    ada.is_parted().await;
    for person in [&old, &ada, &eve] {
        assert_eq!(person.terms().await, NONE);
    }
    books::assert_sound(&app, "shop").await;
}

/// Whatever became one first, and whatever is two first.
async fn two_people_of_two_groups_are_two_of_two_again(backend: Backend) {
    for (case, (groups_first, groups_part_first)) in
        [(true, true), (true, false), (false, true), (false, false)].into_iter().enumerate()
    {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let (first, home) =
            (group(&app, "first", "HOUSEHOLD").await, group(&app, "home", "HOUSEHOLD").await);
        let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
        for (person, accrues_to) in [(&ada, "first"), (&bob, "home")] {
            for group in [&first, &home] {
                let is_its = group.member.external_id == accrues_to;
                let accrual = if is_its { "GROUP" } else { "MEMBER" };
                person.belongs_to(group, accrual, true).await.done();
            }
        }
        let before = [ada.terms().await, bob.terms().await];
        let mut merged = [(&first, &home), (&ada, &bob)];
        if !groups_first {
            merged.reverse();
        }
        for (from, into) in merged {
            from.is_merged_into(into).await;
        }
        assert_eq!(bob.terms().await.len(), 1, "case {case}");
        let mut parted = [&first, &ada];
        if !groups_part_first {
            parted.reverse();
        }
        parted[0].is_parted().await;
        let expected = if groups_part_first { 2 } else { 1 };
        assert_eq!(bob.terms().await.len(), expected, "case {case}");
        parted[1].is_parted().await;
        assert_eq!([ada.terms().await, bob.terms().await], before, "case {case}");
        books::assert_sound(&app, "shop").await;
    }
}
