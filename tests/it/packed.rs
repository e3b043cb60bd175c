//! A component that other tools made becomes a plugin by `perennial plugin pack`, and is tested, approved
//! and asked like any other.

use crate::hostile_plugins::made::{Does, typed_module};
use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, on_both_databases, perennial, plugins};
use perennial_core::worker;
use std::fs;

on_both_databases!(a_component_of_other_tools_is_packed_tested_installed_and_gives_points);

const MANIFEST: &str = "id = \"foreign\"\nname = \"Foreign\"\nversion = \"1.0.0-dev\"\n\
                        subscribes = [\"purchase-recorded\"]\n\
                        capabilities.points-per-event-max = 1\n";
const SCENARIO: &str = "about = \"A purchase brings a point\"\n[[steps]]\n\
                        purchase = { lines = [{ sku = \"TEA\", amount_minor = 590 }] }\n\
                        expect.points = 1\n";

async fn a_component_of_other_tools_is_packed_tested_installed_and_gives_points(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(at("scenarios")).unwrap();
    fs::write(at("plugin.toml"), MANIFEST).unwrap();
    fs::write(at("scenarios/a-point.toml"), SCENARIO).unwrap();
    let (given, path) = (at("given.wasm"), at(""));
    fs::write(&given, typed_module(&plugins::unsigned(&[]), Does::Award)).unwrap();

    let test = ["plugin", "test", &path, "--component", &given];
    let tested = perennial(&app.db, &test).succeeds().stdout;
    assert!(tested.contains("passed scenarios/a-point.toml"), "{tested}");
    assert!(tested.contains("fuel of the largest call"), "{tested}");

    let pack = ["plugin", "pack", &given, "--folder", &path, "--out", &path];
    let packed = perennial(&app.db, &pack).succeeds().stdout;
    assert!(packed.starts_with("foreign 1.0.0-dev → "), "{packed}");
    let plugin = at("foreign.wasm");
    perennial(&app.db, &["plugin", "install", "--approve", &plugin]).succeeds();
    let program = format!("{}\n[plugins.foreign]\n", sandbox_shop());
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    let before = ada.buys("P-1", "10.00").await.done().points_earned;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(ada.points().await, before + 1);

    let looked = perennial(&app.db, &["plugin", "check", &path]).succeeds().stdout;
    assert!(looked.starts_with("foreign 1.0.0-dev"), "{looked}");
    for (file, out, why) in [
        (path.as_str(), path.as_str(), "is not a file"),
        ("/dev/zero", path.as_str(), "is not a file"),
        (given.as_str(), given.as_str(), "is a file: name the folder to write to"),
    ] {
        let pack = ["plugin", "pack", file, "--folder", &path, "--out", out];
        let refused = perennial(&app.db, &pack).exits(1).stderr;
        assert!(refused.contains(why), "{refused}");
    }
    fs::write(&given, b"\0asm\x0d\0\x01\0").unwrap();
    let refused = perennial(&app.db, &pack).exits(1).stderr;
    assert!(refused.contains("it exports 0 handlers of plugins"), "{refused}");
}
