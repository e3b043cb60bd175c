//! Many at once: nothing is earned or spent twice, whatever the interleaving.

mod bank;
mod many;

use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, TestApp, books, on_both_databases};
use futures::future::join_all;
use std::collections::BTreeSet;

on_both_databases!(
    fifty_redemptions_of_a_balance_for_seven_give_seven,
    redemptions_that_the_balance_affords_all_succeed,
    one_order_sent_twenty_times_at_once_earns_once,
    one_order_through_two_servers_earns_once,
    different_orders_of_one_member_at_once_all_count,
);

async fn fifty_redemptions_of_a_balance_for_seven_give_seven(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "79.00").await.done();

    let keys: Vec<_> = (0..50).map(|key| format!("request-{key}")).collect();
    let outcomes = join_all(keys.iter().map(|key| ada.redeems("mug", key))).await;

    let (mut balances, mut refusals) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Done(redemption) => balances.push(redemption.balance),
            Outcome::Refused(error) => refusals.push(error.code),
        }
    }
    balances.sort_unstable();
    assert_eq!(balances, [9, 19, 29, 39, 49, 59, 69], "each saw its own balance");
    assert_eq!(refusals, ["INSUFFICIENT_POINTS"; 43]);
    assert_eq!(ada.points().await, 9);
    books::assert_balanced(&app, 9).await;
}

async fn redemptions_that_the_balance_affords_all_succeed(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "600.00").await.done();

    let keys: Vec<_> = (0..60).map(|key| format!("request-{key}")).collect();
    let there = ada.at(&other);
    let people = [&ada, &there].into_iter().cycle();
    let requests = keys.iter().zip(people).map(|(key, person)| person.redeems("mug", key));
    let redeemed: Vec<_> = join_all(requests).await.into_iter().map(Outcome::done).collect();

    let mut balances: Vec<_> = redeemed.iter().map(|redemption| redemption.balance).collect();
    balances.sort_unstable();
    let expected: Vec<_> = (0..60).map(|left| left * 10).collect();
    assert_eq!(balances, expected, "each saw its own balance, and none was given up");
    books::assert_balanced(&app, 0).await;
}

async fn one_order_sent_twenty_times_at_once_earns_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;

    let outcomes = join_all((0..20).map(|_| ada.buys("order-1", "25.50"))).await;

    let first = outcomes[0].clone().done();
    assert_eq!(first.points_earned, 25);
    for outcome in outcomes {
        assert_eq!(outcome.done(), first, "all get the first answer");
    }
    assert_eq!(ada.points().await, 25);
    let transactions = app.transactions("shop").await;
    assert_eq!(transactions.len(), 1, "{transactions:#?}");
    assert_eq!((transactions[0].kind.as_str(), transactions[0].points), ("EARN", 25));
}

async fn one_order_through_two_servers_earns_once(backend: Backend) {
    let one = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&one).await;
    let ada = one.joins("shop", "ada").await;
    let ada_there = ada.at(&other);

    let both = (0..10).flat_map(|_| [&ada, &ada_there]);
    let outcomes = join_all(both.map(|ada| ada.buys("order-1", "25.50"))).await;

    let first = outcomes[0].clone().done();
    for outcome in outcomes {
        assert_eq!(outcome.done(), first);
    }
    assert_eq!(ada_there.points().await, 25);
}

async fn different_orders_of_one_member_at_once_all_count(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let references: Vec<_> = (0..60).map(|order| format!("order-{order}")).collect();

    let outcomes = join_all(references.iter().map(|order| ada.buys(order, "3.99"))).await;

    let balances: BTreeSet<_> =
        outcomes.into_iter().map(|outcome| outcome.done().balance).collect();
    assert_eq!(balances, (1..=60).map(|orders| orders * 3).collect(), "a balance for each step");
    assert_eq!(ada.points().await, 180);
}
