//! What the scalars accept and return.

use super::*;

#[test]
fn points_are_whole_numbers_that_json_keeps_exactly() {
    let parse = |number: Value| Points::parse(number).map(|points| points.0.get());
    assert_eq!(parse(Value::from(EXACT_MAX)).unwrap(), EXACT_MAX);
    assert_eq!(parse(Value::from(-EXACT_MAX)).unwrap(), -EXACT_MAX);
    for wrong in [Value::from(EXACT_MAX + 1), Value::from(1.5), Value::from("1")] {
        assert!(parse(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn instants_are_answered_in_utc() {
    let noon = DateTime::parse(Value::from("2026-11-22T12:00:00+02:00")).unwrap();
    assert_eq!(noon.to_value(), Value::from("2026-11-22T10:00:00Z"));
    assert!(DateTime::parse(Value::from("2026-11-22")).is_err());
}

#[test]
fn codes_and_tags_are_checked_by_shape() {
    assert!(CountryCode::parse(Value::from("DE")).is_ok());
    assert!(CountryCode::parse(Value::from("de")).is_err());
    assert!(LanguageTag::parse(Value::from("pt-BR")).is_ok());
    assert!(LanguageTag::parse(Value::from("pt_BR")).is_err());
    assert!(CurrencyCode::parse(Value::from("EUR")).is_ok());
    assert!(CurrencyCode::parse(Value::from("EURO")).is_err());
}
