//! The bundled plugins and the hostile one, built once per test run.

use perennial_plugin_host::{Host, Limits, build, repack};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// One host for all tests: what one compiled, the others need not. Its limit by the wall clock is
/// long, so that on a busy machine too it is the fuel that ends a loop.
pub(crate) static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| {
    let patient = Limits { ticks: 150, ..Limits::default() };
    Arc::new(Host::with_cache(patient, &cache()).unwrap())
});

static BUNDLED: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| built(&root()));
static HOSTILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    built(&root().join("tests/plugins/hostile")).into_values().next().expect("one plugin was built")
});

/// A bundled plugin's component.
pub(crate) fn bundled(id: &str) -> &'static [u8] {
    &BUNDLED[id]
}

/// The folder that the bundled components are in.
pub(crate) fn bundled_folder() -> PathBuf {
    LazyLock::force(&BUNDLED);
    out()
}

/// The hostile plugin under a name of its own, so that several can be enabled side by side.
pub(crate) fn hostile(id: &str) -> Vec<u8> {
    let manifest =
        std::fs::read_to_string(root().join("tests/plugins/hostile/plugin.toml")).unwrap();
    repack(&HOSTILE, &manifest.replacen("id = \"hostile\"", &format!("id = \"{id}\""), 1)).unwrap()
}

/// The hostile plugin, subscribed to these events.
pub(crate) fn subscribed_to(events: &[&str]) -> Vec<u8> {
    let manifest =
        std::fs::read_to_string(root().join("tests/plugins/hostile/plugin.toml")).unwrap();
    let subscribes = format!("subscribes = {events:?}");
    let manifest = manifest.replacen("subscribes = [\"purchase-recorded\"]", &subscribes, 1);
    repack(&HOSTILE, &manifest).unwrap()
}

/// The same under a name of its own.
pub(crate) fn hostile_subscribed(id: &str, events: &[&str]) -> Vec<u8> {
    let manifest =
        std::fs::read_to_string(root().join("tests/plugins/hostile/plugin.toml")).unwrap();
    let subscribes = format!("subscribes = {events:?}");
    let manifest = manifest.replacen("subscribes = [\"purchase-recorded\"]", &subscribes, 1);
    repack(&HOSTILE, &manifest.replacen("id = \"hostile\"", &format!("id = \"{id}\""), 1)).unwrap()
}

/// A version of the hostile plugin, which asks for one more key of its configuration if it is given
/// one.
pub(crate) fn hostile_version(version: &str, key: Option<&str>) -> Vec<u8> {
    let manifest =
        std::fs::read_to_string(root().join("tests/plugins/hostile/plugin.toml")).unwrap();
    let mut manifest =
        manifest.replacen("version = \"1.0.0\"", &format!("version = \"{version}\""), 1);
    if let Some(key) = key {
        let required = format!("required = [\"mode\", \"{key}\"]");
        manifest = manifest.replacen("required = [\"mode\"]", &required, 1);
    }
    repack(&HOSTILE, &manifest).unwrap()
}

/// A version of the hostile plugin with one more template.
pub(crate) fn hostile_with_template(version: &str, template: &str) -> Vec<u8> {
    let manifest =
        std::fs::read_to_string(root().join("tests/plugins/hostile/plugin.toml")).unwrap();
    let manifest = manifest.replacen("version = \"1.0.0\"", &format!("version = \"{version}\""), 1);
    let text = format!("\n[messages.{template}.en]\nsubject = \"Hello\"\nbody = \"Hello\"\n");
    repack(&HOSTILE, &(manifest + &text)).unwrap()
}

fn built(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let built = build(&HOST, path, &out(), None).unwrap();
    built.into_iter().map(|one| (one.id, std::fs::read(one.path).unwrap())).collect()
}

fn out() -> PathBuf {
    root().join("target/plugins-of-tests")
}

/// Where compiled plugins are kept from one test run to the next.
pub(crate) fn cache() -> PathBuf {
    root().join("target/plugin-cache-of-tests")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
