//! Whole numbers without surprises, up to the largest and no further.

use crate::model::MOST;
use crate::model::commands::Call;
use crate::model::commands::adjust::Adjust;
use crate::model::commands::end_hold::EndHold;
use crate::model::commands::hold::Hold;
use crate::model::commands::purchase::Purchase;
use crate::model::commands::void::Void;
use crate::model::commands::{Command, Pick};
use crate::model::history::{self, History, Step};
use crate::model::reference::portions::Line;
use crate::model::reference::terms::Terms;
use crate::model::world::{Sweeping, World};
use crate::support::{Backend, TestApp, on_both_databases};
use proptest::prelude::*;
use serde_json::{Value, json};

on_both_databases!(
    points_near_the_largest_number_fit_or_are_refused,
    numbers_that_are_none_are_refused_and_change_nothing,
    shares_of_lines_are_their_floors_and_sum_to_the_whole,
);

/// Histories of nothing but the largest numbers.
async fn points_near_the_largest_number_fit_or_are_refused(backend: Backend) {
    let points = prop_oneof![2 => MOST - 20..=MOST, 1 => 1..30_i64];
    let points = (points, prop::bool::ANY).prop_map(|(points, is_taken)| match is_taken {
        true => -points,
        false => points,
    });
    let adjust = (points, prop::bool::ANY, Pick::any()).prop_map(|(points, counts, key)| {
        let counts = counts && points > 0;
        Call::Adjust(Adjust { key, counts, ..Adjust::of("m0", "", points) })
    });
    let held = prop_oneof![MOST - 20..MOST, 1..30_i64];
    let hold = (held, Pick::any())
        .prop_map(|(points, key)| Call::Hold(Hold { key, ..Hold::of("m0", "", points, None) }));
    let call = prop_oneof![
        5 => adjust,
        2 => hold,
        2 => EndHold::any().prop_map(Call::EndHold),
        2 => Void::any().prop_map(Call::Void),
    ];
    let steps = prop::collection::vec(call.prop_map(Step::Call), 20..40);
    let any = (Terms::any(), steps).prop_map(|(terms, steps)| History { terms, steps });
    history::all(1, any, async |history| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        world.live(&history).await;
    });
}

async fn numbers_that_are_none_are_refused_and_change_nothing(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let terms = Terms { months: Some(1), grace_days: 3, ..Terms::default() };
    let mut world = World::open(&app, "model", &terms, Sweeping::InTime).await;
    let token = app.token("model", "test", "admin");
    for points in [
        json!(MOST + 1),
        json!(-MOST - 1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!("12"),
        json!(""),
        json!(true),
        Value::Null,
    ] {
        for field in ["adjustPoints", "holdPoints"] {
            let of = if field == "adjustPoints" { "AdjustPointsInput" } else { "HoldPointsInput" };
            let query =
                format!("mutation($i: {of}!) {{ {field}(input: $i) {{ userErrors {{ code }} }} }}");
            let input = json!({
                "member": { "externalId": "m0" }, "points": points, "reason": "none",
                "idempotencyKey": "none",
            });
            let body = json!({ "query": query, "variables": { "i": input } });
            let (_, answer) = app.send("/admin/graphql", Some(&token), &body).await;
            assert!(answer["errors"].is_array(), "{points} {answer:#}");
        }
    }
    for (total, code) in [
        ("-0.01", "INVALID_AMOUNT"),
        ("1.001", "INVALID_AMOUNT"),
        ("92233720368547758.08", "OVERFLOW"),
    ] {
        let input = json!({ "member": { "externalId": "m0" }, "reference": "n", "total": total });
        let refused = app.records("model", input).await.refused();
        assert_eq!(refused.code, code, "{total}: {refused}");
    }
    world.assert_shown("numbers that are none").await;
    // Much more than a purchase earns points for, until it is more money than 64 bits hold.
    let buys = |key: &str, total| {
        let (member, reference) = ("m0".to_owned(), Pick::Named(key.to_owned()));
        let items = Vec::new();
        Call::Purchase(Purchase {
            member,
            reference,
            items,
            total,
            pay: None,
            hold: None,
            minutes_ago: None,
            at: None,
        })
    };
    let most = MOST * 100 + 99;
    assert_eq!(world.send(buys("too many", i64::MAX)).await, Err("OVERFLOW".to_owned()));
    let mut done = 0;
    for number in 0..11 {
        done += i64::from(world.send(buys(&format!("large {number}"), most)).await.is_ok());
    }
    assert_eq!(done, i64::MAX / most);
    world.assert_shown("more money than 64 bits hold").await;
    world.end().await;
}

async fn shares_of_lines_are_their_floors_and_sum_to_the_whole(backend: Backend) {
    const LINES: &str = "query($r: String!) { purchase(reference: $r) { pointsEarned \
         lines { position pointsEarned } } }";
    let purchases = prop::collection::vec(Purchase::any(), 8..12);
    history::all(1, purchases, async |purchases| {
        let app = TestApp::idle(backend).await;
        let terms = Terms { months: None, grace_days: 0, ..Terms::default() };
        let mut world = World::open(&app, "model", &terms, Sweeping::InTime).await;
        for purchase in purchases {
            world.step(&Step::Call(Call::Purchase(purchase))).await;
        }
        for (reference, order) in &world.reference.orders {
            let found = app.admin("model", LINES, json!({ "r": reference })).await;
            let found = &found["purchase"];
            let lines = order.lines.iter().filter(|line| line.position > 0);
            // The first of what it has earned are its main points.
            let points = |line: &Line| line.portions[0].points.get(&0).copied().unwrap_or_default();
            let shown =
                |line: &Line| json!({ "position": line.position, "pointsEarned": points(line) });
            let lines: Vec<_> = lines.map(shown).collect();
            assert_eq!(found["lines"], json!(lines));
            let sum: i64 = order.lines.iter().map(points).sum();
            assert_eq!(found["pointsEarned"], sum);
        }
    });
}
