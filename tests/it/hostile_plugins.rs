//! Plugins that loop, allocate, trap or lie: what met them ends in time, the others go on, and the state says why.

use crate::support::{Backend, TestApp, on_both_databases, plugins};
use serde_json::{Value, json};

const PLUGINS: &str = "{ plugins { id status waiting handled fault { kind message } } }";

/// What a plugin does and how that is called.
const DEEDS: &[(&str, &str)] = &[
    ("loop", "OUT_OF_FUEL"),
    ("allocate", "OUT_OF_MEMORY"),
    ("trap", "TRAP"),
    ("garbage-json", "GARBAGE"),
    ("duplicate-key", "GARBAGE"),
    ("negative-points", "GARBAGE"),
    ("unknown-template", "NOT_ALLOWED"),
];

/// Of these deeds, how many leave the hook `appraise` in order.
const SOUND_APPRAISERS: i64 = 2;

on_both_databases! {
    async fn a_hostile_plugin_hurts_only_itself(backend: Backend) {
        let app = TestApp::start(backend).await;
        for (deed, _) in DEEDS {
            app.loyalty.plugins().install(&plugins::hostile(&format!("hostile-{deed}"))).await.unwrap();
        }
        let app = app.with_program(&program()).await;
        app.member("shop", "ada").await;

        let first = app.buys("shop", "ada", "order-1", "10.00").await;
        // Ten by the rule, and one from each of those that still proposed soundly.
        assert_eq!(first["receipt"]["pointsEarned"], json!(10 + SOUND_APPRAISERS), "{first:#}");
        app.advance_clock("shop", "2026-01-02T00:00:00Z").await;

        let states = app.admin("shop", PLUGINS, json!({})).await["plugins"].take();
        for (deed, kind) in DEEDS {
            let state = of(&states, &format!("hostile-{deed}"));
            assert_eq!((&state["status"], &state["fault"]["kind"]), (&json!("QUARANTINED"), &json!(kind)), "{state:#}");
            assert_eq!(state["waiting"], json!(1), "the event that met it waits");
            let message = state["fault"]["message"].as_str().unwrap();
            assert!(message.contains(&format!("hostile-{deed}")), "the message names the plugin: {message}");
        }
        let good = of(&states, "consumer-goods");
        assert_eq!((&good["status"], &good["handled"], &good["waiting"]), (&json!("ACTIVE"), &json!(1), &json!(0)));

        let second = app.buys("shop", "ada", "order-2", "10.00").await;
        assert_eq!(second["receipt"]["pointsEarned"], json!(10), "nobody proposes from quarantine");
    }

    async fn a_mended_version_goes_on_where_the_broken_one_stopped(backend: Backend) {
        let app = TestApp::start(backend).await;
        app.loyalty.plugins().install(&plugins::hostile("hostile-trap")).await.unwrap();
        let app = app.with_program(&program_with("hostile-trap", "trap")).await;
        app.member("shop", "ada").await;
        app.buys("shop", "ada", "order-1", "10.00").await;
        app.buys("shop", "ada", "order-2", "10.00").await;
        app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
        let broken = app.admin("shop", PLUGINS, json!({})).await["plugins"].take();
        assert_eq!(of(&broken, "hostile-trap")["waiting"], json!(2));

        app.loyalty.programs().apply(&program_with("hostile-trap", "behave"), "test").await.unwrap();
        const RESUME: &str = "mutation { resumePlugin(input: { plugin: \"hostile-trap\" }) { userErrors { code } } }";
        app.admin("shop", RESUME, json!({})).await;
        app.advance_clock("shop", "2026-01-03T00:00:00Z").await;
        let mended = app.admin("shop", PLUGINS, json!({})).await["plugins"].take();
        let mended = of(&mended, "hostile-trap");
        assert_eq!((&mended["status"], &mended["handled"], &mended["waiting"]), (&json!("ACTIVE"), &json!(2), &json!(0)));
    }
}

fn of<'a>(states: &'a Value, id: &str) -> &'a Value {
    states
        .as_array()
        .unwrap()
        .iter()
        .find(|state| state["id"] == id)
        .unwrap_or_else(|| panic!("{id} in {states:#}"))
}

/// A sandbox shop with a well-behaved plugin among the hostile ones.
fn program() -> String {
    let mut program = base();
    program.push_str("[plugins.consumer-goods]\n");
    for (deed, _) in DEEDS {
        program.push_str(&format!("[plugins.hostile-{deed}]\nmode = \"{deed}\"\n"));
    }
    program
}

fn program_with(plugin: &str, mode: &str) -> String {
    format!("{}[plugins.{plugin}]\nmode = \"{mode}\"\n", base())
}

fn base() -> String {
    crate::support::programs::sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"")
}
