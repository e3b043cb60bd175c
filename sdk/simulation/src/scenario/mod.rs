//! Scenario files: what happens to members, step by step, and what is expected of the plugin. The same
//! file runs natively and against the component.

mod change;
mod differences;
mod file;
mod run;
mod step;

pub use run::Outcome;

use crate::{Member, Program};
use file::File;
use jiff::civil::Date;
use perennial_contract::Manifest;
use perennial_contract::call::ServiceCenter;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use step::Step;

/// A checked scenario file.
#[derive(Debug)]
pub struct Scenario {
    /// Its file, as whoever runs it named it.
    pub file: String,
    /// What it shows, in the author's words; empty if there are none.
    pub about: String,
    program: Program,
    start: Date,
    /// Of the plugins beside it.
    beside: Vec<Manifest>,
    centers: Vec<ServiceCenter>,
    config: Value,
    members: Vec<Member>,
    steps: Vec<Step>,
}

impl Scenario {
    /// Reads the text of a file. Fails naming the file, the line and what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let parsed: File = toml::from_str(text)
            .map_err(|error| format!("{file}: {}", error.to_string().trim_end()))?;
        parsed.check(file, text)
    }
}

/// The scenarios of a plugin: the files `*.toml` in the folder `scenarios` beside its manifest, by
/// name. Fails if there are none.
pub fn scenarios(plugin: &Path) -> Result<Vec<Scenario>, String> {
    let folder = plugin.join("scenarios");
    let cannot = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).map_err(|error| cannot(&folder, error))? {
            let path = entry.map_err(|error| cannot(&folder, error))?.path();
            if path.extension() == Some(OsStr::new("toml")) {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        return Err(format!(
            "there is no scenario in {}: write one, as the SDK's guide shows under \"Testing\"",
            folder.display()
        ));
    }
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).map_err(|error| cannot(path, error))?;
        Scenario::parse(&format!("scenarios/{name}"), &text)
    };
    files.iter().map(read).collect()
}

/// The line of a byte of a text.
fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}
