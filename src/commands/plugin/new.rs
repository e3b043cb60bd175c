//! `perennial plugin new`: a crate that builds at once, with the SDK of this very version beside it.

use crate::output;
use anyhow::{Context, Result, bail, ensure};
use include_dir::{Dir, DirEntry, include_dir};
use perennial_contract::text::{NO_PLUGIN_ID, is_plugin_id};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the workspace says of all crates, and each of them only refers to.
const WORKSPACE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk");

/// The plugin that every new one begins as, which the suite builds and runs, and which its README
/// explains line by line. A new one has two of its languages; who changes a text changes few files.
const EXAMPLE: [(&str, &str); 8] = [
    ("README.md", include_str!("../../../examples/plugin-hello/README.md")),
    ("Cargo.toml", include_str!("../../../examples/plugin-hello/Cargo.toml")),
    ("Cargo.lock", include_str!("../../../examples/plugin-hello/Cargo.lock")),
    ("plugin.toml", include_str!("../../../examples/plugin-hello/plugin.toml")),
    ("locales/en.ftl", include_str!("../../../examples/plugin-hello/locales/en.ftl")),
    ("locales/de.ftl", include_str!("../../../examples/plugin-hello/locales/de.ftl")),
    ("src/lib.rs", include_str!("../../../examples/plugin-hello/src/lib.rs")),
    (
        "scenarios/welcome.toml",
        include_str!("../../../examples/plugin-hello/scenarios/welcome.toml"),
    ),
];
/// What the example says of its place in the repository.
const PLACE: &str =
    "# Keeps this crate out of the workspace that it lies in; yours needs no such line.\n";

/// Writes the crate into `folder`, or into a folder of the plugin's name.
pub(super) fn new(id: &str, folder: Option<&Path>, as_json: bool) -> Result<()> {
    ensure!(is_plugin_id(id), "`{id}` cannot be a plugin's id: {NO_PLUGIN_ID}");
    let folder = folder.map_or_else(|| PathBuf::from(id), Path::to_owned);
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: name a folder that is, or that does not exist", folder.display());
    }
    for (path, text) in EXAMPLE {
        write(&folder.join(path), &renamed(text, id))?;
    }
    write(&folder.join(".gitignore"), "target/\n")?;
    write_sdk(&folder.join("sdk"), &SDK)?;
    let path = folder.display().to_string();
    output::result(as_json, &json!({ "id": id, "path": path }), || {
        format!(
            "{path} is a plugin: `cargo test` there tests it, `perennial plugin build {path}` makes \
             the one file to install; {path}/README.md says how it goes on"
        )
    });
    Ok(())
}

/// The example's text with another name.
fn renamed(text: &str, id: &str) -> String {
    let words = id.split('-').filter(|word| !word.is_empty());
    let type_name: String = words.map(capitalized).collect();
    let name: Vec<_> = id.split('-').filter(|word| !word.is_empty()).map(capitalized).collect();
    text.replace(PLACE, "")
        .replace("name = \"Hello\"", &format!("name = \"{}\"", name.join(" ")))
        .replace("../../sdk", "sdk")
        .replace("plugin-hello", &format!("plugin-{id}"))
        .replace("hello", id)
        .replace("Hello", &type_name)
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn write_sdk(folder: &Path, sdk: &Dir<'_>) -> Result<()> {
    for entry in sdk.entries() {
        let file = match entry {
            DirEntry::Dir(dir) => {
                write_sdk(folder, dir)?;
                continue;
            }
            DirEntry::File(file) => file,
        };
        let text = file.contents_utf8().context("a file of the SDK is not text")?;
        let is_manifest = file.path().file_name().is_some_and(|name| name == "Cargo.toml");
        let path = folder.join(file.path());
        match is_manifest {
            true => write(&path, &by_itself(file.path(), text)?)?,
            false => write(&path, text)?,
        }
    }
    Ok(())
}

/// A manifest of the workspace as it reads outside of it. `at` is its place in the SDK's folder.
fn by_itself(at: &Path, manifest: &str) -> Result<String> {
    let workspace: Table = WORKSPACE.parse().context("the workspace's manifest")?;
    let mut manifest: Table = manifest.parse().context("a manifest of the SDK")?;
    manifest.remove("lints");
    let up = "../".repeat(at.components().count() - 1);
    alone(&mut manifest, "", &workspace["workspace"], &up)?;
    toml::to_string(&manifest).context("a manifest of the SDK")
}

/// Puts in what is the workspace's, at any depth: dependencies can be those of a target. `section` is
/// the name of the table; `up` leads from the manifest to the SDK's folder.
fn alone(entries: &mut Table, section: &str, workspace: &Value, up: &str) -> Result<()> {
    for (key, value) in entries.iter_mut() {
        let Value::Table(inner) = value else { continue };
        if inner.remove("workspace").is_none() {
            alone(inner, key, workspace, up)?;
            continue;
        }
        let shared = workspace.get(section).and_then(|table| table.get(key));
        let shared = shared.with_context(|| format!("the workspace has no {section}.{key}"))?;
        let own = std::mem::take(inner);
        *value = joined(shared, own, up);
    }
    Ok(())
}

/// What the workspace says of a dependency and what the crate adds. A path is one from the SDK's
/// folder.
fn joined(shared: &Value, own: Table, up: &str) -> Value {
    let mut all = match shared {
        Value::String(version) if own.is_empty() => return Value::String(version.clone()),
        Value::String(version) => {
            Table::from_iter([("version".to_owned(), version.as_str().into())])
        }
        Value::Table(all) => all.clone(),
        other => return other.clone(),
    };
    if let Some(path) = all.get("path").and_then(Value::as_str) {
        let path = path.strip_prefix("sdk").unwrap_or(path).trim_start_matches('/');
        let path = if path.is_empty() { up } else { &format!("{up}{path}") };
        all.insert("path".to_owned(), path.into());
    }
    all.extend(own);
    Value::Table(all)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(path, text).with_context(cannot)
}
