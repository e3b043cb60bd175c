//! Amounts as people write them.

use super::*;

/// What the amounts of a row are read as, in the program's currency or that of a sign; `None` if
/// they are refused.
fn read(amounts: &str, text: &str) -> Option<(String, &'static str)> {
    let file = file(format!("member|reference|date|amount\nada|r|2026-01-01|{text}\n"));
    let mapping = format!("delimiter = \"|\"\n[amounts]\n{amounts}");
    let row = rows(&file, &mapping).pop().unwrap().ok()?;
    Some((row.items[0].amount.clone(), row.currency.code()))
}

#[test]
fn marks_and_signs_are_those_of_the_mapping() {
    let german = "decimal = \",\"\nthousands = \".\"\nsigns = { \"€\" = \"EUR\", \"$\" = \"USD\" }";
    let french = "decimal = \",\"\nthousands = \" \"";
    let english = "thousands = \",\"\nsigns = { \"US$\" = \"USD\", \"$\" = \"CAD\" }";
    for (amounts, text, expected) in [
        (german, "12,50", ("12.50", "EUR")),
        (german, "1.234.567,89", ("1234567.89", "EUR")),
        (german, "€ 1.234", ("1234", "EUR")),
        (german, "12,50\u{a0}€", ("12.50", "EUR")),
        (german, "$3", ("3", "USD")),
        (french, "1 234,5", ("1234.5", "EUR")),
        (french, "1\u{202f}234,50", ("1234.50", "EUR")),
        (english, "1,234.50", ("1234.50", "EUR")),
        (english, "US$ 5", ("5", "USD")),
        (english, "5 $", ("5", "CAD")),
        ("", "29.33", ("29.33", "EUR")),
    ] {
        assert_eq!(read(amounts, text), Some((expected.0.to_owned(), expected.1)), "{text}");
    }
    for (amounts, text) in [
        // Twelve and a half in another country's way, and not 1250.
        (german, "12.50"),
        (german, "1.23.456"),
        (german, "1234.567"),
        (german, ",5"),
        (german, "5,"),
        (german, "-5,00"),
        (german, "€"),
        (german, "£5"),
        (english, "12,50"),
        ("", "1,50"),
        ("", "€5"),
    ] {
        assert_eq!(read(amounts, text), None, "{text}");
    }
}

#[test]
fn a_number_of_json_is_written_one_way_and_a_text_as_the_mapping_says() {
    let mapping = "format = \"ndjson\"\n[amounts]\ndecimal = \",\"\nthousands = \".\"";
    let file = file(
        "{\"member\":\"a\",\"reference\":\"1\",\"date\":\"2026-01-01\",\"amount\":1.234}\n\
         {\"member\":\"a\",\"reference\":\"2\",\"date\":\"2026-01-01\",\"amount\":\"1.234\"}\n",
    );
    let amounts: Vec<_> =
        rows(&file, mapping).into_iter().map(|row| row.unwrap().items[0].amount.clone()).collect();
    assert_eq!(amounts, ["1.234", "1234"]);
}

#[test]
fn a_sign_does_not_contradict_the_currency_of_its_row() {
    let file = file("member,reference,date,amount,currency\nada,r,2026-01-01,$5,EUR\n");
    let error = rows(&file, "[amounts.signs]\n\"$\" = \"USD\"").pop().unwrap().unwrap_err();
    assert_eq!((error.code.as_str(), error.column.as_str()), ("CURRENCY_MISMATCH", "amount"));
    assert_eq!(error.reason, "an amount says USD, and the row says EUR");
}
