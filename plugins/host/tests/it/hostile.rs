//! What a misbehaving plugin gets: a fault of the right kind whose message names plugin, hook and
//! what was wrong.

use crate::cases::{At, CASES, Case, GROW_TABLE};
use crate::support::{
    HELLO, HOSTILE, TABLE_GROWER, context, event, host, host_with, member, mode, nothing_known,
    purchase, purchase_recorded,
};
use perennial_core::plugins::{Action, Effect, Fault, FaultKind, Recipient, Run, Runtime};
use perennial_plugin_host::{Host, Limits};
use serde_json::json;
use std::sync::Arc;

async fn on_event(host: &Host, what: &str) -> Result<Run<Vec<Action>>, Fault> {
    host.on_event(&HOSTILE, &mode(what), Some(&member()), &purchase_recorded(), &nothing_known())
        .await
}

/// Whether the host ends it. Who answers by asking for what is not granted is judged by the core, which
/// everything else never reaches.
fn ends_in_the_host(case: &Case) -> bool {
    case.fault != FaultKind::NotAllowed || case.mode.starts_with("look-up")
}

#[tokio::test]
async fn every_misdeed_is_a_fault_of_its_kind() {
    let host = host();
    let (member, event, purchase) = (member(), purchase_recorded(), purchase());
    let known = nothing_known();
    for case in CASES {
        let guest = if case.mode == GROW_TABLE { &*TABLE_GROWER } else { &*HOSTILE };
        let context = mode(case.mode);
        let (hook, ended) = match case.at {
            At::OnEvent => {
                let run = host.on_event(guest, &context, Some(&member), &event, &known).await;
                ("on-event", run.map(drop))
            }
            At::Appraise => {
                let run = host.appraise(guest, &context, &member, &purchase, &known).await;
                ("appraise", run.map(drop))
            }
            At::View => ("view", host.view(guest, &context, &member, &[], &known).await.map(drop)),
        };
        if !ends_in_the_host(case) {
            assert!(ended.is_ok(), "{case:?} {ended:?}");
            continue;
        }
        let fault = ended.expect_err(case.does);
        assert_eq!(fault.kind, case.fault, "{case:?} {fault:?}");
        let named = format!("plugin `hostile`, {hook}: ");
        assert!(fault.message.starts_with(&named), "{case:?} {fault:?}");
        assert!(fault.message.contains(case.says), "{case:?} {fault:?}");
    }
}

#[tokio::test]
async fn what_only_the_core_can_judge_reaches_it_as_it_was_asked() {
    let host = host();
    for (what, expected) in [
        ("unknown-template", "SendMessage { template: \"spam\""),
        ("foreign-record", "RecordKey { record_type: \"equipment\""),
        ("too-many-points", "points: 9223372036854775807"),
        ("unknown-effect", "Extension { name: \"launch-missiles\" }"),
    ] {
        let run = on_event(&host, what).await.unwrap();
        let effect = format!("{:?}", run.output[0].effect);
        assert!(effect.contains(expected), "{what}: {effect}");
    }
    let run = on_event(&host, "foreign-contact").await.unwrap();
    let Effect::SendMessage { to, .. } = &run.output[0].effect else { panic!("{run:?}") };
    assert_eq!(to, &Recipient::Contact("con_of_somebody_else".to_owned()));
}

#[tokio::test]
async fn a_panic_is_told_with_its_place_and_its_log() {
    let fault = on_event(&host(), "trap").await.unwrap_err();
    assert!(fault.message.contains("panicked at src/lib.rs:"), "{fault:?}");
    assert_eq!(fault.log.len(), 1);
    assert!(fault.log[0].starts_with("error: panicked at "), "{fault:?}");
}

#[tokio::test]
async fn a_panic_is_told_however_much_was_logged_before() {
    let fault = on_event(&host(), "trap-behind-its-log").await.unwrap_err();
    assert!(fault.message.contains("the sky is falling"), "{fault:?}");
    assert_eq!(fault.log.len(), 52);
    assert_eq!(fault.log[50], "warn: 10 further lines were dropped");
    assert!(fault.log[51].starts_with("error: panicked at "), "{fault:?}");
}

#[tokio::test]
async fn json_that_does_not_fit_is_named() {
    let host = host();
    let toy = json!({ "type": "toy", "externalId": "t-1", "data": {}, "isNew": true });
    let timer = json!({ "name": "late", "data": 1, "record": null });
    for (what, event, message) in [
        ("misread-state", purchase_recorded(), "the state of the member: invalid type"),
        (
            "misread-state",
            event("record-put", toy.clone()),
            "the state of the record: invalid type",
        ),
        ("misread-record", event("record-put", toy), "the data of the record: invalid type"),
        ("misread-timer", event("timer-fired", timer), "the data of the timer: invalid type"),
    ] {
        let mut context = mode(what);
        context.state = Some(json!({}));
        let fault = host
            .on_event(&HOSTILE, &context, Some(&member()), &event, &nothing_known())
            .await
            .unwrap_err();
        assert!(fault.message.contains(message), "{what}: {fault:?}");
    }
    let config = context(json!({ "mood": "good" }));
    let fault = host
        .on_event(&HOSTILE, &config, Some(&member()), &purchase_recorded(), &nothing_known())
        .await;
    let said = fault.unwrap_err().message;
    assert!(
        said.contains("`unexpected-config`: the configuration: missing field `mode`"),
        "{said}"
    );
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut_and_costs_the_plugin_its_fuel() {
    let fault = on_event(&host(), "flood-log").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::OutOfFuel);
    assert_eq!(fault.log.len(), 51);
    assert!(fault.log.iter().all(|line| line.len() < 1100));
    assert!(fault.log[50].ends_with("further lines were dropped"), "{:?}", fault.log[50]);
}

#[tokio::test]
async fn the_wall_clock_stops_what_fuel_does_not() {
    let host = host_with(Limits { fuel: u64::MAX / 2, ticks: 3, slots: 2 });
    let fault = on_event(&host, "loop").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Timeout);
    assert!(fault.message.contains("ran for more than 30 ms"), "{fault:?}");
}

#[tokio::test]
async fn the_same_call_gives_the_same_answer_for_the_same_fuel() {
    let (one, other) = (host(), host());
    let event = purchase_recorded();
    for what in ["fair", "timer-storm"] {
        let first = one
            .on_event(&HOSTILE, &mode(what), Some(&member()), &event, &nothing_known())
            .await
            .unwrap();
        for host in [&one, &other] {
            let again = host
                .on_event(&HOSTILE, &mode(what), Some(&member()), &event, &nothing_known())
                .await
                .unwrap();
            assert_eq!((again.output, again.fuel), (first.output.clone(), first.fuel));
            assert_eq!(again.log, ["info: handled purchase-recorded"]);
        }
    }
}

/// On one thread: the spinners only let go because the host makes them.
#[tokio::test(flavor = "current_thread")]
async fn spinners_do_not_stall_a_good_plugin() {
    let limits = Limits { fuel: u64::MAX / 2, ticks: 200, slots: 8 };
    let host = Arc::new(host_with(limits));
    let joined = event("member-joined", json!({}));
    let context = context(json!({ "welcome_points": 50 }));
    // Compiled beforehand: compiling takes longer than the spinners have.
    host.on_event(&HELLO, &context, Some(&member()), &joined, &nothing_known()).await.unwrap();
    let spinners = std::array::from_fn::<_, 3, _>(|_| {
        let host = Arc::clone(&host);
        tokio::spawn(async move { on_event(&host, "loop").await.unwrap_err().kind })
    });
    tokio::task::yield_now().await;
    host.on_event(&HELLO, &context, Some(&member()), &joined, &nothing_known()).await.unwrap();
    assert!(spinners.iter().all(|spinner| !spinner.is_finished()));
    for spinner in spinners {
        assert_eq!(spinner.await.unwrap(), FaultKind::Timeout);
    }
}

#[tokio::test]
async fn more_calls_than_slots_wait_for_their_turn_and_a_dropped_call_frees_its_slot() {
    let host = Arc::new(host_with(Limits { slots: 2, ..Limits::default() }));
    let calls = (0..20).map(|number| {
        let host = Arc::clone(&host);
        let what = if number % 2 == 0 { "fair" } else { "trap" };
        tokio::spawn(async move { on_event(&host, what).await.is_ok() })
    });
    let mut successes = 0;
    for call in calls.collect::<Vec<_>>() {
        successes += usize::from(call.await.unwrap());
    }
    assert_eq!(successes, 10);
    for _ in 0..4 {
        let call = tokio::spawn({
            let host = Arc::clone(&host);
            async move { on_event(&host, "loop").await.is_ok() }
        });
        tokio::task::yield_now().await;
        call.abort();
        let _ = call.await;
    }
    assert!(on_event(&host, "fair").await.is_ok());
}
