//! The scenario files of a plugin, run natively.

use super::{Native, Package};
use crate::Plugin;
use perennial_contract::Manifest;
use perennial_simulation::{Outcome, Packaged, Scenario};
use std::path::Path;

/// Runs every file of the folder `scenarios` beside `plugin.toml`, as `perennial plugin test` does in
/// the sandbox:
///
/// ```text
/// #[test]
/// fn it_does_what_its_scenarios_expect() {
///     perennial_sdk::testing::scenarios::<Hello>();
/// }
/// ```
///
/// # Panics
///
/// With all that differs from what the files expect, or if there are none.
pub fn scenarios<P: Plugin + Package>() {
    let (engine, manifest) = Native::<P>::package();
    let manifest = Manifest::parse(&manifest).expect("the platform takes the manifest");
    let run = |scenario: &Scenario| scenario.run(&engine, &manifest);
    let outcomes: Vec<Outcome> = match perennial_simulation::scenarios(Path::new(P::FOLDER)) {
        Ok(scenarios) => scenarios.iter().map(run).collect(),
        Err(why) => vec![Outcome { differences: vec![why], warnings: Vec::new() }],
    };
    for warning in outcomes.iter().flat_map(|outcome| &outcome.warnings) {
        warn(warning);
    }
    let differences: Vec<_> = outcomes.into_iter().flat_map(|it| it.differences).collect();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[expect(clippy::print_stderr, reason = "it is what a test shows of itself")]
fn warn(warning: &str) {
    eprintln!("warning: {warning}");
}
