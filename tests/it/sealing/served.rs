//! Servers seal by themselves, sign what they seal, and go on where one was killed.

use super::{Verified, is_sound, verify};
use crate::support::programs::SHOP;
use crate::support::tamper::{seals, tamper};
use crate::support::{Backend, Served, TestApp, on_both_databases, perennial};
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::purchases::{Cart, NewPurchase};
use perennial_core::{Actor, worker};
use std::time::{Duration, Instant};

on_both_databases!(
    a_server_that_is_killed_leaves_a_chain_that_the_next_goes_on_with,
    sealing_waits_until_nothing_is_written,
);

async fn a_server_that_is_killed_leaves_a_chain_that_the_next_goes_on_with(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    record(&app, 4_000).await;
    // Full blocks do not wait.
    let mut server = Served::start(&app.db, "").await;
    until(&app, async || seals(&app).await > 0).await;
    server.kill();
    let left: Verified = is_sound(&app);
    assert_eq!(left.programs[0].seals.unsigned, 0);
    let server = Served::start(&app.db, "").await;
    // Nor does what is left wait for ever.
    until(&app, async || is_sound(&app).programs[0].seals.unsealed == 0).await;
    drop(server);
    let verified = is_sound(&app);
    let sealed = &verified.programs[0].seals;
    assert!(sealed.count >= 8, "{sealed:?}");
    let (key, signed) = sealed.signed_by.first_key_value().unwrap();
    assert_eq!((*signed, sealed.unsigned), (sealed.count, 0), "by one key");

    // After the key was lost it is known by what somebody wrote down of it.
    let rotate = ["token", "rotate", "--forget-previous"];
    perennial(&app.db, &rotate).succeeds();
    let unknown: Verified = verify(&app, &["--program", "shop"]).exits(1).printed();
    let fault = unknown.faults()["signatures"].clone();
    assert_eq!(fault.found, "a key that is not known here");
    assert!(fault.expected.ends_with(key.as_str()), "{fault:?}");
    verify(&app, &["--trust", key]).succeeds();

    let strip = "UPDATE seals SET signature = NULL, signed_by = NULL WHERE number = 2";
    tamper(&app, backend, "seals", strip).await;
    let stripped: Verified =
        verify(&app, &["--program", "shop", "--trust", key]).exits(1).printed();
    assert_eq!(stripped.faults()["signatures"].key, "2");
    let stolen = "UPDATE seals SET signed_by = (SELECT z.signed_by FROM seals AS z WHERE number = 1), \
                  signature = (SELECT z.signature FROM seals AS z WHERE number = 1) WHERE number = 2";
    tamper(&app, backend, "seals", stolen).await;
    let stolen: Verified = verify(&app, &["--program", "shop", "--trust", key]).exits(1).printed();
    assert_eq!(stolen.faults()["signatures"].found, "one that is not the key's");
}

async fn sealing_waits_until_nothing_is_written(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let started = Instant::now();
    // Some blocks full, each request as soon as the one before it is answered.
    buy(&app, 2_000).await;
    let sealed = seals(&app).await;
    let has_waited = started.elapsed() > Duration::from_secs(9);
    assert!(sealed == 0 || has_waited, "{sealed} seals after {:?}", started.elapsed());
    until(&app, async || seals(&app).await >= 4).await;
    assert!(has_waited || started.elapsed() < Duration::from_secs(10), "at the first quiet moment");
}

/// Purchases of a few members, which are placed and not sealed.
pub(super) async fn record(app: &TestApp, purchases: usize) {
    buy(app, purchases).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn buy(app: &TestApp, purchases: usize) {
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let actor = Actor::system(program);
    let names: Vec<_> = (0..50).map(|name| format!("member-{name}")).collect();
    let members = names.iter().map(|name| NewMember::unnamed(name)).collect();
    app.loyalty.members().create_many(&actor, members).await.unwrap();
    let purchase = |number: usize| NewPurchase {
        member: MemberRef::ExternalId(names[number % names.len()].clone()),
        reference: format!("order-{number}"),
        purchased_at: None,
        cart: Cart { total_minor: Some(1000), ..Cart::default() },
        pay_with: None,
    };
    let all: Vec<_> = (0..purchases).map(purchase).collect();
    for part in all.chunks(250) {
        for receipt in app.loyalty.purchases().record_many(&actor, part.to_vec()).await.unwrap() {
            receipt.unwrap();
        }
    }
}

async fn until(app: &TestApp, is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(60), "{} seals", seals(app).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
