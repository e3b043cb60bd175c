//! `perennial plugin key` and `sign`: what a publisher does.

use super::read;
use crate::config::Settings;
use crate::{output, platform, private_key};
use anyhow::{Context, ensure};
use ed25519_dalek::SigningKey;
use perennial_core::plugins::{Inspected, Runtime};
use serde_json::json;
use std::path::Path;

/// Makes a key and prints its public half.
pub(super) fn key(file: &Path, as_json: bool) -> anyhow::Result<()> {
    let shown = file.display();
    let is_new = private_key::create(file).with_context(|| format!("cannot write {shown}"))?;
    ensure!(is_new, "there is a file {shown}, and a key is never overwritten: name another");
    let public = private_key::public(&read_key(file)?);
    output::result(as_json, &json!({ "publicKey": public, "path": file }), || public.clone());
    Ok(())
}

/// Signs a component in its file, which stays as it was if that is no plugin.
pub(super) fn sign(
    settings: &Settings,
    file: &Path,
    key: &Path,
    as_json: bool,
) -> anyhow::Result<()> {
    let key = read_key(key)?;
    let cannot = || format!("cannot sign {}", file.display());
    let signed = perennial_plugin_host::sign(&read(file)?, &key).with_context(cannot)?;
    let inspected = platform::host(settings)?.inspect(&signed).with_context(cannot)?;
    // A reader of the file sees the old one or the new one.
    let unfinished = file.with_extension("wasm.unfinished");
    std::fs::write(&unfinished, &signed)
        .and_then(|()| std::fs::rename(&unfinished, file))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let Inspected { manifest, signed_by } = inspected;
    let (id, version, key) = (&manifest.id, &manifest.version, signed_by.unwrap_or_default());
    let answer = json!({ "id": id, "version": version, "signedBy": key });
    output::result(as_json, &answer, || format!("{id} {version} is signed by {key}"));
    Ok(())
}

fn read_key(file: &Path) -> anyhow::Result<SigningKey> {
    let cannot = || format!("cannot read the publisher's key {}", file.display());
    let keys = private_key::parse(&std::fs::read_to_string(file).with_context(cannot)?);
    let mut keys = keys.with_context(cannot)?;
    ensure!(keys.len() == 1, "{} has {} keys instead of one", file.display(), keys.len());
    Ok(keys.remove(0))
}
