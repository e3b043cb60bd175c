//! From a partner's crate to a component that works.

use crate::support::{HELLO, built, context, event, host, member, nothing_known, repository};
use perennial_core::plugins::{Effect, Reason, Recipient, Runtime};
use perennial_plugin_host::build;
use serde_json::json;

#[tokio::test]
async fn a_crate_outside_the_workspace_becomes_a_plugin_that_works() {
    let joined = event("member-joined", json!({}));
    let context = context(json!({ "welcome_points": 50 }));
    let run = host()
        .on_event(&HELLO, &context, Some(&member()), &joined, &nothing_known())
        .await
        .unwrap();
    let effects = run.output.into_iter().map(|action| action.effect).collect::<Vec<_>>();
    let message = Effect::SendMessage {
        template: "welcome".to_owned(),
        to: Recipient::Member,
        parameters: vec![("points".to_owned(), "50".to_owned())],
    };
    let award = Effect::AwardPoints { points: 50, reason: Reason::Text("Welcome".to_owned()) };
    assert_eq!(effects, [award, message]);
    assert!(run.fuel > 0);
}

#[test]
fn what_is_built_is_small_and_the_same_each_time() {
    let first = built("examples/plugin-hello");
    assert_eq!((first.id.as_str(), first.version.as_str()), ("hello", "1.0.0-dev"));
    // Some 7 KiB of it are for each type of event that the SDK reads, and 1 KiB are texts.
    assert!(first.size < 350 << 10, "{first:?}");
    assert_eq!(built("examples/plugin-hello").digest, first.digest);
}

#[test]
fn a_component_tells_nothing_of_the_machine_that_built_it() {
    let path = repository().into_os_string().into_encoded_bytes();
    let names_the_path = HELLO.wasm.windows(path.len()).any(|window| window == path);
    assert!(!names_the_path);
}

#[test]
fn a_directory_without_a_plugin_is_refused() {
    let out = repository().join("target/plugins-build/nothing");
    for directory in ["core", "sdk/wit"] {
        let error = build(&host(), &repository().join(directory), &out, None).unwrap_err();
        assert!(error.to_string().starts_with("there is no plugin in"), "{error}");
    }
    let missing = build(&host(), &repository().join("nowhere"), &out, None).unwrap_err();
    assert!(missing.to_string().contains("cannot open"), "{missing}");
}

#[test]
fn the_workspace_gives_all_bundled_plugins() {
    let out = repository().join("target/plugins-build/bundled");
    let built = build(&host(), &repository(), &out, None).unwrap();
    let ids = built.iter().map(|plugin| plugin.id.as_str()).collect::<Vec<_>>();
    let bundled = ["consumer-goods", "content", "lifecycle-mail", "machinery", "replenishment"];
    assert_eq!(ids, bundled);
    for plugin in built {
        // Up to 25 KiB of it are texts in twelve languages.
        assert!(plugin.size < 500 << 10, "{plugin:?}");
        assert_eq!(plugin.digest.len(), 64);
    }
}
