//! A referral pays both sides, once, at the first purchase.

use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use futures::future::join_all;
use serde_json::json;

on_both_databases!(
    the_first_purchase_pays_both_and_the_second_nobody,
    many_first_purchases_at_once_pay_once,
);

async fn the_first_purchase_pays_both_and_the_second_nobody(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let bob = refers(&ada, "bob").await;
    assert_eq!(ada.points().await, 0, "joining alone pays nothing");
    let first = bob.buys("order-1", "10.00").await.done();
    assert_eq!((first.referral_points, first.balance), (25, 35));
    assert_eq!(ada.points().await, 50);
    let second = bob.buys("order-2", "10.00").await.done();
    assert_eq!(second.referral_points, 0);
    assert_eq!(ada.points().await, 50);
}

async fn many_first_purchases_at_once_pay_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let beside = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    let bob = refers(&ada, "bob").await;
    let bob_there = bob.at(&beside);
    let orders: Vec<_> = (0..10).map(|order| format!("order-{order}")).collect();
    let servers = [&bob, &bob_there].into_iter().cycle();
    let outcomes = join_all(servers.zip(&orders).map(|(bob, order)| bob.buys(order, "1.00"))).await;
    for outcome in outcomes {
        outcome.done();
    }
    assert_eq!(ada.points().await, 50);
    assert_eq!(bob.points().await, 35);
    books::assert_balanced(&app, 85).await;
}

/// A member brings another.
pub(crate) async fn refers<'a>(referrer: &Person<'a>, external_id: &str) -> Person<'a> {
    let code = &referrer.member.referral_code;
    let input = json!({
        "externalId": external_id, "kind": "PERSON", "name": external_id, "referralCode": code,
    });
    let referred = referrer.app.creates(referrer.program, input).await.done();
    Person { member: referred, ..referrer.clone() }
}
