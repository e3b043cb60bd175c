//! The SDK as a registry has it: what `cargo package` makes of its crates is enough to build and test a
//! plugin with.

use crate::support::{Backend, Perennial, TestDb, perennial};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Those that a plugin needs, and its tests.
const CRATES: [&str; 4] =
    ["perennial-sdk", "perennial-sdk-macros", "perennial-contract", "perennial-simulation"];

#[tokio::test]
async fn a_plugin_is_built_and_tested_with_the_packages_of_the_sdk() {
    let db = TestDb::create(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let packages = packaged(&folder.path().join("packages"));
    let plugin = folder.path().join("coffee");
    let path = plugin.to_str().unwrap();
    perennial(&db, &["plugin", "new", "coffee", "--path", path]).succeeds();
    std::fs::remove_dir_all(plugin.join("sdk")).unwrap();
    let manifest = std::fs::read_to_string(plugin.join("Cargo.toml")).unwrap();
    let of_registry = manifest.replace("{ path = \"sdk\" }", "\"0.2\"");
    assert_ne!(of_registry, manifest);
    let patch = |(name, folder): (&str, PathBuf)| {
        format!("{name} = {{ path = {:?} }}\n", folder.to_str().unwrap())
    };
    let patches: String = packages.into_iter().map(patch).collect();
    let manifest = format!("{of_registry}\n[patch.crates-io]\n{patches}");
    std::fs::write(plugin.join("Cargo.toml"), manifest).unwrap();

    run(Command::new(env!("CARGO")).args(["test", "--locked", "--quiet"]).current_dir(&plugin));
    run(Perennial::command(&db).args(["plugin", "build", path, "--out", path]));
    let wasm = plugin.join("coffee.wasm");
    let checked = perennial(&db, &["plugin", "check", wasm.to_str().unwrap()]).succeeds();
    assert!(checked.stdout.starts_with("coffee 1.0.0-dev"), "{}", checked.stdout);
}

/// The packages, by name, each unpacked into a folder of its own.
fn packaged(into: &Path) -> Vec<(&'static str, PathBuf)> {
    let target = into.join("target");
    let mut package = Command::new(env!("CARGO"));
    // What they depend on is there: the suite is built of it.
    package.args(["package", "--locked", "--offline", "--no-verify", "--allow-dirty", "--quiet"]);
    package.args(CRATES.iter().flat_map(|name| ["--package", name]));
    package.env("CARGO_TARGET_DIR", &target).current_dir(env!("CARGO_MANIFEST_DIR"));
    run(&mut package);
    let made =
        std::fs::read_dir(target.join("package")).unwrap().map(|entry| entry.unwrap().path());
    let made = made.filter(|path| path.extension().is_some_and(|it| it == "crate"));
    let unpacked = |archive: PathBuf| {
        run(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(into));
        let folder = into.join(archive.file_stem().unwrap());
        let stem = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let is_its =
            |name: &&&str| stem.strip_prefix(**name).is_some_and(|rest| rest.starts_with("-0."));
        (*CRATES.iter().find(is_its).unwrap(), folder)
    };
    let packages: Vec<_> = made.map(unpacked).collect();
    assert_eq!(packages.len(), CRATES.len());
    packages
}

fn run(command: &mut Command) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/new-plugin");
    if command.get_envs().all(|(name, _)| name != "CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", target);
    }
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
}
