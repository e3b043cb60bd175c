//! One order, whatever happens at the same time.

use super::{Follower, works};
use crate::support::books::{self, recorded};
use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, on_both_databases};
use futures::future::{join, join_all};
use perennial_core::worker;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

on_both_databases!(
    two_followers_at_two_servers_see_the_same_while_many_write,
    two_servers_that_place_at_once_leave_no_gap,
    what_was_committed_before_a_server_died_is_placed_by_the_next,
);

const MEMBERS: usize = 4;
const WRITERS: usize = 8;
const ORDERS: usize = 12;

async fn two_followers_at_two_servers_see_the_same_while_many_write(backend: Backend) {
    let one = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&one).await;
    let members = members(&one).await;
    let is_over = AtomicBool::new(false);
    let writing = async {
        let writers = (0..WRITERS).map(|writer| {
            let member = &members[writer % MEMBERS];
            let person = if writer % 2 == 0 { member.clone() } else { member.at(&other) };
            async move {
                for order in 0..ORDERS {
                    person.buys(&format!("w{writer}-{order}"), "3.00").await.done();
                }
            }
        });
        join_all(writers).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let follow = async |app| {
        let mut follower = Follower::of(app, "shop");
        loop {
            let was_over = is_over.load(Ordering::Relaxed);
            follower.to_the_end().await;
            if was_over && follower.seen.len() >= recorded(app, "shop").await.all().len() {
                return follower;
            }
        }
    };
    let followed = async { join(follow(&one), follow(&other)).await };
    let in_time = tokio::time::timeout(Duration::from_secs(120), join(writing, followed));
    let ((), (here, there)) = in_time.await.expect("all changes are seen");
    assert_eq!(here.seen, there.seen);
    here.assert_saw_all().await;
}

/// A row that is written first and committed last: by its id and by its number it comes before what
/// was placed meanwhile.
#[test]
fn a_late_commit_comes_after_what_was_seen_before_it() {
    crate::support::run(async {
        let app = TestApp::idle(Backend::Postgres).await.with_program(SHOP).await;
        let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
        works(&app).await;
        let mut follower = Follower::of(&app, "shop");
        follower.to_the_end().await;
        let before = follower.seen.len();

        let late = books::LateEvent::begin(&app, &bob.member.id).await;
        for order in 0..3 {
            ada.buys(&format!("order-{order}"), "10.00").await.done();
            works(&app).await;
            follower.to_the_end().await;
        }
        assert!(follower.seen.len() > before + 3, "what is committed is seen");
        assert!(!follower.ids().contains(&late.id), "what is not committed is not");

        let id = late.commit().await;
        works(&app).await;
        follower.to_the_end().await;
        assert_eq!(follower.ids().last(), Some(&id), "it comes where it was not passed");
        follower.assert_saw_all().await;
    });
}

async fn two_servers_that_place_at_once_leave_no_gap(backend: Backend) {
    let one = TestApp::idle(backend).await.with_program(SHOP).await;
    let others = [TestApp::beside_idle(&one).await, TestApp::beside_idle(&one).await];
    let members = members(&one).await;
    for burst in 0..10 {
        let buying = members.iter().enumerate().map(async |(index, member)| {
            member.buys(&format!("b{burst}-{index}"), "2.00").await.done();
        });
        let placing = others.iter().chain([&one]).map(async |app| {
            for _ in 0..3 {
                worker::round(&app.loyalty).await.unwrap();
            }
        });
        join(join_all(buying), join_all(placing)).await;
    }
    works(&one).await;
    let mut follower = Follower::of(&others[0], "shop");
    follower.to_the_end().await;
    follower.assert_saw_all().await;
}

async fn what_was_committed_before_a_server_died_is_placed_by_the_next(backend: Backend) {
    // It places nothing, as if it had died right after the commit.
    let dead = TestApp::idle(backend).await.with_program(SHOP).await;
    let ada = dead.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    let mut follower = Follower::of(&dead, "shop");
    follower.to_the_end().await;
    assert_eq!(follower.seen, [], "what has no position is not seen");

    let next = TestApp::beside(&dead).await;
    follower.app = &next;
    let all = recorded(&next, "shop").await.all().len();
    let seeing = async {
        while follower.seen.len() < all {
            follower.to_the_end().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), seeing).await.expect("all of it is placed");
    follower.assert_saw_all().await;
}

async fn members(app: &TestApp) -> Vec<Person<'_>> {
    let mut members = Vec::new();
    for member in 0..MEMBERS {
        members.push(app.joins("shop", &format!("m{member}")).await);
    }
    members
}
