//! What comes to the same: a spend and its parts, a deed and its reversal, a hold and a spend.

use crate::model::commands::Call;
use crate::model::commands::adjust::Adjust;
use crate::model::commands::clock::Clock;
use crate::model::commands::end_hold::{End, EndHold};
use crate::model::commands::hold::Hold;
use crate::model::commands::purchase::Purchase;
use crate::model::commands::redeem::Redeem;
use crate::model::commands::returning::{Return, Returned};
use crate::model::commands::void::{Void, name_of};
use crate::model::commands::{Command, Pick, create::Create};
use crate::model::history::{self, History, Step};
use crate::model::reference::terms::Terms;
use crate::model::world::{Sweeping, World};
use crate::support::{Backend, TestApp, on_both_databases};
use proptest::prelude::*;
use serde_json::{Value, json};

on_both_databases!(
    a_spend_takes_what_expires_first_and_so_do_its_parts,
    what_is_reversed_is_as_if_it_had_not_been,
    a_hold_that_is_captured_is_a_spend_and_its_end_is_final,
    portions_of_a_return_are_the_whole,
);

/// What two members are given alike: points, and after how many days.
fn any_lots() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((1..25_i64, 0..9_i64), 1..6)
}

/// Two members with the same points of the same days.
async fn twins<'a>(app: &'a TestApp, terms: &Terms, lots: &[(i64, i64)]) -> World<'a> {
    let mut world = World::open(app, "model", terms, Sweeping::InTime).await;
    let (member, called) = ("m2".to_owned(), "m2".to_owned());
    world.send(Call::Create(Create { member, brought_by: None, called })).await.unwrap();
    for (number, (points, days)) in lots.iter().enumerate() {
        world.step(&Step::Call(Call::Clock(Clock::by(days * 24 * 60)))).await;
        for member in ["m0", "m2"] {
            let call = Adjust::of(member, &format!("lot {number}"), *points);
            world.step(&Step::Call(Call::Adjust(call))).await;
        }
    }
    world
}

fn call(call: impl Into<Call>) -> Step {
    Step::Call(call.into())
}

async fn shown(world: &World<'_>, member: &str) -> Value {
    let query = format!(
        "{{ member(externalId: \"{member}\") {{ balance {{ points held expiring {{ at points }} }} \
         tier {{ key }} statistics {{ purchases pointsEarned spent {{ amount }} }} }} }}"
    );
    world.app.admin(&world.program, &query, Value::Null).await["member"].take()
}

/// One spends at once, the other in two parts: the same is left of the same lots, and what expires
/// first went first.
async fn a_spend_takes_what_expires_first_and_so_do_its_parts(backend: Backend) {
    let drawn = (any_lots(), 1..60_i64, 1..60_i64);
    history::all(2, drawn, async |(lots, first, second)| {
        let app = TestApp::idle(backend).await;
        let terms = Terms { months: Some(1), grace_days: 3, ..Terms::default() };
        let mut world = twins(&app, &terms, &lots).await;
        let before = shown(&world, "m0").await["balance"].clone();
        let has = before["points"].as_i64().unwrap();
        let (first, second) = (first.min(has - 1).max(1), second.min((has - first).max(1)));
        world.step(&call(Adjust::of("m0", "whole", -(first + second)))).await;
        for (key, points) in [("first", first), ("second", second)] {
            world.step(&call(Adjust::of("m2", key, -points))).await;
        }
        let after = shown(&world, "m0").await["balance"].clone();
        if has >= first + second {
            assert_eq!(after, shown(&world, "m2").await["balance"]);
            let buckets = |of: &Value| of["expiring"].as_array().unwrap().clone();
            // All but one of the earliest are gone, and those after it are whole.
            let (before, after) = (buckets(&before), buckets(&after));
            let untouched =
                after.iter().skip(1).eq(before.iter().rev().take(after.len().max(1) - 1).rev());
            assert!(untouched, "{before:?} {after:?}");
        }
        world.end().await;
    });
}

/// After a history: something is done and reversed at once, and nothing can be seen of it but in the
/// statement; the reversal is there once.
async fn what_is_reversed_is_as_if_it_had_not_been(backend: Backend) {
    let deeds = prop::collection::vec((0..4_u8, 1..20_i64), 4..8);
    history::all(1, (History::any(30), deeds), async |(history, deeds)| {
        let app = TestApp::idle(backend).await;
        // What is reversed was done: who did it was active.
        let terms = Terms { slides: false, ..history.terms };
        let mut world = World::open(&app, "model", &terms, Sweeping::InTime).await;
        for step in &history.steps {
            world.step(step).await;
        }
        for (number, (deed, points)) in deeds.into_iter().enumerate() {
            let key = format!("deed {number}");
            let before = shown(&world, "m0").await;
            let index = world.reference.books.written("m0");
            let done = world.send(deed_of(deed, &key, points)).await;
            if done.is_err() {
                continue;
            }
            world.assert_shown("a deed").await;
            let reverse: Call = match deed {
                0 => Return::everything(&key).into(),
                _ => Void { transaction: Pick::Named(name_of("m0", index)) }.into(),
            };
            let reversed = world.send(reverse.clone()).await.unwrap();
            assert_eq!(shown(&world, "m0").await, before, "after {deed} of {points}");
            assert_eq!(world.send(reverse).await.unwrap(), reversed, "once");
            world.assert_shown("a reversal").await;
            if deed > 0 {
                let void = world.reference.books.written("m0") - 1;
                let again = Void { transaction: Pick::Named(name_of("m0", void)) };
                assert_eq!(world.send(again.into()).await, Err("CANNOT_BE_VOIDED".to_owned()));
            }
        }
        world.end().await;
    });
}

fn deed_of(deed: u8, key: &str, points: i64) -> Call {
    let (member, named) = ("m0".to_owned(), Pick::Named(key.to_owned()));
    match deed {
        0 => Purchase {
            member,
            reference: named,
            items: Vec::new(),
            total: points * 100,
            pay: None,
            hold: None,
            minutes_ago: None,
            at: None,
        }
        .into(),
        1 => Adjust { counts: true, ..Adjust::of("m0", key, points) }.into(),
        2 => Adjust::of("m0", key, -points).into(),
        _ => Redeem { member, key: named, reward: "mug".to_owned(), by: None }.into(),
    }
}

/// One holds and captures a part, the other spends it; one hold is released, the other's time is
/// over.
async fn a_hold_that_is_captured_is_a_spend_and_its_end_is_final(backend: Backend) {
    let drawn = (any_lots(), 1..60_i64, 1..60_i64, prop::bool::ANY);
    history::all(2, drawn, async |(lots, held, captured, is_released)| {
        let app = TestApp::idle(backend).await;
        let terms = Terms { months: Some(1), grace_days: 3, ..Terms::default() };
        let mut world = twins(&app, &terms, &lots).await;
        let has = shown(&world, "m0").await["balance"]["points"].as_i64().unwrap();
        let (held, captured) = (held.min(has), captured.min(held.min(has)));
        world.step(&call(Hold::of("m0", "h", held, None))).await;
        if is_released {
            let is_over = Hold::of("m2", "h", held, Some(1));
            world.step(&call(is_over)).await;
            world.step(&call(EndHold::of("m0", "h", End::Release))).await;
            world.step(&call(Clock::by(1))).await;
        } else {
            world.step(&call(EndHold::of("m0", "h", End::Capture(captured)))).await;
            world.step(&call(Adjust::of("m2", "spend", -captured))).await;
        }
        assert_eq!(shown(&world, "m0").await["balance"], shown(&world, "m2").await["balance"]);
        for end in [End::CaptureAll, End::Capture(1), End::Capture(captured), End::Release] {
            let before = shown(&world, "m0").await;
            drop(world.send(EndHold::of("m0", "h", end).into()).await);
            assert_eq!(shown(&world, "m0").await, before, "an end is final");
        }
        world.end().await;
    });
}

/// A purchase comes back in random portions: never more than it earned is taken, and with the last
/// of it exactly that.
async fn portions_of_a_return_are_the_whole(backend: Backend) {
    let portions = prop::collection::vec(Return::any(), 1..8);
    history::all(2, (Purchase::any(), portions), async |(purchase, portions)| {
        let app = TestApp::idle(backend).await;
        let terms = Terms { months: None, grace_days: 0, ..Terms::default() };
        let mut world = World::open(&app, "model", &terms, Sweeping::InTime).await;
        let member = "m0".to_owned();
        let purchase = Purchase { member, minutes_ago: None, at: None, ..purchase };
        let bought = world.send(world.settled(&call(purchase))).await.unwrap();
        let earned = json!(bought["pointsEarned"]).as_i64().unwrap();
        let mut taken = 0;
        let all = Return {
            order: Pick::Nth(0),
            reference: Pick::Nth(0),
            what: Returned::Everything,
            minutes_ago: None,
            at: None,
        };
        for portion in portions.into_iter().chain([all]) {
            if let Ok(receipt) = world.send(world.settled(&call(portion))).await {
                taken += receipt["pointsTaken"].as_i64().unwrap();
                assert!(taken <= earned, "{taken} of {earned}");
            }
        }
        assert_eq!(taken, earned);
        world.assert_shown("all came back").await;
        world.end().await;
    });
}
