//! What holds of whatever bytes a file has: for the tests, and for the targets of `fuzz/`.

use super::amounts::Amounts;
use super::groups::Opened;
use super::purchases::{Order, PurchaseLayout, PurchaseMapping, Terms};
use super::shape::Mapping;
use super::when::When;
use jiff::tz::TimeZone;
use perennial_core::Currency;
use std::io::Write;

/// Amounts of which one reads what another does not.
const AMOUNTS: &[&str] = &[
    "",
    "decimal = ','\nthousands = '.'",
    "decimal = '.'\nthousands = ' '\nsigns = { '€' = 'EUR', 'kr' = 'SEK' }",
];
const FORMATS: &[Option<&str>] =
    &[None, Some("%Y%m%d"), Some("%d.%m.%Y %H:%M"), Some("%Y-%m-%d %H:%M:%S %z"), Some("%s")];
const MAPPINGS: &[&str] = &[
    "",
    "delimiter = ';'\nheader = false\ncolumns = { member = 1, reference = 2, date = 3, amount = 4 }",
    "format = 'ndjson'",
    "format = 'whitespace'\nheader = false\ncolumns = { member = 1, reference = 2, date = 3, amount = 4 }",
];

/// An amount is read as its own digits in their order, or not at all.
pub(crate) fn examine_amount(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for amounts in AMOUNTS {
        let amounts: Amounts = toml::from_str(amounts).expect("amounts that can be read");
        let Ok(amount) = amounts.read(text) else { continue };
        for currency in ["EUR", "JPY", "KWD"] {
            let currency: Currency = currency.parse().expect("a currency");
            let Ok(minor) = currency.minor_units(&amount.text) else { continue };
            assert!(minor >= 0, "{text:?} is {minor}");
            let shown = currency.decimal(minor);
            assert_eq!(currency.minor_units(&shown).ok(), Some(minor), "{text:?} is {shown}");
            assert_eq!(significant(&shown), significant(&amount.text), "{text:?} is {shown}");
            assert_eq!(digits(&amount.text), digits(text), "{text:?} is {}", amount.text);
        }
    }
}

/// Without zeros that say nothing.
fn significant(amount: &str) -> (&str, &str) {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    (whole.trim_start_matches('0'), fraction.trim_end_matches('0'))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A date is read as an instant of the calendar, and what is shown of it is read as the same.
pub(crate) fn examine_date(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for format in FORMATS {
        let Some(when) = When::parse(text, *format) else { continue };
        for zone in ["UTC", "Europe/Berlin", "Pacific/Apia"] {
            let zone = TimeZone::get(zone).expect("a zone");
            // Outside the calendar is an error, and no other instant.
            let Ok(instant) = when.instant(&zone) else { continue };
            let shown = instant.to_string();
            assert_eq!(shown.parse().ok(), Some(instant), "{text:?} is {shown}");
            if let When::Date(date) = when {
                // Where a day was skipped, it begins with the next.
                let is_its =
                    date == instant.date_in(&zone) || zone.iana_name() == Some("Pacific/Apia");
                assert!(is_its, "{text:?} is {shown}");
            }
        }
        if !matches!(when, When::Local(_)) {
            assert_eq!(When::parse(&when.to_string(), None), Some(when), "{text:?} is {when}");
        }
    }
}

/// Each row of a file belongs to one order, which is a purchase or refused with a reason for each of
/// its rows. A file that is none is refused as a whole.
pub(crate) fn examine_rows(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("room for it");
    for mapping in MAPPINGS {
        let mapping = PurchaseMapping::parse(mapping).expect("a mapping that can be read");
        let currency = "EUR".parse().expect("a currency");
        let terms = Terms { zone: TimeZone::UTC, currency, in_order_of_time: true };
        let Ok(opened) = Opened::open(file.path(), &mapping) else { continue };
        let layout = |shape, header: Option<&[String]>| {
            PurchaseLayout::new(&mapping, terms.clone(), shape, header)
        };
        let Ok(mut groups) = opened.groups(layout, &|_| ()) else { continue };
        let (wanted, mut rows) = (groups.row_count(), 0);
        while let Some(group) = groups.next().expect("a file that nobody changes") {
            let of_group = group.row_count();
            rows += of_group;
            let made = Order::of(group, groups.layout())
                .and_then(|order| order.purchase(groups.layout()).map(drop));
            if let Err(errors) = made {
                let errors = u64::try_from(errors.len()).expect("few rows");
                assert_eq!(errors, of_group, "each row is refused for something");
            }
        }
        assert_eq!(rows, wanted, "each row is in one order");
    }
}
