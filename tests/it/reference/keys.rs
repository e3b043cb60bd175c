//! `docs/program-file.md` and `docs/import.md` have every key. Which those are, the reader of a file
//! says itself: it names all that it expects when it meets another.

use super::read;
use crate::support::{Backend, TestDb, perennial, programs};
use serde_json::Value;
use std::collections::BTreeSet;

const HEAD: &str =
    "program = \"shop\"\nname.en = \"Shop\"\ntime_zone = \"UTC\"\ncurrency = \"EUR\"\n";
const LADDER: &str = "/properties/tiers/properties/ladder/items";

/// What leads into each table of the program file, and where it is in the schema.
fn tables() -> [(&'static str, String); 13] {
    let at = |name: &str| format!("/properties/{name}");
    [
        ("", String::new()),
        ("[points]", at("points")),
        ("[points.payment]", at("points/properties/payment")),
        ("[points.caps]", "/$defs/caps".to_owned()),
        ("[[point_types]]", at("point_types/items")),
        ("[[earning_rules]]", at("earning_rules/items")),
        ("[tiers]", at("tiers")),
        ("[[tiers.ladder]]", LADDER.to_owned()),
        ("[[tiers.ladder.benefits]]", format!("{LADDER}/properties/benefits/items")),
        ("[[rewards]]", at("rewards/items")),
        ("[referral]", at("referral")),
        ("[transfers]", at("transfers")),
        ("[approval]", at("approval")),
    ]
}

#[test]
fn every_key_of_the_program_file_is_documented() {
    let page = read("docs/program-file.md");
    let schema: Value = serde_json::from_str(&read("docs/program.schema.json")).unwrap();
    for (table, place) in tables() {
        let heading = if table.is_empty() { "The head".to_owned() } else { format!("`{table}`") };
        let keys = expected(&refusal_in(table));
        assert_eq!(documented(&page, &heading), keys, "{heading}");
        let properties = schema.pointer(&format!("{place}/properties"));
        let properties = properties.and_then(Value::as_object).unwrap();
        assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), keys, "{place}");
    }
}

/// What the reader of program files says of a key in a table that does not exist.
fn refusal_in(table: &str) -> String {
    let metric = if table.starts_with("[[tiers") { "[tiers]\nmetric = \"spent\"\n" } else { "" };
    let above = if table.ends_with("benefits]]") { "[[tiers.ladder]]\n" } else { "" };
    let file = match table {
        "" => "another = 1\n".to_owned(),
        table => format!("{HEAD}{metric}{above}{table}\nanother = 1\n"),
    };
    perennial_core::programs::definition(&file).unwrap_err().message().to_owned()
}

#[test]
fn the_schema_takes_programs_and_says_what_they_cannot_lack() {
    let schema: Value = serde_json::from_str(&read("docs/program.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let page = read("docs/program-file.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let examples = ["demo", "machinery", "industries"].map(programs::example);
    for source in examples.iter().map(String::as_str).chain([example]) {
        perennial_core::programs::definition(source).unwrap();
        let file: Value = toml::from_str(source).unwrap();
        assert_eq!(validator.validate(&file).map_err(|error| error.to_string()), Ok(()));
    }
    let file: toml::Table = toml::from_str(example).unwrap();
    for key in file.keys() {
        let mut lacking = file.clone();
        lacking.remove(key);
        let is_read = perennial_core::programs::definition(&lacking.to_string()).is_ok();
        let lacking = serde_json::to_value(lacking).unwrap();
        assert_eq!(validator.is_valid(&lacking), is_read, "without `{key}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_a_mapping_is_documented() {
    let db = TestDb::create(Backend::Sqlite).await;
    let page = read("docs/import.md");
    let mapping = db.folder.path().join("mapping.toml");
    for (what, tables) in [
        ("purchases", &["", "[columns]", "[amounts]", "[lines]", "[reference]"][..]),
        ("members", &["", "[columns]", "[contacts]"]),
    ] {
        for table in tables {
            std::fs::write(&mapping, format!("{table}\nanother = 1\n")).unwrap();
            let path = mapping.to_str().unwrap();
            let refused =
                perennial(&db, &["import", what, "none.csv", "--program", "p", "--mapping", path]);
            let keys = expected(&refused.stderr);
            assert!(!keys.is_empty(), "{}", refused.stderr);
            let table = table.trim_matches(['[', ']']);
            for key in keys {
                let is_there =
                    [format!("`{key}`"), format!("`[{key}]`"), format!("`{table}.{key}`")]
                        .iter()
                        .any(|name| page.contains(name))
                        || page.contains(&format!("\n{key} = "));
                assert!(is_there, "docs/import.md does not name `{key}` of [{table}]");
            }
        }
    }
}

/// The keys that a refusal says it expected.
fn expected(refusal: &str) -> BTreeSet<String> {
    let said = ["there is no key `another` here; known are", "unknown field `another`, expected"];
    let (_, expected) = said.iter().find_map(|said| refusal.split_once(said)).unwrap_or_default();
    let line = expected.lines().next().unwrap_or_default();
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys in the table under a heading.
fn documented(page: &str, heading: &str) -> BTreeSet<String> {
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}
