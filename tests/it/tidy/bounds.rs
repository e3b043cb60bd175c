//! `docs/bounds.md` says what the code does.

use super::{assert_tidy, read};
use perennial_core::Code;
use std::collections::BTreeSet;
use std::path::Path;

/// The files whose constants are all bounds, so that a new one must be documented.
const ALL_OF: &str = "graphql/src/admission/bounds.rs";
/// Codes of requests that are not valid GraphQL, which the core does not know.
const CODES_OF_GRAPHQL: &[&str] =
    &["BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"];

#[test]
fn bounds_are_documented_as_they_are() {
    let document = read(Path::new("docs/bounds.md"));
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for row in document.lines().filter(|line| line.contains(".rs ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let &[_, _, number, beyond, constant, _] = cells.as_slice() else { continue };
        let (file, name) = constant.split_once(' ').unwrap();
        met.insert(constant.to_owned());
        let documented: u64 = number.replace(',', "").parse().unwrap();
        match value(&read(Path::new(file)), name) {
            Some(actual) if actual == documented => {}
            actual => wrong.push(format!("{constant} is {actual:?}, not {documented}")),
        }
        wrong.extend(unknown_code(beyond).map(|code| format!("{code} is no code: {row}")));
    }
    let constants = read(Path::new(ALL_OF));
    for line in constants.lines().filter(|line| line.contains("const ")) {
        let name = line.split("const ").nth(1).unwrap().split(':').next().unwrap();
        if !met.contains(&format!("{ALL_OF} {name}")) {
            wrong.push(format!("{name} is not documented"));
        }
    }
    assert!(met.len() > 50, "only {} bounds were found", met.len());
    assert_tidy(&wrong);
}

/// A number, or a duration in seconds, that a constant is defined as.
fn value(source: &str, name: &str) -> Option<u64> {
    let line = source.lines().find(|line| line.contains(&format!("const {name}: ")))?;
    let written = line.split_once(" = ")?.1.trim_end_matches(';');
    let written = written.strip_prefix("limits::").unwrap_or(written);
    let (written, unit) = match written.strip_prefix("Duration::from_") {
        Some(of) if of.starts_with("mins") => (of.strip_prefix("mins(")?, 60),
        Some(of) => (of.strip_prefix("secs(")?, 1),
        None => (written, 1),
    };
    let numbers = written.trim_end_matches(')').replace('_', "");
    if let Some((number, bits)) = numbers.split_once(" << ") {
        return Some(number.parse::<u64>().ok()? << bits.parse::<u32>().ok()?);
    }
    let factors = numbers.split(" * ").map(|factor| factor.parse::<u64>().ok());
    Some(factors.product::<Option<u64>>()? * unit)
}

fn unknown_code(beyond: &str) -> Option<&str> {
    let is_code =
        |text: &&str| text.len() > 3 && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let is_known = |code: &str| {
        CODES_OF_GRAPHQL.contains(&code) || Code::ALL.iter().any(|known| known.as_str() == code)
    };
    beyond.split('`').filter(is_code).find(|code| !is_known(code))
}
