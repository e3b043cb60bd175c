//! What expired while a member was merged, after it is one of its own again.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_expired_of_a_merged_member_is_not_taken_again_wherever_it_goes,
    what_expired_of_a_merged_household_is_not_taken_again,
    what_expired_by_way_of_another_is_not_taken_again,
    what_ended_of_a_merged_member_is_kept_by_what_is_reported_after_it_parted,
    what_was_kept_of_both_comes_back_to_each,
);

async fn app(backend: Backend, expiry: &str) -> TestApp {
    let source = shop(&format!("points.expiry = {{ {expiry} }}\n{EURO}"));
    TestApp::start(backend).await.with_program(&source).await
}

/// Of one who was never merged, of one who went on into another, and of one who came back from there.
async fn what_expired_of_a_merged_member_is_not_taken_again_wherever_it_goes(backend: Backend) {
    let app = app(backend, "after_months = 1").await;
    let mut people = Vec::new();
    for (name, other) in [("whole", 40), ("parted", 41), ("again", 42)] {
        let old = app.joins("shop", name).await;
        old.bought(&format!("{name}-1"), "100.00", "2025-12-31T12:00:00Z").await;
        old.bought(&format!("{name}-2"), &format!("{other}.00"), "2025-12-31T12:00:00Z").await;
        people.push(old);
    }
    let all = app.transactions("shop").await;
    let of = |other: i64| all.iter().find(|one| one.points == other).unwrap().id.clone();
    let earned = [of(40), of(41), of(42)];
    let [whole, parted, again] = &people[..] else { panic!("three members") };
    let (first, second) = (app.joins("shop", "first").await, app.joins("shop", "second").await);
    parted.merges_into(&first).await.done();
    again.merges_into(&first).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    parted.unmerges("one").await.done();
    again.unmerges("one").await.done();
    parted.merges_under(&second, "second").await.done();
    again.merges_under(&second, "second").await.done();
    again.unmerges("two").await.done();
    let owners = [(whole, whole), (parted, &second), (again, again)];
    for ((old, owner), earned) in owners.into_iter().zip(&earned) {
        let order = format!("{}-1", old.member.external_id);
        let back = old.returns(&order, "half", json!({ "amount": "50.00" })).await.done();
        assert_eq!((back.points_earned, back.points_taken), (50, 0), "{order}");
        assert_eq!(old.returns_all(&order).await.points_taken, 0, "{order}");
        let refused = voids(owner, earned).await.refused();
        assert_eq!(refused.code, "INSUFFICIENT_POINTS", "{order}");
        assert_eq!(owner.has().await, 0, "{order}");
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, 0).await;
}

async fn what_expired_of_a_merged_household_is_not_taken_again(backend: Backend) {
    let app = app(backend, "after_months = 1").await;
    let [home, first, second] = [home(&app, "home"), home(&app, "first"), home(&app, "second")];
    let (home, first, second) = (home.await, first.await, second.await);
    let ada = app.joins("shop", "ada").await;
    let join = "mutation($input: JoinGroupInput!) { joinGroup(input: $input) { membership { id } \
         userErrors { code message field } } }";
    let belongs = json!({
        "group": { "externalId": "home" }, "person": { "externalId": "ada" }, "accrual": "GROUP",
        "maySpend": false,
    });
    app.does::<Value>("shop", join, belongs).await.done();
    ada.buys("order", "30.00").await.done();
    home.merges_into(&first).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    home.unmerges("one").await.done();
    home.merges_under(&second, "second").await.done();
    ada.returns_all("order").await;
    assert_eq!((ada.has().await, first.has().await, second.has().await), (0, 0, 0));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// Half of what was bought expires where the member was merged by way of another, after it was there.
async fn what_expired_by_way_of_another_is_not_taken_again(backend: Backend) {
    let app = app(backend, "after_months = 1").await;
    let old = app.joins("shop", "old").await;
    let mut ways = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ways.push(app.joins("shop", name).await);
    }
    old.bought("order-1", "10.00", "2025-12-31T12:00:00Z").await;
    old.buys("order-2", "20.00").await.done();
    old.merges_into(&ways[0]).await.done();
    ways[0].merges_into(&ways[1]).await.done();
    app.advance_clock("shop", "2026-01-31T12:00:00Z").await;
    assert_eq!(ways[1].has().await, 20);
    ways[1].merges_into(&ways[2]).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    old.unmerges("one").await.done();
    old.merges_under(&ways[3], "again").await.done();
    for order in ["order-1", "order-2"] {
        assert_eq!(old.returns_all(order).await.points_taken, 0, "{order}");
    }
    assert_eq!(ways[3].has().await, 0);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// Beside a twin that was never merged.
async fn what_ended_of_a_merged_member_is_kept_by_what_is_reported_after_it_parted(
    backend: Backend,
) {
    let app = app(backend, "inactive_months = 6, end_of = \"month\"").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    let (twin, third) = (app.joins("shop", "twin").await, app.joins("shop", "third").await);
    for (person, order) in [(&old, "old-1"), (&twin, "twin-1")] {
        person.buys(order, "300.00").await.done();
    }
    old.merges_into(&ada).await.done();
    app.advance_clock("shop", "2026-10-01T00:00:00Z").await;
    old.unmerges("one").await.done();
    assert_eq!((old.has().await, twin.has().await), (0, 0), "all have ended");
    for (person, order) in [(&old, "old-2"), (&twin, "twin-2")] {
        person.bought(order, "10.00", "2026-06-01T12:00:00Z").await;
        assert_eq!(lasting(person).await, ["2026-12-31T23:00:00Z 310"], "{order}");
        person.bought(&format!("{order}-again"), "1.00", "2026-06-02T12:00:00Z").await;
        assert_eq!(person.has().await, 311, "once");
    }
    assert_eq!(ada.has().await, 0);
    books::assert_balanced(&app, 2 * 311).await;
    books::assert_sound(&app, "shop").await;
    // Wherever it goes on to.
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    old.merges_under(&third, "third").await.done();
    app.advance_clock("shop", "2027-03-01T00:00:00Z").await;
    old.unmerges("two").await.done();
    old.merges_under(&ada, "again").await.done();
    for (person, order) in [(&old, "old-3"), (&twin, "twin-3")] {
        person.bought(order, "2.00", "2026-12-01T12:00:00Z").await;
        assert_eq!(lasting(person).await, ["2027-06-30T22:00:00Z 313"], "{order}");
        assert_eq!(person.returns_all(&order.replace('3', "1")).await.points_taken, 300, "{order}");
    }
    assert_eq!((ada.has().await, twin.has().await), (13, 13));
    books::assert_balanced(&app, 2 * 13).await;
    books::assert_sound(&app, "shop").await;
}

/// One transaction expired what each of two had.
async fn what_was_kept_of_both_comes_back_to_each(backend: Backend) {
    let app = app(backend, "inactive_months = 6").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.buys("old-1", "30.00").await.done();
    ada.buys("ada-1", "4.00").await.done();
    old.merges_into(&ada).await.done();
    app.advance_clock("shop", "2026-10-01T00:00:00Z").await;
    old.unmerges("one").await.done();
    // What is reported of the one says nothing of the other.
    ada.bought("ada-2", "1.00", "2026-06-01T12:00:00Z").await;
    assert_eq!((old.has().await, ada.has().await), (0, 5));
    old.bought("old-2", "2.00", "2026-06-01T12:00:00Z").await;
    assert_eq!((old.has().await, ada.has().await), (32, 5));
    books::assert_balanced(&app, 37).await;
    books::assert_sound(&app, "shop").await;
}

/// When what expires, as operators see it: tokens end with a merge.
async fn lasting(person: &Person<'_>) -> Vec<String> {
    let expires = person.expires().await;
    let shown = |one: &Value| format!("{} {}", one["at"].as_str().unwrap(), one["points"]);
    expires.as_array().unwrap().iter().map(shown).collect()
}

/// A household.
async fn home<'a>(app: &'a TestApp, name: &str) -> Person<'a> {
    let input = json!({ "externalId": name, "kind": "HOUSEHOLD", "name": name });
    Person { app, program: "shop", member: app.creates("shop", input).await.done() }
}
