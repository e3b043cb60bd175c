//! The scenario files of a plugin, run natively.

use super::{Native, Package};
use crate::Plugin;
use perennial_contract::Manifest;
use perennial_simulation::{Packaged, Scenario};
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
    let differences = match perennial_simulation::scenarios(Path::new(P::FOLDER)) {
        Ok(scenarios) => scenarios.iter().flat_map(run).collect(),
        Err(why) => vec![why],
    };
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}
