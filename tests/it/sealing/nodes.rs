//! Several nodes that seal at once make one chain.

use super::{is_sound, seal};
use crate::support::programs::SHOP;
use crate::support::tamper::seals;
use crate::support::{Backend, TestApp, on_both_databases};
use futures::future::join_all;
use perennial_core::worker;

on_both_databases!(nodes_that_seal_at_once_make_one_chain);

async fn nodes_that_seal_at_once_make_one_chain(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    let other = TestApp::beside_idle(&app).await;
    let ada = app.joins("shop", "ada").await;
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let mut sealed = seal(&app, "shop").await;
    for order in 0..20 {
        ada.buys(&format!("order-{order}"), "10.00").await.done();
        while worker::round(&app.loyalty).await.unwrap() > 0 {}
        let nodes = [&app, &other].into_iter().cycle().take(6);
        let sealing = nodes.map(|node| worker::seal(&node.loyalty, program));
        let done: Vec<usize> = join_all(sealing).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(done.iter().filter(|items| **items > 0).count(), 1, "one was first: {done:?}");
        sealed += done.iter().sum::<usize>();
    }
    assert_eq!(seals(&app).await, 21);
    let verified = is_sound(&app);
    let program = &verified.programs[0];
    assert_eq!((program.seals.count, program.seals.unsealed), (21, 0));
    let check = program.checks.iter().find(|check| check.name == "what was sealed").unwrap();
    assert_eq!(check.rows, sealed as u64);
}
