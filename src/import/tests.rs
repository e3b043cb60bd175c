//! The reading of whole files, the real one among them.

use super::*;
use jiff::tz::TimeZone;
use perennial_core::{Code, Currency};
use std::{collections::HashSet, path::PathBuf};

#[test]
fn the_cdnow_sample_is_read_to_the_cent() {
    let rows: Vec<Row> = read(&cdnow(), &cdnow_mapping()).into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6919);
    assert_eq!(rows.iter().map(|row| &row.member).collect::<HashSet<_>>().len(), 2357);
    assert_eq!(rows.iter().map(|row| &row.reference).collect::<HashSet<_>>().len(), 6919);
    let usd: Currency = "USD".parse().unwrap();
    let cents = rows.iter().map(|row| usd.minor_units(&row.amount).unwrap()).sum::<i64>();
    assert_eq!(usd.decimal(cents), "244091.94");
    assert_eq!(rows.iter().map(|row| u64::from(row.quantity)).sum::<u64>(), 16_479);
    assert_eq!(
        rows[0],
        Row {
            line: 1,
            member: "0001".to_owned(),
            reference: "0001/1997-01-01/1".to_owned(),
            when: When::Date("1997-01-01".parse().unwrap()),
            amount: "29.33".to_owned(),
            currency: Some(usd),
            sku: Some("cd".to_owned()),
            category: Some("music".to_owned()),
            quantity: 2,
        }
    );
}

#[test]
fn rows_come_in_the_order_of_time_and_as_they_are_in_the_file() {
    let in_order = InOrder::open(&cdnow(), &cdnow_mapping(), &TimeZone::UTC).unwrap();
    assert_eq!(in_order.row_count(), 6919);
    let sorted: Vec<Row> = in_order.map(|row| row.unwrap().unwrap()).collect();
    let mut expected: Vec<Row> =
        read(&cdnow(), &cdnow_mapping()).into_iter().map(Result::unwrap).collect();
    expected.sort_by_key(|row| row.when.instant(&TimeZone::UTC).unwrap());
    assert_eq!(sorted, expected);
}

#[test]
fn a_plain_csv_file_needs_no_mapping() {
    let file = file(
        "\u{feff}member,reference,date,amount,currency,sku,quantity,category\r\n\
         ada,r-1,2026-01-31,12.50,EUR,tea,2,drinks\r\n\
         \r\n\
         \"bob, jr.\",r-2,2026-01-31T10:00:00Z,3,,\"tin\r\nof tea\",,\r\n\
         eve,r-3,2026-02-01,1.00,EUR,tea,1,drinks",
    );
    let rows: Vec<Row> = read(&file, &Mapping::default()).into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(rows[0].currency.unwrap().code(), "EUR");
    assert_eq!((rows[0].quantity, rows[0].category.as_deref()), (2, Some("drinks")));
    assert_eq!(rows[1].member, "bob, jr.");
    assert_eq!(rows[1].sku.as_deref(), Some("tin\r\nof tea"));
    assert_eq!((rows[1].currency, rows[1].quantity, &rows[1].category), (None, 1, &None));
}

#[test]
fn a_bad_row_names_its_place_and_the_next_is_read() {
    let long = "x".repeat(lines::ROW_BYTES_MAX);
    let mut text = b"member,reference,date,amount,quantity\n".to_vec();
    let bad: [(&[u8], &str, Code, &str); 11] = [
        (b",r,2026-01-01,1,1", "member", Code::InvalidInput, "missing"),
        (b"a,,2026-01-01,1,1", "reference", Code::InvalidInput, "missing"),
        (b"a,r,2026-02-30,1,1", "date", Code::InvalidInput, "not a date"),
        (b"a,r,2026-01-01,-1,1", "amount", Code::InvalidAmount, "not a decimal amount"),
        (b"a,r,2026-01-01,1e3,1", "amount", Code::InvalidAmount, "not a decimal amount"),
        (b"a,r,2026-01-01,1,0", "quantity", Code::InvalidInput, "whole number"),
        (b"a,r,2026-01-01,1", "", Code::InvalidInput, "has 4 columns, 5 are expected"),
        (b"a\xff,r,2026-01-01,1,1", "member", Code::InvalidInput, "UTF-8"),
        (b"\"a\"b,r,2026-01-01,1,1", "", Code::InvalidInput, "closing quote"),
        (b"\"a,r,2026-01-01,1,1", "", Code::InvalidInput, "closing quote"),
        (long.as_bytes(), "", Code::InvalidInput, "longer than"),
    ];
    for (row, ..) in &bad {
        text.extend_from_slice(row);
        text.extend_from_slice(b"\n\"good\",r,2026-01-01,1,1\n");
    }
    text.extend_from_slice(b"a,\"r,2026-01-01,1,1\ngood,r,2026-01-01,1,1\n");
    let file = file(text);
    let outcomes = read(&file, &Mapping::default());
    assert_eq!(outcomes.len(), 2 * bad.len() + 2);
    for (index, (_, column, code, reason)) in bad.iter().enumerate() {
        let error = outcomes[2 * index].as_ref().unwrap_err();
        assert_eq!(error.line, 2 * index as u64 + 2);
        assert_eq!((error.column.as_str(), error.code), (*column, *code), "{error:?}");
        assert!(error.reason.contains(reason), "{error:?}");
        assert_eq!(outcomes[2 * index + 1].as_ref().unwrap().member, "good");
    }
    let unclosed = outcomes[2 * bad.len()].as_ref().unwrap_err();
    assert_eq!(unclosed.reason, "a quote is opened and not closed");
    assert_eq!(unclosed.value, "a,\"r,2026-01-01,1,1");
    assert_eq!(outcomes[2 * bad.len() + 1].as_ref().unwrap().member, "good");

    let mut again: Vec<_> = InOrder::open(&file, &Mapping::default(), &TimeZone::UTC)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(again[..=bad.len()].iter().all(Result::is_err), "bad rows come first");
    let line = |outcome: &Outcome| outcome.as_ref().map_or_else(|error| error.line, |row| row.line);
    again.sort_by_key(line);
    assert_eq!(again, outcomes);
}

#[test]
fn ndjson_keeps_every_digit_and_finds_dotted_keys() {
    let mapping = Mapping::parse(
        "format = \"ndjson\"\n[columns]\nmember = \"buyer.id\"\nreference = \"order\"\ndate = \"at\"",
    )
    .unwrap();
    let file = file(
        r#"{"buyer":{"id":7},"order":"o-1","at":"2026-01-01","amount":90071992547409.931,"sku":null}
{"buyer":{},"order":"o-2","at":"2026-01-01","amount":1}
{"buyer":{"id":"\u0061da"},"order":"o-3","at":"2026-01-01","amount":[1]}
not json
[1]
"#,
    );
    let outcomes = read(&file, &mapping);
    let row = outcomes[0].as_ref().unwrap();
    assert_eq!((row.member.as_str(), row.amount.as_str()), ("7", "90071992547409.931"));
    assert_eq!(row.sku, None);
    let errors: Vec<_> =
        outcomes[1..].iter().map(|outcome| outcome.as_ref().unwrap_err()).collect();
    assert_eq!(errors[0].column, "buyer.id");
    assert_eq!((errors[1].column.as_str(), errors[1].value.as_str()), ("amount", "[1]"));
    assert!(errors[2].reason.starts_with("the row is not a JSON object"), "{:?}", errors[2]);
    assert_eq!((errors.len(), errors[3].line), (4, 5));
}

#[test]
fn correcting_a_bad_amount_keeps_the_references_of_later_rows() {
    let mapping =
        Mapping::parse("[reference]\nderive = [\"member\", \"date\", \"occurrence\"]").unwrap();
    let last = |amount: &str| {
        let file = file(format!(
            "member,date,amount\nada,2026-01-01,1\nada,2026-01-01,{amount}\nada,2026-01-01,3\n"
        ));
        read(&file, &mapping).pop().unwrap().unwrap().reference
    };
    assert_eq!(last("wrong"), "ada/2026-01-01/3");
    assert_eq!(last("2"), "ada/2026-01-01/3");
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
        let mapping = Mapping::parse(mapping).unwrap();
        let error = Reader::open(&file(text), &mapping).unwrap_err();
        assert_eq!(error.code(), Code::InvalidInput);
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
}

#[test]
fn the_error_file_appears_whole_and_only_when_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("purchases.csv");
    let path = folder.path().join("purchases.csv.errors.csv");
    let mut errors = ErrorFile::beside(&input);
    let error = RowError::new(7, Code::InvalidAmount, "is not an amount").about("total", "1,5");
    errors.write(&error).unwrap();
    assert!(!path.exists());
    assert_eq!(errors.count(), 1);
    assert_eq!(errors.finish().unwrap(), Some(path.clone()));
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "line,column,code,message,value\n7,total,INVALID_AMOUNT,is not an amount,\"1,5\"\n"
    );

    let mut abandoned = ErrorFile::beside(&input);
    abandoned.write(&error).unwrap();
    drop(abandoned);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    assert_eq!(ErrorFile::beside(&input).finish().unwrap(), None);
    assert!(!path.exists(), "the errors of an earlier import are gone");
}

fn read(path: &std::path::Path, mapping: &Mapping) -> Vec<Outcome> {
    Reader::open(path, mapping).unwrap().map(Result::unwrap).collect()
}

fn file(text: impl AsRef<[u8]>) -> tempfile::TempPath {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_ref()).unwrap();
    file.into_temp_path()
}

fn cdnow() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data/cdnow/CDNOW_sample.txt")
}

fn cdnow_mapping() -> Mapping {
    Mapping::load(&cdnow().with_file_name("mapping.toml")).unwrap()
}
