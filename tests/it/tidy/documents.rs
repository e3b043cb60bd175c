//! What documents say of the repository.

use super::{assert_tidy, files, read, root};
use std::path::PathBuf;

#[test]
fn documentation_names_only_files_that_exist() {
    let files = files();
    let mut wrong = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md"] {
        let content = std::fs::read_to_string(root().join(document))
            .unwrap_or_else(|error| panic!("{document}: {error}"));
        let prose = without_code_blocks(&content);
        let claimed = spans(&prose, "`", "`").into_iter().filter(|span| is_path(span));
        let linked = spans(&prose, "](", ")").into_iter().filter(|link| !link.contains(':'));
        for name in claimed.chain(linked) {
            let path = name.split('#').next().unwrap().trim_end_matches('/');
            if !path.is_empty() && !exists(path, &files) {
                wrong.push(format!("{document} names `{name}`, which does not exist"));
            }
        }
    }
    assert_tidy(&wrong);
}

#[test]
fn the_proof_names_only_tests_that_there_are() {
    let proof = std::fs::read_to_string(root().join("docs/proof.md")).unwrap();
    let is_test = |file: &PathBuf| {
        file.starts_with("tests/it") && file.extension().is_some_and(|ending| ending == "rs")
    };
    let tests: String =
        files().iter().filter(|file| is_test(file)).map(|file| read(file)).collect();
    let named: Vec<_> =
        spans(&proof, "`", "`").into_iter().filter(|span| span.contains("::")).collect();
    assert!(named.len() > 20, "{named:?}");
    let is_there = |name: &str| {
        let name = name.rsplit("::").next().unwrap();
        ["fn ", "mod "].iter().any(|kind| {
            tests.contains(&format!("{kind}{name}(")) || tests.contains(&format!("{kind}{name};"))
        })
    };
    let missing: Vec<_> = named
        .into_iter()
        .filter(|name| !is_there(name))
        .map(|name| format!("docs/proof.md names `{name}`, which is no test"))
        .collect();
    assert_tidy(&missing);
}

#[test]
fn the_map_names_every_domain() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let folders = std::fs::read_dir(root().join("graphql/src")).unwrap().map(Result::unwrap);
    let names = folders.map(|folder| folder.file_name().into_string().unwrap());
    let domains = names.filter(|name| root().join("core/src").join(name).is_dir());
    let missing: Vec<_> = domains
        .filter(|name| !map.contains(&format!("`{name}`")))
        .map(|name| format!("ARCHITECTURE.md does not name the domain `{name}`"))
        .collect();
    assert_tidy(&missing);
}

/// Whether words between backticks claim to be a file: a known ending, or a folder of ours before a
/// slash.
fn is_path(span: &str) -> bool {
    const ENDINGS: &[&str] =
        &["csv", "graphql", "json", "md", "rs", "sh", "sql", "toml", "ts", "txt", "wit"];
    // Made by a build or by the operator, so not part of the project.
    const MADE: &[&str] = &["target/", "data/", "perennial.toml", "program.toml", "mapping.toml"];
    let is_plain = !span.contains(|c: char| c.is_whitespace() || "*<>{}…$:|\"'()".contains(c));
    let has_ending = span
        .rsplit_once('.')
        .is_some_and(|(name, ending)| !name.is_empty() && ENDINGS.contains(&ending));
    let is_in_a_folder = span
        .split_once('/')
        .is_some_and(|(folder, _)| !folder.is_empty() && root().join(folder).is_dir());
    is_plain
        && (has_ending || is_in_a_folder)
        && !span.starts_with(['/', '-', '.'])
        && !MADE.iter().any(|made| span.starts_with(made))
}

/// A path must be there; a bare name may be that of any file.
fn exists(path: &str, files: &[PathBuf]) -> bool {
    let is_name = !path.contains('/');
    root().join(path).exists() || (is_name && files.iter().any(|file| file.ends_with(path)))
}

fn without_code_blocks(content: &str) -> String {
    content.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// What stands between `open` and `close`, within a line.
fn spans<'a>(content: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for mut line in content.lines() {
        while let Some((_, rest)) = line.split_once(open) {
            let Some((span, rest)) = rest.split_once(close) else { break };
            found.push(span);
            line = rest;
        }
    }
    found
}
