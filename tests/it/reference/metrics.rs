//! `docs/metrics.md` and the alerts name the metrics that the code measures.

use super::{read, root};
use std::collections::BTreeSet;
use std::path::PathBuf;

const PREFIX: &str = "perennial_";

#[test]
fn every_metric_is_documented() {
    let measured: BTreeSet<String> = ["src", "core/src", "graphql/src", "plugins/host/src"]
        .iter()
        .flat_map(|folder| rust_files(root().join(folder)))
        .flat_map(|file| measured(&std::fs::read_to_string(file).unwrap()))
        .collect();
    assert!(measured.len() > 8, "{measured:?}");
    assert_eq!(documented(), measured);
}

#[test]
fn alerts_ask_for_metrics_that_there_are() {
    let documented = documented();
    let alerts = read("docs/operate/alerts.yml");
    let expressions: Vec<_> = alerts.lines().filter(|line| line.contains("expr:")).collect();
    assert!(expressions.len() > 5, "{alerts}");
    for expression in expressions {
        for name in names(expression) {
            let of = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
            let is_there =
                documented.contains(&name) || of.is_some_and(|of| documented.contains(of));
            assert!(is_there, "`{name}` is not measured: {expression}");
        }
    }
}

/// The names that code gives to `counter!`, `gauge!` and `histogram!`.
fn measured(code: &str) -> Vec<String> {
    let calls =
        ["counter!(", "gauge!(", "histogram!("].iter().flat_map(|call| code.split(call).skip(1));
    let named = calls.filter_map(|rest| rest.trim_start().strip_prefix('"'));
    named.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
}

fn documented() -> BTreeSet<String> {
    let page = read("docs/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

fn names(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with(PREFIX));
    words.map(str::to_owned).collect()
}

fn rust_files(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files.extend(rust_files(path)),
            path if path.extension().is_some_and(|ending| ending == "rs") => files.push(path),
            _ => {}
        }
    }
    files
}
