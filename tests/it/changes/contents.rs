//! What the changes of a program are: all that was recorded in it, and nothing else.

use super::{Follower, works};
use crate::support::programs::sandbox_shop;
use crate::support::random::Random;
use crate::support::{Backend, TestApp, on_both_databases};

on_both_databases!(
    whatever_happens_everything_recorded_is_a_change_once,
    a_program_has_changes_of_its_own,
);

const PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";

/// Members join, buy, redeem and fall silent at random, and points expire.
async fn whatever_happens_everything_recorded_is_a_change_once(backend: Backend) {
    for seed in 0..2 {
        let mut random = Random::seeded(seed);
        let app = TestApp::idle(backend).await;
        let app = app.with_program(&format!("{}{PLUGIN}", sandbox_shop())).await;
        let mut members = vec![app.joins("sandbox", "m0").await];
        let mut follower = Follower::of(&app, "sandbox");
        for step in 1..40 {
            let name = format!("step-{step}");
            let index = usize::try_from(random.within(0..64)).unwrap() % members.len();
            match random.within(0..8) {
                0 => members.push(app.joins("sandbox", &name).await),
                1 => drop(members[index].redeems("mug", &name).await),
                2 => {
                    let (month, year) = (step % 12 + 1, 2026 + step / 12);
                    app.advance_clock("sandbox", &format!("{year}-{month:02}-01T00:00:00Z")).await;
                }
                // Some of it is placed and seen before the rest happens.
                3 => {
                    works(&app).await;
                    follower.to_the_end().await;
                }
                _ => drop(members[index].buys(&name, &format!("{}.00", step % 20)).await),
            }
        }
        app.advance_clock("sandbox", "2031-01-01T00:00:00Z").await;
        works(&app).await;
        follower.to_the_end().await;
        follower.assert_saw_all().await;
        for kind in ["Event", "Transaction", "Message"] {
            assert!(!follower.ids_of(kind).is_empty(), "seed {seed} has no {kind}");
        }
    }
}

async fn a_program_has_changes_of_its_own(backend: Backend) {
    let shop = crate::support::programs::SHOP;
    let app = TestApp::idle(backend).await.with_program(shop).await;
    let app = app.with_program(&sandbox_shop()).await;
    for order in 0..3 {
        for program in ["shop", "sandbox"] {
            let name = format!("{program}-{order}");
            app.joins(program, &name).await.buys(&name, "10.00").await.done();
        }
    }
    works(&app).await;
    for program in ["shop", "sandbox"] {
        let mut follower = Follower::of(&app, program);
        follower.to_the_end().await;
        assert!(follower.seen.len() > 10, "{program}: {:?}", follower.seen);
        follower.assert_saw_all().await;
    }
}
