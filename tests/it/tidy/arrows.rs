//! Which package may depend on which, and which of the core's folders on which.

use super::{assert_tidy, read, root, rust_files};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

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
        ours: &["perennial-contract"],
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
        ours: &["perennial-contract", "perennial-core"],
        ours_in_tests: &[],
        never: &["axum", "async-graphql", "sea-orm"],
    },
    Rule { package: "perennial-migrations", ours: &[], ours_in_tests: &[], never: &[] },
    Rule {
        package: "perennial-contract",
        ours: &[],
        ours_in_tests: &[],
        never: &["tokio", "wasmtime", "sea-orm", "axum"],
    },
    Rule {
        package: "perennial-sdk",
        // The latter two in native builds only.
        ours: &["perennial-sdk-macros", "perennial-contract", "perennial-simulation"],
        ours_in_tests: &[],
        never: &["tokio", "wasmtime"],
    },
    Rule {
        package: "perennial-simulation",
        ours: &["perennial-contract"],
        ours_in_tests: &[],
        never: &["tokio", "wasmtime", "sea-orm", "axum"],
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
    "copy",
    "facts",
    "runtime",
    "definition",
    "accounts",
    "tiers",
    "context",
    "journal",
    "events",
    "due",
    "operation",
    "referrals",
    "members",
    "idempotency",
    "earning",
    "records",
    "messages",
    "timers",
    "ledger",
    "memberships",
    "holds",
    "cards",
    "changes",
    "settling",
    "rewards",
    "directory",
    "tokens",
    "plugins",
    "server_clock",
    "merging",
    "purchases",
    "returns",
    "edits",
    "reappraisals",
    "backtests",
    "pending",
    "sealing",
    "erasures",
    "exports",
    "verify",
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
