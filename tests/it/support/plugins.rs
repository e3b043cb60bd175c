//! The bundled plugins and the hostile one, built once per test run.

use ed25519_dalek::SigningKey;
use perennial_plugin_host::{Host, Limits, build, repack, sign};
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
static HOSTILE: LazyLock<Vec<u8>> = LazyLock::new(|| one("tests/plugins/hostile"));
static CURIOUS: LazyLock<Vec<u8>> = LazyLock::new(|| one("tests/plugins/curious"));

/// A bundled plugin's component.
pub(crate) fn bundled(id: &str) -> &'static [u8] {
    &BUNDLED[id]
}

/// The ids of all bundled plugins; a test that uses none does not build them.
pub(crate) const BUNDLED_IDS: [&str; 5] =
    ["consumer-goods", "content", "lifecycle-mail", "machinery", "replenishment"];

/// The folder that the bundled components are in.
pub(crate) fn bundled_folder() -> PathBuf {
    LazyLock::force(&BUNDLED);
    out()
}

/// The plugin that looks up all that there is, signed by the same publisher.
pub(crate) fn curious() -> Vec<u8> {
    sign(&CURIOUS, &publisher()).unwrap()
}

/// A component that was built against a contract of the past, signed by the same publisher.
pub(crate) fn built_for(contract: &str) -> Vec<u8> {
    let path = root().join(format!("tests/contracts/{contract}/keeper.wasm"));
    sign(&std::fs::read(path).unwrap(), &publisher()).unwrap()
}

/// Who publishes the hostile plugin, whatever its id.
pub(crate) fn publisher() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The hostile plugin with something else in its manifest, signed by nobody.
pub(crate) fn unsigned(changes: &[(&str, &str)]) -> Vec<u8> {
    let manifest = root().join("tests/plugins/hostile/plugin.toml");
    let mut manifest = std::fs::read_to_string(manifest).unwrap();
    for (from, to) in changes {
        assert!(manifest.contains(from), "{from}");
        manifest = manifest.replacen(from, to, 1);
    }
    repack(&HOSTILE, &manifest).unwrap()
}

/// The same, signed by its publisher.
pub(crate) fn signed(changes: &[(&str, &str)]) -> Vec<u8> {
    sign(&unsigned(changes), &publisher()).unwrap()
}

/// The hostile plugin under a name of its own, and with a record type of its own, so that several can be
/// enabled side by side.
pub(crate) fn hostile(id: &str) -> Vec<u8> {
    hostile_with(id, &[])
}

/// The same, with something else in its manifest.
pub(crate) fn hostile_with(id: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let named = named(id);
    let named = named.iter().map(|(from, to)| (*from, to.as_str()));
    signed(&named.chain(changes.iter().copied()).collect::<Vec<_>>())
}

fn named(id: &str) -> [(&'static str, String); 3] {
    [
        ("id = \"hostile\"", format!("id = \"{id}\"")),
        ("writes-records = [\"toy\"]", format!("writes-records = [\"toy-of-{id}\"]")),
        ("[records.toy]", format!("[records.toy-of-{id}]")),
    ]
}

/// The hostile plugin, subscribed to these events.
pub(crate) fn subscribed_to(events: &[&str]) -> Vec<u8> {
    hostile_subscribed("hostile", events)
}

/// The same under a name of its own.
pub(crate) fn hostile_subscribed(id: &str, events: &[&str]) -> Vec<u8> {
    hostile_with(
        id,
        &[("subscribes = [\"purchase-recorded\"]", &format!("subscribes = {events:?}"))],
    )
}

/// A version of the hostile plugin, which asks for one more key of its configuration if it is given
/// one.
pub(crate) fn hostile_version(version: &str, key: Option<&str>) -> Vec<u8> {
    let required = key.map_or("required = [\"mode\"]".to_owned(), |key| {
        format!("required = [\"mode\", \"{key}\"]")
    });
    signed(&[
        ("version = \"1.0.0\"", &format!("version = \"{version}\"")),
        ("required = [\"mode\"]", &required),
    ])
}

/// A version of the hostile plugin with one more template.
pub(crate) fn hostile_with_template(version: &str, template: &str) -> Vec<u8> {
    let text = format!(
        "[messages.{template}.en]\nsubject = \"Hello\"\nbody = \"Hello\"\n[messages.greeting.en]"
    );
    signed(&[
        ("version = \"1.0.0\"", &format!("version = \"{version}\"")),
        ("[messages.greeting.en]", &text),
    ])
}

fn one(folder: &str) -> Vec<u8> {
    built(&root().join(folder)).into_values().next().expect("one plugin was built")
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
