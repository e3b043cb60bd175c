//! `docs/program-file.md` and `docs/import.md` have every key. Which those are, the reader of a file
//! says itself: it names all that it expects when it meets another.

use super::read;
use crate::support::{Backend, TestDb, perennial};
use std::collections::BTreeSet;

const HEAD: &str =
    "program = \"shop\"\nname.en = \"Shop\"\ntime_zone = \"UTC\"\ncurrency = \"EUR\"\n";
/// What leads into each table of the program file, and the heading that documents it.
const TABLES: [(&str, &str); 8] = [
    ("", "The head"),
    ("[points]", "`[points]`"),
    ("[[earning_rules]]", "`[[earning_rules]]`"),
    ("[tiers]", "`[tiers]`"),
    ("[[tiers.ladder]]", "`[[tiers.ladder]]`"),
    ("[[tiers.ladder.benefits]]", "`[[tiers.ladder.benefits]]`"),
    ("[[rewards]]", "`[[rewards]]`"),
    ("[referral]", "`[referral]`"),
];

#[test]
fn every_key_of_the_program_file_is_documented() {
    let page = read("docs/program-file.md");
    for (table, heading) in TABLES {
        let metric =
            if table.starts_with("[[tiers") { "[tiers]\nmetric = \"spent\"\n" } else { "" };
        let file = match table {
            "" => "another = 1\n".to_owned(),
            "[[tiers.ladder.benefits]]" => {
                format!("{HEAD}{metric}[[tiers.ladder]]\n{table}\nanother = 1\n")
            }
            table => format!("{HEAD}{metric}{table}\nanother = 1\n"),
        };
        let refused = perennial_core::programs::definition(&file).unwrap_err();
        assert_eq!(documented(&page, heading), expected(refused.message()), "{heading}");
    }
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let read = perennial_core::programs::definition(example);
    assert!(read.is_ok(), "the example of docs/program-file.md: {read:?}");
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
    let (_, expected) = refusal.split_once("unknown field `another`, expected").unwrap_or_default();
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
