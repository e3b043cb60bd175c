//! Files that are imported by the executable: what their rows make, what is refused, and what that
//! is told by.

mod balances;
mod counts;
mod files;
mod history;
mod members;
mod orders;

use crate::support::{ImportSummary, TestApp, perennial};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Puts a file into the test's folder.
fn file(app: &TestApp, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = app.db.folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn arguments(what: &str, file: &Path, mapping: Option<&Path>) -> Vec<String> {
    let mut arguments = vec!["import", what, file.to_str().unwrap(), "--program", "shop"];
    arguments.extend(mapping.into_iter().flat_map(|path| ["--mapping", path.to_str().unwrap()]));
    arguments.into_iter().map(str::to_owned).collect()
}

/// Imports a file that gives an exit code.
#[track_caller]
fn import(
    app: &TestApp,
    what: &str,
    file: &Path,
    mapping: Option<&Path>,
    code: i32,
) -> ImportSummary {
    let mut arguments = arguments(what, file, mapping);
    arguments.push("--json".to_owned());
    perennial(&app.db, &arguments).exits(code).printed()
}

/// A member as the admin API shows it.
async fn member(app: &TestApp, external_id: &str) -> Value {
    const MEMBER: &str = "query($id: String!) { member(externalId: $id) { \
         name kind email locale country contacts { name email role locale } \
         balance { points } tier { key } statistics { purchases } } }";
    app.admin("shop", MEMBER, json!({ "id": external_id })).await["member"].take()
}

/// The text of an error file, without its header and in alphabetical order: which of two refused
/// rows comes first depends on who refused them.
fn errors(summary: &ImportSummary) -> String {
    let text = std::fs::read_to_string(summary.error_file.as_ref().unwrap()).unwrap();
    let mut rows: Vec<_> = text.lines().skip(1).collect();
    rows.sort_unstable();
    rows.join("\n")
}
