//! The plugin that the guide builds, as it is after all chapters.

#[path = "../guide/bike-care/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own for whoever reads the guide")]
mod bike_care;

use bike_care::BikeCare;
use perennial_sdk::testing::{Package, scenarios};

impl Package for BikeCare {
    const MANIFEST: &str = include_str!("../guide/bike-care/plugin.toml");
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/guide/bike-care");
}

#[test]
fn the_plugin_of_the_guide_does_what_its_scenarios_expect() {
    scenarios::<BikeCare>();
}
