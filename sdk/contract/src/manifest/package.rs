//! The files of a plugin that travel in its component, as one text.

use super::{Refused, refused};
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// `plugin.toml` of a crate, with the files `locales/*.ftl` beside it under its key `locales`. What is
/// wrong with them [`Manifest::parse`](super::Manifest::parse) says.
///
/// The one function here that reads files: a build and the tests of an author have to read the same
/// ones.
pub fn packaged(manifest: &str, folder: &Path) -> Result<String, Refused> {
    let locales = folder.join("locales");
    let texts = files(&locales)
        .map_err(|error| Refused::of(format!("cannot read {}: {error}", locales.display())))?;
    if texts.is_empty() {
        return Ok(manifest.to_owned());
    }
    let has_some = |table: toml::Table| table.contains_key("locales");
    if manifest.parse().is_ok_and(has_some) {
        return Err(refused("locales: leave it out, the files in `locales` take its place"));
    }
    let texts = BTreeMap::from([("locales", texts)]);
    let texts = toml::to_string(&texts).map_err(|error| refused(&error.to_string()))?;
    // Behind the rest, whose lines keep their numbers.
    Ok(format!("{manifest}\n{texts}"))
}

/// By their locales. What is no text in Fluent is not looked at.
fn files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(texts),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let locale = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(locale), Some("ftl")) = (locale, path.extension().and_then(|it| it.to_str())) {
            texts.insert(locale.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(texts)
}
