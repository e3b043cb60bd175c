//! Edits, returns and each other, in any order and at once.

use super::{cart, field, order};
use crate::support::programs::SHOP;
use crate::support::random::{Random, seed};
use crate::support::{Backend, Outcome, Person, TestApp, TestDb, books, on_both_databases};
use futures::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    an_edit_says_what_was_ordered_whatever_came_back,
    a_return_names_the_lines_as_they_are_after_the_edits,
    edits_and_returns_at_once_come_to_the_same,
    the_same_edit_through_two_servers_is_booked_once,
    whatever_is_edited_and_comes_back_leaves_what_is_kept,
);

pub(super) fn tea(quantity: i64) -> Value {
    json!({ "lines": [{ "line": { "sku": "tea" }, "quantity": quantity }] })
}

/// An order system keeps what came back beside the order, not out of it.
async fn an_edit_says_what_was_ordered_whatever_came_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 3, "30.00"), ("mug", 1, "5.00")])).await.done();
    assert_eq!(ada.returns("order-1", "r-1", tea(1)).await.done().balance, 25);
    let same = ada.edits("order-1", "e-1", cart(&[("tea", 3, "30.00"), ("mug", 1, "5.00")])).await;
    assert_eq!(same.done().points(), [0, 0, 0, 25], "nothing was changed");
    let fewer = ada.edits("order-1", "e-2", cart(&[("tea", 2, "20.00"), ("mug", 1, "5.00")])).await;
    assert_eq!(fewer.done().points(), [0, 10, 10, 15]);
    let too_few = cart(&[("mug", 1, "5.00")]);
    let refused = ada.edits("order-1", "e-3", too_few).await.refused();
    assert_eq!((refused.code.as_str(), field(&refused).as_str()), ("MORE_THAN_IS_LEFT", "lines"));
    let less = ada.edits("order-1", "e-3", cart(&[("mug", 1, "5.00"), ("tea", 1, "9.99")])).await;
    assert_eq!(field(&less.refused()), "lines.1.amount");
    let only = ada.edits("order-1", "e-3", cart(&[("tea", 1, "10.00")])).await.done();
    assert_eq!((only.points(), only.is_whole), ([0, 15, 15, 0], true), "it had come back");
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0));
    let more = ada.edits("order-1", "e-4", cart(&[("tea", 2, "20.00")])).await.done();
    assert_eq!(more.points(), [10, 0, 0, 10], "and something is bought again");
    assert_eq!(ada.tally().await, (1, "10.00".to_owned(), 10));
    assert!(ada.order("order-1", "returnedAt").await["returnedAt"].is_null());
    books::assert_balanced(&app, 10).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_return_names_the_lines_as_they_are_after_the_edits(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00"), ("mug", 1, "5.00")])).await.done();
    let edited = cart(&[("mug", 1, "5.00"), ("tea", 3, "36.00"), ("pot", 1, "20.00")]);
    ada.edits("order-1", "e-1", edited).await.done();
    assert_eq!(ada.points().await, 61);
    // Three teas at 12.00: the first one that comes back is of those that cost 13.00.
    let first = ada.returns("order-1", "r-1", tea(1)).await.done();
    assert_eq!((first.amount.amount.as_str(), first.points_taken), ("12.00", 12));
    assert_eq!(first.lines.iter().map(|part| part.position).collect::<Vec<_>>(), [1]);
    let by = |position: i64| json!({ "lines": [{ "line": { "position": position } }] });
    let pot = ada.returns("order-1", "r-2", by(3)).await.done();
    assert_eq!((pot.amount.amount.as_str(), pot.points_taken), ("20.00", 20));
    let rest = ada.returns("order-1", "r-3", by(1)).await.done();
    assert_eq!((rest.amount.amount.as_str(), rest.points_taken), ("24.00", 24));
    assert_eq!(rest.lines.len(), 1, "one line, in however many portions it was bought");
    let again = ada.returns("order-1", "r-3", by(1)).await.done();
    assert_eq!(again, rest, "a repeat");
    assert_eq!(ada.returns("order-1", "r-4", by(2)).await.done().balance, 0);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn edits_and_returns_at_once_come_to_the_same(backend: Backend) {
    let db = TestDb::create(backend).await;
    let app = TestApp::over(db).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    let there = ada.at(&other);
    for round in 0..6 {
        let name = format!("order-{round}");
        ada.reports(order(&name, &[("tea", 4, "40.00"), ("mug", 1, "5.00")])).await.done();
        let edited = cart(&[("tea", 3, "30.00"), ("pot", 1, "20.00")]);
        let (edit, back) =
            tokio::join!(ada.edits(&name, "e", edited), there.returns(&name, "r", tea(2)),);
        edit.done();
        assert_eq!(back.done().points_taken, 20, "either way");
        // 10 for the tea that is kept and 20 for the pot.
        assert_eq!(ada.points().await, 30);
        // Two edits, of which either may be the last.
        let (one, two) = tokio::join!(
            ada.edits(&name, "one", cart(&[("tea", 2, "20.00"), ("pot", 1, "20.00")])),
            there.edits(&name, "two", cart(&[("tea", 2, "20.00"), ("mug", 2, "10.00")])),
        );
        let last = [one.done().balance, two.done().balance];
        let points = ada.points().await;
        assert!([20, 10].contains(&points), "{points}");
        assert!(last.contains(&points));
        ada.returns_all(&name).await;
        assert_eq!(ada.points().await, 0);
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// Whoever lost the answer sends it again, to whichever server.
async fn the_same_edit_through_two_servers_is_booked_once(backend: Backend) {
    let db = TestDb::create(backend).await;
    let app = TestApp::over(db).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    let people = [ada.clone(), ada.at(&other)];
    let edited = || cart(&[("tea", 2, "20.00"), ("pot", 1, "7.00")]);
    let sent = (0..10).map(|number| people[number % 2].edits("order-1", "e-1", edited()));
    let answers: Vec<_> = join_all(sent).await.into_iter().map(Outcome::done).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].points(), [17, 0, 0, 27]);
    let swapped = cart(&[("mug", 3, "15.00"), ("pot", 1, "7.00")]);
    let second = ada.edits("order-1", "e-2", swapped.clone()).await.done();
    ada.returns_all("order-1").await;
    let again = people[1].edits("order-1", "e-1", edited()).await.done();
    assert_eq!(again, answers[0], "as it was answered first, permanently");
    assert_eq!(people[1].edits("order-1", "e-2", swapped).await.done(), second);
    let reused = ada.edits("order-1", "e-1", cart(&[("tea", 2, "21.00")])).await.refused();
    assert_eq!((reused.code.as_str(), field(&reused).as_str()), ("REFERENCE_REUSED", "reference"));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// What is kept has its points, what is not has none, after every step; in the end nothing is left.
async fn whatever_is_edited_and_comes_back_leaves_what_is_kept(backend: Backend) {
    for seed in (0..3).chain([seed()]) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let ada = app.joins("shop", "ada").await;
        let mut random = Random::seeded(seed);
        let lines = some_lines(&mut random);
        ada.reports(json!({ "reference": "order", "lines": lines })).await.done();
        for step in 0..14 {
            let name = format!("step-{step}");
            if random.within(0..2) == 0 {
                let edited = json!({ "lines": some_lines(&mut random) });
                drop(ada.edits("order", &name, edited).await);
            } else {
                drop(ada.returns("order", &name, some_part(&mut random)).await);
            }
            agrees(&ada, seed).await;
        }
        drop(ada.edits("order", "cancelled", json!({ "total": "0.00" })).await);
        agrees(&ada, seed).await;
        assert_eq!(ada.points().await, 0, "seed {seed}");
        assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0), "seed {seed}");
        books::assert_balanced(&app, 0).await;
        books::assert_sound(&app, "shop").await;
    }
}

pub(super) fn some_lines(random: &mut Random) -> Vec<Value> {
    let line = |number: i64, random: &mut Random| {
        let cents = random.within(0..4_000);
        json!({
            "sku": format!("s-{}", number % 3), "quantity": random.within(1..5),
            "amount": format!("{}.{:02}", cents / 100, cents % 100),
        })
    };
    let mut lines: Vec<_> = (0..random.within(1..5)).map(|one| line(one, random)).collect();
    lines.push(json!({ "sku": "paid", "quantity": 2, "amount": "7.77" }));
    lines
}

pub(super) fn some_part(random: &mut Random) -> Value {
    let line = json!({ "position": random.within(1..7) });
    match random.within(0..4) {
        0 => json!({ "lines": [{ "line": line, "quantity": 1 }] }),
        1 => json!({ "lines": [{ "line": line, "amount": "0.50" }] }),
        2 => json!({ "amount": "1.01" }),
        _ => json!({ "lines": [{ "line": { "sku": "s-1" }, "quantity": 1, "amount": "0.10" }] }),
    }
}

/// The member has what the lines have that are kept, and has spent what they cost.
async fn agrees(ada: &Person<'_>, seed: u64) {
    let fields = "pointsEarned pointsReturned left { amount } total { amount } \
         lines { pointsEarned amount { amount } }";
    let order = ada.order("order", fields).await;
    let number = |field: &str| order[field].as_i64().unwrap();
    let kept = number("pointsEarned") - number("pointsReturned");
    assert_eq!(ada.points().await, kept, "seed {seed}: {order:#}");
    let (_, spent, earned) = ada.tally().await;
    assert_eq!(
        (order["left"]["amount"].as_str().unwrap(), kept),
        (spent.as_str(), earned),
        "{seed}"
    );
    let lines = order["lines"].as_array().unwrap();
    let of_lines: i64 = lines.iter().map(|line| line["pointsEarned"].as_i64().unwrap()).sum();
    assert_eq!(of_lines, number("pointsEarned"), "seed {seed}: {order:#}");
}
