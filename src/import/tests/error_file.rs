//! The rows that were refused, and that their file can be imported as it is.

use super::*;
use tempfile::TempDir;

/// Refuses every bad row of a file, and returns the error file's path.
fn refuse(path: &Path, mapping: &str) -> Option<PathBuf> {
    let mut groups = purchases(path, mapping, terms()).unwrap();
    let mut errors = groups.error_file();
    while let Some(group) = groups.next().unwrap() {
        let order = Order::of(group, groups.layout());
        for error in order.err().into_iter().flatten() {
            groups.refuse(&error, &mut errors).unwrap();
        }
    }
    errors.finish().unwrap()
}

fn folder(name: &str, text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_error_file_appears_whole_and_only_when_there_is_an_error() {
    let text = "member,reference,date,amount\nada,r,2026-01-01,wrong\n";
    let (folder, input) = folder("purchases.csv", text);
    let path = folder.path().join("purchases.csv.errors.csv");
    let mut groups = purchases(&input, "", terms()).unwrap();
    let mut abandoned = groups.error_file();
    let group = groups.next().unwrap().unwrap();
    let error = Order::of(group, groups.layout()).unwrap_err().remove(0);
    groups.refuse(&error, &mut abandoned).unwrap();
    assert!(!path.exists());
    drop(abandoned);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    assert_eq!(refuse(&input, ""), Some(path.clone()));
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "member,reference,date,amount,error_line,error_column,error_code,error_reason\n\
         ada,r,2026-01-01,wrong,2,amount,INVALID_AMOUNT,\
         \"is not a decimal amount such as 29.33, zero or more\"\n"
    );
    std::fs::write(&input, text.replace("wrong", "1")).unwrap();
    assert_eq!(refuse(&input, ""), None);
    assert!(!path.exists(), "the errors of an earlier import are gone");
}

/// What is refused in a file, refused again in its error file, and what a corrected error file
/// gives: the errors stay the same, and each correction takes its row out.
fn corrected(name: &str, text: &str, mapping: &str, corrections: &[(&str, &str)]) -> Vec<String> {
    let (_folder, input) = folder(name, text);
    let first = refuse(&input, mapping).unwrap();
    let again = refuse(&first, mapping).unwrap();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let reasons = |path: &Path| -> Vec<String> {
        let rows = rows(path, mapping).into_iter().filter_map(Result::err);
        rows.map(|error| format!("{} {}", error.column, error.reason)).collect()
    };
    assert_eq!(reasons(&again), reasons(&first), "{}\n{}", read(&first), read(&again));
    assert_eq!(read(&again).lines().count(), read(&first).lines().count());
    let added = |path: &Path| read(path).matches("error_reason").count();
    assert!(added(&first) > 0);
    assert_eq!(added(&again), added(&first), "what was added is added once");
    let mut corrected = read(&first);
    for (wrong, right) in corrections {
        assert!(corrected.contains(wrong), "{wrong} in {corrected}");
        corrected = corrected.replace(wrong, right);
    }
    let path = first.with_file_name("corrected");
    std::fs::write(&path, corrected).unwrap();
    assert_eq!(refuse(&path, mapping), None, "{}", read(&path));
    rows(&path, mapping)
        .into_iter()
        .map(|row| row.unwrap())
        .map(|row| format!("{} {} {}", row.member, row.reference, row.items[0].amount))
        .collect()
}

#[test]
fn a_csv_file_is_corrected_and_read_as_it_is() {
    let text = "member;reference;date;amount;note\n\
        ada;o-1;2026-01-01;1;\"x;\"\"y\"\"\"\n\
        ada;o-2;2026-01-01;wrong;\"two\nlines\"\n\
        bob;o-3;2026-01-01\n\
        \"eve;o-4;2026-01-01;4;\n\
        ada;o-1;2026-01-01;2,5;z\n";
    let corrections = [
        ("wrong", "2"),
        ("bob;o-3;2026-01-01;;", "bob;o-3;2026-01-01;3;"),
        ("\"\"\"eve;o-4;2026-01-01;4;\";;;;", "eve;o-4;2026-01-01;4;"),
        ("2,5", "2.5"),
    ];
    assert_eq!(
        corrected("a.csv", text, "delimiter = \";\"", &corrections),
        ["ada o-1 1", "ada o-1 2.5", "ada o-2 2", "bob o-3 3", "eve o-4 4"]
    );
}

#[test]
fn files_without_a_header_name_what_was_added() {
    let columns = "header = false\n[columns]\nmember = 1\nreference = 2\ndate = 3\namount = 4";
    let text = "ada,o-1,2026-01-01,wrong\nbob,o-2,2026-01-01,wrong\n";
    let rows = corrected("a.csv", text, columns, &[("wrong", "1")]);
    assert_eq!(rows, ["ada o-1 1", "bob o-2 1"]);
    let mapping = format!("format = \"whitespace\"\n{columns}");
    let rows = corrected("a.txt", &text.replace(',', "  "), &mapping, &[("wrong", "1")]);
    assert_eq!(rows, ["ada o-1 1", "bob o-2 1"]);
}

#[test]
fn objects_keep_their_keys() {
    let text = "{\"member\":\"ada\",\"x\":[1, {}],\"reference\":\"o-1\",\"date\":\"2026-01-01\",\
        \"amount\":\"wrong\"}\nno json\n";
    let mapping = "format = \"ndjson\"";
    let corrections = [
        ("\"wrong\"", "1.10"),
        (
            "{\"error_text\":\"no json\"",
            "{\"member\":\"bob\",\"reference\":\"o-2\",\"date\":\"2026-01-01\",\"amount\":2",
        ),
    ];
    let rows = corrected("a.ndjson", text, mapping, &corrections);
    assert_eq!(rows, ["ada o-1 1.10", "bob o-2 2"]);
    let (_folder, input) = folder("a.ndjson", text);
    let written = std::fs::read_to_string(refuse(&input, mapping).unwrap()).unwrap();
    let beginning = "{\"member\":\"ada\",\"x\":[1, {}],\"reference\":\"o-1\",\"date\":\"2026-01-01\",\
        \"amount\":\"wrong\",\"error_line\":1,\"error_column\":\"amount\",";
    assert!(written.starts_with(beginning), "{written}");
}

#[test]
fn the_error_file_of_another_encoding_is_utf_8_with_a_mark() {
    let text = "member,reference,date,amount\nян,р-1,2026-01-01,wrong\n";
    let bytes = encoding_rs::WINDOWS_1251.encode(text).0;
    let (_folder, input) = folder("a.csv", bytes);
    let mapping = "encoding = \"windows-1251\"";
    let errors = refuse(&input, mapping).unwrap();
    let written = std::fs::read_to_string(&errors).unwrap();
    assert!(written.starts_with("\u{feff}member,"), "{written}");
    std::fs::write(&errors, written.replace("wrong", "1")).unwrap();
    assert_eq!(rows(&errors, mapping).pop().unwrap().unwrap().member, "ян");
}
