//! Mappings that are wrong, by themselves or for their file.

use super::*;
use crate::import::members::MemberMapping;
use perennial_core::Code;

#[test]
fn a_mapping_with_a_mistake_is_refused_by_line_or_key() {
    for (text, expected) in [
        ("format = \"csv\"\nheadr = true", "line 2"),
        ("format = \"xml\"", "line 1"),
        ("delimiter = \"€\"", "delimiter: use one ASCII"),
        ("encoding = \"klingon\"", "`klingon` is not an encoding"),
        ("[columns]\nmember = 1.5", "a column's name, its number"),
        ("[columns]\nmember = { vale = \"x\" }", "line 2"),
        ("[reference]\nderive = [\"member\", \"date\"]", "reference.derive: use each"),
        (
            "[columns]\nreference = 1\n[reference]\nderive = [\"member\",\"date\",\"occurrence\"]",
            "keep one of the two",
        ),
        ("[amounts]\ndecimal = \",\"\nthousands = \",\"", "are the same"),
        ("[amounts]\ndecimal = \"5\"", "use marks such as"),
        ("[amounts.signs]\n\"€\" = \"EURO\"", "line 2"),
        ("[amounts.signs]\n\"1€\" = \"EUR\"", "a sign has no digits"),
        ("format = \"whitespace\"\n[amounts]\nthousands = \" \"", "separates the columns"),
        ("[lines]\nkey = \"items\"", "only an object of NDJSON"),
    ] {
        let error = PurchaseMapping::parse(text).unwrap_err();
        assert_eq!(error.code(), Code::InvalidInput);
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
    PurchaseMapping::parse("").unwrap();
    let error = MemberMapping::parse("[contacts]\nkey = \"people\"").unwrap_err();
    assert!(error.message().contains("only an object of NDJSON"), "{}", error.message());
}

#[test]
fn a_file_without_a_needed_column_is_refused_with_what_to_do() {
    for (text, mapping, expected) in [
        ("", "", "the header is missing: the file is empty"),
        ("member,date,amount\n", "", "[reference] derive ="),
        ("member,reference,amount\n", "", "columns.date: the file has no column `date`"),
        ("a,b\n", "[columns]\nmember = \"c\"", "the header has no `c`; it has a, b"),
        ("a,b\n", "[columns]\nmember = 3", "there is no column 3, only 2"),
        ("a,a\n", "[columns]\nmember = \"a\"", "the header has `a` twice"),
        ("1,2\n", "header = false\n[columns]\nmember = \"a\"", "use a number from 1"),
        ("{}\n", "format = \"ndjson\"\n[columns]\nmember = 1", "NDJSON has keys"),
    ] {
        let path = file(text);
        let error = purchases(&path, mapping, terms()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidInput);
        assert!(error.message().starts_with(&path.display().to_string()), "{}", error.message());
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
}

#[test]
fn the_mappings_of_the_documentation_are_mappings() {
    let document = include_str!("../../../docs/import.md");
    let blocks: Vec<_> = document.split("```toml\n").skip(1).collect();
    assert!(blocks.len() >= 4, "{blocks:#?}");
    for block in blocks {
        let (mapping, _) = block.split_once("```").unwrap();
        let parsed = if mapping.contains("[contacts]") {
            MemberMapping::parse(mapping).map(drop)
        } else {
            PurchaseMapping::parse(mapping).map(drop)
        };
        assert!(parsed.is_ok(), "{mapping}{parsed:?}");
    }
}
