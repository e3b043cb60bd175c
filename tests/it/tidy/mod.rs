//! Keeps the repository in order: which package may depend on which, how long files are, what
//! documentation names.

mod arrows;
mod bounds;
mod documents;
mod sandbox;

use std::path::{Path, PathBuf};

const LINES_MAX: usize = 600;

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
