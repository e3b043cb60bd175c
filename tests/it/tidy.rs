//! Keeps the repository in order: which package may depend on which, how long files are, what
//! documentation names.

use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

const LINES_MAX: usize = 600;

/// What a package of ours may depend on among ours, in its code and in its tests, and what it must
/// never depend on.
struct Rule {
    package: &'static str,
    ours: &'static [&'static str],
    ours_in_tests: &'static [&'static str],
    never: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        package: "perennial-core",
        ours: &[],
        // Its services are tested on real tables.
        ours_in_tests: &["perennial-migrations"],
        never: &["axum", "async-graphql", "async-graphql-axum", "wasmtime"],
    },
    Rule {
        package: "perennial-graphql",
        ours: &["perennial-core"],
        ours_in_tests: &["perennial-migrations"],
        never: &["wasmtime", "sea-orm", "sea-orm-migration"],
    },
    Rule {
        package: "perennial-plugin-host",
        ours: &["perennial-core"],
        ours_in_tests: &[],
        never: &["axum", "async-graphql", "sea-orm"],
    },
    Rule { package: "perennial-migrations", ours: &[], ours_in_tests: &[], never: &[] },
    Rule {
        package: "perennial-sdk",
        ours: &["perennial-sdk-macros"],
        ours_in_tests: &[],
        never: &["tokio", "wasmtime"],
    },
    Rule {
        package: "perennial-sdk-macros",
        ours: &[],
        ours_in_tests: &["perennial-sdk"],
        never: &[],
    },
];

/// The core's folders from the ground up: a folder imports only from those that come before it, so
/// there is no circle, and whoever reads one need not know what stands on it.
const CORE: &[&str] = &[
    "db",
    "facts",
    "runtime",
    "definition",
    "accounts",
    "tiers",
    "context",
    "events",
    "due",
    "operation",
    "referrals",
    "members",
    "earning",
    "records",
    "messages",
    "timers",
    "ledger",
    "rewards",
    "directory",
    "plugins",
    "purchases",
    "worker",
    "programs",
];
/// Files beside the folders that stand on all of them. The others are values, on which all stand.
const CORE_TOP: &[&str] = &["lib.rs", "loyalty.rs"];

/// For every package under `plugins/` but the host: partners have nothing else either.
const INDUSTRY_PLUGIN: Rule =
    Rule { package: "plugin-", ours: &["perennial-sdk"], ours_in_tests: &[], never: &["tokio"] };

#[test]
fn packages_depend_only_along_the_arrows() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = text(package, "name");
        // The root package composes all others.
        if name == "perennial" {
            continue;
        }
        let Some(rule) = rule(name) else {
            wrong.push(format!("{name} has no rule here: say what it may depend on"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = text(dependency, "name");
            let is_test = dependency["kind"] == "dev";
            let is_allowed = !ours.contains(on)
                || rule.ours.contains(&on)
                || (is_test && rule.ours_in_tests.contains(&on));
            if !is_allowed || rule.never.contains(&on) {
                wrong.push(format!("{name} must not depend on {on}"));
            }
        }
    }
    assert!(RULES.iter().all(|rule| ours.contains(rule.package)), "a rule names no package");
    assert_tidy(&wrong);
}

#[test]
fn the_core_stands_on_what_is_below() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for file in rust_files().iter().filter(|file| file.starts_with("core/src")) {
        let path = file.strip_prefix("core/src").unwrap().to_str().unwrap();
        if CORE_TOP.contains(&path) {
            continue;
        }
        // Values know how they are stored, and nothing else.
        let (folder, level) = match path.split_once('/') {
            None => ("values", 1),
            Some((folder, _)) => {
                let Some(level) = CORE.iter().position(|one| *one == folder) else {
                    wrong.push(format!(
                        "{folder} has no place among the core's folders: give it one"
                    ));
                    continue;
                };
                met.insert(folder.to_owned());
                (folder, level)
            }
        };
        let content = read(file);
        let code = content.split("#[cfg(test)]").next().unwrap_or_default();
        for other in imports(code).filter(|other| other != folder) {
            if CORE.iter().position(|one| *one == other).is_some_and(|its| its >= level) {
                wrong.push(format!("{path} imports {other}, which stands above {folder}"));
            }
        }
    }
    wrong.extend(
        CORE.iter().filter(|one| !met.contains(**one)).map(|one| format!("no folder {one}")),
    );
    assert_tidy(&wrong);
}

/// The modules of the crate that code names, as `crate::name`.
fn imports(code: &str) -> impl Iterator<Item = String> + '_ {
    let grouped = code.split("use crate::{").skip(1).filter_map(|rest| rest.split_once("};"));
    let in_groups = grouped.flat_map(|(group, _)| group.split(','));
    let single = code.split("crate::").skip(1);
    single.chain(in_groups).map(|text| {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    })
}

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
fn rust_files_stay_short() {
    let mut wrong = Vec::new();
    for file in rust_files().iter().filter(|file| !is_test(file)) {
        let lines = read(file).lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{} has {lines} lines, {LINES_MAX} are the most", file.display()));
        }
    }
    assert_tidy(&wrong);
}

#[test]
fn only_the_core_and_the_migrations_know_the_database() {
    let mut wrong = Vec::new();
    for file in rust_files() {
        let may = ["core", "migrations"].iter().any(|folder| file.starts_with(folder));
        if !may && !is_test(&file) && read(&file).contains("sea_orm") {
            wrong.push(format!("{} names sea_orm: let the core do it", file.display()));
        }
    }
    assert_tidy(&wrong);
}

#[test]
fn nothing_names_a_place_on_one_machine() {
    // Cut in two, so that this file does not find itself.
    let everywhere = [concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("/ho", "me/")];
    let outside_tests = concat!("/t", "mp/");
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| is_text(file)) {
        let content = read(file);
        let tested = content.find("#[cfg(test)]").unwrap_or(content.len());
        let found = everywhere.iter().filter(|pattern| content.contains(**pattern)).copied();
        let temporary = Some(outside_tests)
            .filter(|pattern| !is_test(file) && content[..tested].contains(pattern));
        for pattern in found.chain(temporary) {
            wrong.push(format!("{} names {pattern}", file.display()));
        }
    }
    assert_tidy(&wrong);
}

fn rule(package: &str) -> Option<&'static Rule> {
    if package.starts_with(INDUSTRY_PLUGIN.package) {
        return Some(&INDUSTRY_PLUGIN);
    }
    RULES.iter().find(|rule| rule.package == package)
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
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

fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches")
        || file.ends_with("tests.rs")
}

fn is_text(file: &Path) -> bool {
    const ENDINGS: &[&str] =
        &["graphql", "js", "json", "md", "rs", "sh", "sql", "toml", "ts", "wit", "yml"];
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.map_or(file.ends_with("Makefile") || file.ends_with(".ci/run"), |ending| {
        ENDINGS.contains(&ending)
    })
}

fn rust_files() -> Vec<PathBuf> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "rs");
    files().into_iter().filter(is_rust).collect()
}

/// The project's files, relative to its root; neither what a build makes nor what belongs to the
/// version control.
fn files() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let relative = path.strip_prefix(root()).unwrap().to_owned();
            let is_skipped = relative == Path::new("data")
                || [".git", "target", "node_modules"].iter().any(|name| relative.ends_with(name));
            match entry.file_type().unwrap() {
                _ if is_skipped => {}
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => files.push(relative),
                _ => {}
            }
        }
    }
    assert!(files.len() > 50, "the walk found only {} files", files.len());
    files
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(root().join(file))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn assert_tidy(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
