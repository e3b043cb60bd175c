//! Redeeming rewards: once per key, whatever the interleaving.

use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, Sent, TestApp, TestDb, books, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use perennial_core::Actor;
use perennial_core::members::MemberRef;
use perennial_core::rewards::Redeem;

/// The shop, with a second reward at the same price.
fn two_rewards() -> String {
    format!("{SHOP}\n[[rewards]]\nid = \"hat\"\nname.en = \"Hat\"\npoints = 10\n")
}

on_both_databases!(
    a_repeated_redemption_returns_the_first,
    a_key_is_for_one_reward,
    one_key_at_once_through_two_servers_is_one_redemption,
    a_key_that_nobody_can_tell_from_another_is_refused,
    what_cannot_be_paid_or_found_is_refused,
    redemptions_at_once_are_written_together_and_answered_as_one_by_one,
);

/// Member, reward and key of each redemption: repeats, refusals and what is affordable.
const ASKED: [(&str, &str, &str); 12] = [
    ("ada", "mug", "a"),
    ("ada", "mug", "a"),
    ("ada", "hat", "a"),
    ("nobody", "mug", "b"),
    ("ada", "boat", "c"),
    ("ada", "hat", "c"),
    ("ada", "mug", "d"),
    ("ada", "mug", "e"),
    ("ada", "hat", "e"),
    ("ada", "hat", "d"),
    ("bob", "mug", "a"),
    ("bob", "hat", "b"),
];

async fn a_repeated_redemption_returns_the_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    let first = ada.redeems("mug", "request").await.done();
    assert_eq!(first.balance, 15);
    assert_eq!(ada.redeems("mug", "request").await.done(), first);
    assert_eq!(ada.points().await, 15);
}

async fn a_key_is_for_one_reward(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&two_rewards()).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    for (index, person) in [&ada, &bob].into_iter().enumerate() {
        person.buys(&format!("order-{index}"), "25.00").await.done();
    }
    ada.redeems("mug", "request").await.done();
    assert_snapshot!(
        ada.redeems("hat", "request").await.refused(),
        @"IDEMPOTENCY_KEY_REUSED idempotencyKey: `request` was used for a request with other arguments"
    );
    assert_eq!(ada.points().await, 15);
    bob.redeems("hat", "request").await.done();
    assert_eq!(bob.points().await, 15, "another member's key is another key");
}

/// The balance affords one.
async fn one_key_at_once_through_two_servers_is_one_redemption(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    let there = ada.at(&other);
    let people = [&ada, &there].into_iter().cycle().take(20);
    let redeemed = join_all(people.map(|person| person.redeems("mug", "request"))).await;
    let redeemed: Vec<_> = redeemed.into_iter().map(Outcome::done).collect();
    assert!(redeemed.iter().all(|one| *one == redeemed[0]), "{redeemed:?}");
    books::assert_balanced(&app, 0).await;
}

async fn a_key_that_nobody_can_tell_from_another_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    for key in ["", " ", "request ", "re\nquest", &"k".repeat(129)] {
        assert_snapshot!(
            ada.redeems("mug", key).await.refused(),
            @"INVALID_INPUT idempotencyKey: use 1 to 128 printable characters, without space around them"
        );
    }
    ada.redeems("mug", &"ключ".repeat(32)).await.done();
    assert_eq!(ada.points().await, 15);
}

async fn what_cannot_be_paid_or_found_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "9.00").await.done();
    assert_snapshot!(
        ada.redeems("mug", "first").await.refused(),
        @"INSUFFICIENT_POINTS: 10 points are needed, the balance is 9"
    );
    assert_snapshot!(
        ada.redeems("moon", "second").await.refused(),
        @"REWARD_NOT_FOUND rewardKey: there is no reward `moon`"
    );
    ada.buys("order-2", "1.00").await.done();
    ada.redeems("mug", "first").await.done();
}

async fn redemptions_at_once_are_written_together_and_answered_as_one_by_one(backend: Backend) {
    let (answers, statements) = redeemed(backend, true).await;
    assert!(statements <= 8, "{statements} of two lanes with two batches each");
    assert_snapshot!(answers.join("\n"), @r"
    25 0
    25 0
    IDEMPOTENCY_KEY_REUSED
    MEMBER_NOT_FOUND
    REWARD_NOT_FOUND
    15 5
    5 6
    INSUFFICIENT_POINTS
    INSUFFICIENT_POINTS
    IDEMPOTENCY_KEY_REUSED
    0 10
    INSUFFICIENT_POINTS
    ");
    let (one_by_one, _) = redeemed(backend, false).await;
    assert_eq!(answers, one_by_one);
}

/// What each redemption came to – what was left, and which was the first of that id – and how many
/// statements they took.
async fn redeemed(backend: Backend, at_once: bool) -> (Vec<String>, usize) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(&two_rewards()).await;
    for (name, total) in [("ada", "35.00"), ("bob", "10.00")] {
        app.joins("shop", name).await.buys(name, total).await.done();
    }
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let redeem = async |(member, reward, key): (&str, &str, &str)| {
        let request = Redeem {
            member: MemberRef::ExternalId(member.to_owned()),
            by: None,
            reward: reward.to_owned(),
            idempotency_key: key.to_owned(),
        };
        app.loyalty.rewards().redeem(&actor, &request).await
    };
    sent.take();
    let mut answers = Vec::new();
    if at_once {
        answers = join_all(ASKED.map(redeem)).await;
    } else {
        for asked in ASKED {
            answers.push(redeem(asked).await);
        }
    }
    let statements = sent.take().len();
    let ids: Vec<_> = answers.iter().map(|one| one.as_ref().ok().map(|one| one.id)).collect();
    let shown = answers.iter().zip(&ids).map(|(answer, id)| match answer {
        Ok(redemption) => {
            let first = ids.iter().position(|other| other == id).unwrap();
            format!("{} {first}", redemption.balance.get())
        }
        Err(error) => error.code().as_str().to_owned(),
    });
    let shown = shown.collect();
    books::assert_balanced(&app, 5).await;
    (shown, statements)
}
