//! What JavaScript does wrong is stopped like what anything else does wrong, by the same bounds.
//!
//! `make javascript` builds the component with Node.js, which `make test` does without.

use crate::support::{component, context, event, host, member, nothing_known, repository};
use perennial_core::plugins::{Effect, FaultKind, Runtime};
use perennial_plugin_host::pack;
use serde_json::json;

/// What `tests/plugins/unruly-js` is told to do, what becomes of it, and a part of what is said.
const MISDEEDS: &[(&str, FaultKind, &str)] = &[
    ("loop", FaultKind::OutOfFuel, "used up its 50000000 units of fuel"),
    ("match for ever", FaultKind::OutOfFuel, "used up its 50000000 units of fuel"),
    ("allocate", FaultKind::OutOfMemory, "at most 16777216 are allowed"),
    ("call itself", FaultKind::Trap, "endless recursion"),
    ("throw", FaultKind::Refused, "`javascript-error`: Error: the sky is falling"),
    ("refuse", FaultKind::Refused, "`no-mood`: not today"),
    ("ask for the time", FaultKind::Refused, "a plugin has no clock"),
    ("make a date of now", FaultKind::Refused, "a plugin has no clock"),
    ("throw dice", FaultKind::Refused, "no randomness but context.seed"),
    ("give half a point", FaultKind::Refused, "0.5 is no number of points"),
    ("ask for what there is not", FaultKind::Trap, "unreachable"),
];

#[tokio::test]
#[ignore = "needs Node.js: make javascript"]
async fn what_javascript_does_wrong_is_a_fault_of_its_kind() {
    let host = host();
    let folder = repository().join("tests/plugins/unruly-js");
    let out = repository().join("target/javascript");
    let given = std::fs::read(out.join("unruly-component.wasm")).unwrap();
    let built = pack(&host, &given, &folder, &out).unwrap();
    let unruly = component(built.digest, &std::fs::read(built.path).unwrap());
    let call = async |what: &str| {
        let joined = event("member-joined", json!({}));
        let context = context(json!({ "does": what }));
        host.on_event(&unruly, &context, Some(&member()), &joined, &nothing_known()).await
    };
    for (does, kind, says) in MISDEEDS {
        let fault = call(does).await.expect_err(does);
        assert_eq!(fault.kind, *kind, "{does}: {fault:?}");
        assert!(fault.message.contains(says), "{does}: {fault:?}");
    }
    let thrown = call("throw").await.unwrap_err();
    assert!(thrown.log[0].contains("the sky is falling"), "{thrown:?}");

    // A call after all these begins anew, and again and again as the first.
    let (first, second) = (call("behave").await.unwrap(), call("behave").await.unwrap());
    assert_eq!((first.fuel, first.memory), (second.fuel, second.memory));
    assert_eq!(first.output, second.output);
    let kept = json!({ "calls": 1, "today": "2026-11-22", "day": "2026-11-22T10:00:00.000Z" });
    assert_eq!(first.output[0].effect, Effect::SetState(Some(kept)));
}
