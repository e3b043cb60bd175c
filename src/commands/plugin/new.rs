//! `perennial plugin new`: a crate that builds at once, with the SDK of this very version beside it.

use crate::output;
use anyhow::{Context, Result, bail, ensure};
use include_dir::{Dir, DirEntry, include_dir};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the workspace says of all crates, and each of them only refers to.
const WORKSPACE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk");

/// The plugin that every new one begins as, which the suite builds and runs.
const EXAMPLE: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../../../examples/plugin-hello/Cargo.toml")),
    ("Cargo.lock", include_str!("../../../examples/plugin-hello/Cargo.lock")),
    ("plugin.toml", include_str!("../../../examples/plugin-hello/plugin.toml")),
    ("src/lib.rs", include_str!("../../../examples/plugin-hello/src/lib.rs")),
];
const README: &str = include_str!("new.md");
/// What the example says of its place in the repository.
const PLACE: &str =
    "# Keeps this crate out of the workspace that it lies in; yours needs no such line.\n";

/// Writes the crate into `folder`, or into a folder of the plugin's name.
pub(super) fn new(id: &str, folder: Option<&Path>, as_json: bool) -> Result<()> {
    ensure!(
        is_id(id),
        "`{id}` cannot be a plugin's id: use lower-case letters, digits and hyphens, at most 64, \
         starting with a letter"
    );
    let folder = folder.map_or_else(|| PathBuf::from(id), Path::to_owned);
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: name a folder that is, or that does not exist", folder.display());
    }
    for (path, text) in EXAMPLE {
        write(&folder.join(path), &renamed(text, id))?;
    }
    write(&folder.join("README.md"), &renamed(README, id))?;
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

/// By the same rule as in a manifest, so that what is made here passes there.
fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 64 && id.chars().all(allowed)
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
            true => write(&path, &by_itself(text)?)?,
            false => write(&path, text)?,
        }
    }
    Ok(())
}

/// A manifest of the workspace as it reads outside of it.
fn by_itself(manifest: &str) -> Result<String> {
    let workspace: Table = WORKSPACE.parse().context("the workspace's manifest")?;
    let shared = |section: &str, key: &str| {
        let found = workspace["workspace"].get(section).and_then(|table| table.get(key));
        found.cloned().with_context(|| format!("the workspace has no {section}.{key}"))
    };
    let mut manifest: Table = manifest.parse().context("a manifest of the SDK")?;
    manifest.remove("lints");
    for section in ["package", "dependencies"] {
        let Some(Value::Table(entries)) = manifest.get_mut(section) else { continue };
        for (key, value) in entries.iter_mut() {
            if value.get("workspace").is_some() {
                *value = shared(section, key)?;
            }
        }
    }
    // From the SDK's own folder.
    if let Some(macros) = manifest
        .get_mut("dependencies")
        .and_then(|dependencies| dependencies.get_mut("perennial-sdk-macros"))
    {
        *macros = Value::Table(Table::from_iter([("path".to_owned(), "macros".into())]));
    }
    toml::to_string(&manifest).context("a manifest of the SDK")
}

fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(path, text).with_context(cannot)
}
