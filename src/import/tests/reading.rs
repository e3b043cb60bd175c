//! Rows as they are in the file, the real one among them, and those that cannot be read.

use super::*;
use crate::import::purchases::Item;
use crate::import::when::When;
use perennial_core::{Code, Currency};
use std::collections::HashSet;

const CSV_BYTES_MAX: usize = 64 * 1024;

#[test]
fn the_cdnow_sample_is_read_to_the_cent() {
    let rows: Vec<Row> = rows(&cdnow(), &cdnow_mapping()).into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6919);
    assert_eq!(rows.iter().map(|row| &row.member).collect::<HashSet<_>>().len(), 2357);
    assert_eq!(rows.iter().map(|row| &row.reference).collect::<HashSet<_>>().len(), 6919);
    let usd: Currency = "USD".parse().unwrap();
    let items = || rows.iter().flat_map(|row| &row.items);
    let cents = items().map(|item| usd.minor_units(&item.amount).unwrap()).sum::<i64>();
    assert_eq!(usd.decimal(cents), "244091.94");
    assert_eq!(items().map(|item| u64::from(item.quantity)).sum::<u64>(), 16_479);
    assert_eq!(rows[0].place.line, 1);
    assert_eq!(
        (rows[0].member.as_str(), rows[0].reference.as_str()),
        ("0001", "0001/1997-01-01/1")
    );
    assert_eq!(rows[0].when, When::Date("1997-01-01".parse().unwrap()));
    let item = Item {
        path: None,
        sku: Some("cd".to_owned()),
        category: Some("music".to_owned()),
        quantity: 2,
        amount: "29.33".to_owned(),
    };
    assert_eq!((rows[0].currency, &rows[0].items), (usd, &vec![item]));
}

#[test]
fn rows_come_in_the_order_of_time_and_as_they_are_in_the_file() {
    let terms = Terms { in_order_of_time: true, ..terms() };
    let groups = purchases(&cdnow(), &cdnow_mapping(), terms).unwrap();
    assert_eq!(groups.row_count(), 6919);
    let sorted: Vec<Row> = rows_of(groups).into_iter().map(Result::unwrap).collect();
    let mut expected: Vec<Row> =
        rows(&cdnow(), &cdnow_mapping()).into_iter().map(Result::unwrap).collect();
    assert!(expected.is_sorted_by_key(|row| row.place), "otherwise in the order of the file");
    expected.sort_by_key(|row| row.when.instant(&TimeZone::UTC).unwrap());
    assert_eq!(sorted, expected);
}

#[test]
fn a_plain_csv_file_needs_no_mapping() {
    let file = file(
        "\u{feff}member,reference,date,amount,currency,sku,quantity,category\r\n\
         ada,r-1,2026-01-31,12.50,USD,tea,2,drinks\r\n\
         \r\n\
         \"bob, jr.\",r-2,2026-01-31T10:00:00Z,3,,\"tin\r\nof tea\",,\r\n\
         eve,r-3,2026-02-01,1.00,EUR,tea,1,drinks",
    );
    let rows: Vec<Row> = rows(&file, "").into_iter().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row.place.line).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(rows[0].currency.code(), "USD");
    let item = |row: usize| &rows[row].items[0];
    assert_eq!((item(0).quantity, item(0).category.as_deref()), (2, Some("drinks")));
    assert_eq!(rows[1].member, "bob, jr.");
    assert_eq!(item(1).sku.as_deref(), Some("tin\r\nof tea"));
    assert_eq!((rows[1].currency.code(), item(1).quantity, &item(1).category), ("EUR", 1, &None));
}

#[test]
fn a_bad_row_names_its_place_and_the_next_is_read() {
    let long = "x".repeat(CSV_BYTES_MAX);
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
    for (index, (row, ..)) in bad.iter().enumerate() {
        text.extend_from_slice(row);
        text.extend_from_slice(format!("\n\"good\",r{index},2026-01-01,1,1\n").as_bytes());
    }
    text.extend_from_slice(b"a,\"r,2026-01-01,1,1\ngood,z,2026-01-01,1,1\n");
    let file = file(text);
    let line = |outcome: &Outcome<Row>| {
        outcome.as_ref().map_or_else(|error| error.place.line, |row| row.place.line)
    };
    let mut outcomes = rows(&file, "");
    outcomes.sort_by_key(line);
    assert_eq!(outcomes.len(), 2 * bad.len() + 2);
    for (index, (_, column, code, reason)) in bad.iter().enumerate() {
        let error = outcomes[2 * index].as_ref().unwrap_err();
        assert_eq!(error.place.line, 2 * index as u64 + 2);
        assert_eq!((error.column.as_str(), error.code), (*column, *code), "{error:?}");
        assert!(error.reason.contains(reason), "{error:?}");
        assert_eq!(outcomes[2 * index + 1].as_ref().unwrap().member, "good");
    }
    let unclosed = outcomes[2 * bad.len()].as_ref().unwrap_err();
    assert_eq!(unclosed.reason, "a quote is opened and not closed");
    assert_eq!(outcomes[2 * bad.len() + 1].as_ref().unwrap().member, "good");

    let terms = Terms { in_order_of_time: true, ..terms() };
    let mut again = rows_of(purchases(&file, "", terms).unwrap());
    again.sort_by_key(line);
    assert_eq!(again, outcomes);
}

#[test]
fn ndjson_keeps_every_digit_and_finds_dotted_keys() {
    let mapping = "format = \"ndjson\"\n[columns]\n\
        member = \"buyer.id\"\nreference = \"order\"\ndate = \"at\"";
    let file = file(
        r#"{"buyer":{"id":7},"order":"o-1","at":"2026-01-01","amount":90071992547409.931,"sku":null}
{"buyer":{},"order":"o-2","at":"2026-01-01","amount":1}
{"buyer":{"id":"\u0061da"},"order":"o-3","at":"2026-01-01","amount":[1]}
not json
[1]
"#,
    );
    let outcomes = rows(&file, mapping);
    let row = outcomes[0].as_ref().unwrap();
    assert_eq!((row.member.as_str(), row.items[0].amount.as_str()), ("7", "90071992547409.931"));
    assert_eq!(row.items[0].sku, None);
    let errors: Vec<_> =
        outcomes[1..].iter().map(|outcome| outcome.as_ref().unwrap_err()).collect();
    assert_eq!((errors[0].column.as_str(), errors[1].column.as_str()), ("buyer.id", "amount"));
    assert!(errors[2].reason.starts_with("the row is not a JSON object"), "{:?}", errors[2]);
    assert_eq!((errors.len(), errors[3].place.line), (4, 5));
}

#[test]
fn correcting_a_bad_amount_keeps_the_references_of_later_rows() {
    let mapping = "[reference]\nderive = [\"member\", \"date\", \"occurrence\"]";
    let last = |amount: &str| {
        let file = file(format!(
            "member,date,amount\nada,2026-01-01,1\nada,2026-01-01,{amount}\nada,2026-01-01,3\n"
        ));
        rows(&file, mapping).pop().unwrap().unwrap().reference
    };
    assert_eq!(last("wrong"), "ada/2026-01-01/3");
    assert_eq!(last("2"), "ada/2026-01-01/3");
}
