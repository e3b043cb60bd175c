//! The page about conditions says what conditions can name.

use perennial_core::earning::NAMES;
use std::fmt::Write;
use std::path::Path;

#[test]
fn the_names_of_conditions_are_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conditions.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (introduction, _) = page.split_once(HEAD).expect("the page has the table of names");
    let mut expected = format!("{introduction}{HEAD}");
    for name in NAMES {
        writeln!(expected, "| `{}` | {} |", name.path, name.meaning).unwrap();
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap() == expected,
        "docs/conditions.md lacks a name: UPDATE_DOCS=1 cargo test conditions"
    );
}

const HEAD: &str = "| name | what it is |\n| --- | --- |\n";
