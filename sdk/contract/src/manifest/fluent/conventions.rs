//! How a language writes numbers and dates, and which forms it counts by: from the Unicode CLDR, by way
//! of ICU4X.

use super::operand::DateStyle;
use crate::locales::primary;
use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YMD, YMDE};
use icu_decimal::options::DecimalFormatterOptions;
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralOperands, PluralRuleType, PluralRules};

/// The most digits of a number.
const DIGITS: usize = 18;

#[derive(Debug)]
pub(super) struct Conventions {
    /// The text's own, whose grammar it follows.
    text: Locale,
    /// The reader's, who may live where the same language writes numbers differently.
    reader: Locale,
}

impl Conventions {
    /// A reader of another language gets the conventions of the text's.
    pub(super) fn new(text: &str, reader: &str) -> Self {
        let is_same = primary(text).eq_ignore_ascii_case(primary(reader));
        Self { text: locale(text), reader: locale(if is_same { reader } else { text }) }
    }

    pub(super) fn number(&self, number: &Decimal) -> Result<String, String> {
        let formatter =
            DecimalFormatter::try_new((&self.reader).into(), DecimalFormatterOptions::default());
        Ok(formatter.map_err(no_data)?.format(number).to_string())
    }

    /// In the Gregorian calendar, whichever else the reader's country has: it is the one in which
    /// dates cross the contract.
    pub(super) fn date(&self, date: Date<Gregorian>, style: DateStyle) -> Result<String, String> {
        let reader = || (&self.reader).into();
        let fields = match style {
            DateStyle::Full => {
                let formatter = FixedCalendarDateTimeFormatter::try_new(reader(), YMDE::long());
                return Ok(formatter.map_err(no_data)?.format(&date).to_string());
            }
            DateStyle::Long => YMD::long(),
            DateStyle::Medium => YMD::medium(),
            DateStyle::Short => YMD::short(),
        };
        let formatter = FixedCalendarDateTimeFormatter::try_new(reader(), fields);
        Ok(formatter.map_err(no_data)?.format(&date).to_string())
    }

    /// The plural form of a number, as variants name it.
    pub(super) fn form(
        &self,
        number: &Decimal,
        kind: PluralRuleType,
    ) -> Result<&'static str, String> {
        Ok(name(self.rules(kind)?.category_for(PluralOperands::from(number))))
    }

    /// All plural forms that the language has.
    pub(super) fn forms(&self, kind: PluralRuleType) -> Result<Vec<&'static str>, String> {
        Ok(self.rules(kind)?.categories().map(name).collect())
    }

    fn rules(&self, kind: PluralRuleType) -> Result<PluralRules, String> {
        PluralRules::try_new((&self.text).into(), kind.into()).map_err(no_data)
    }
}

/// A number as it crosses the contract: `1200`, `-3`, `12.50`.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    let is_number = are_digits(whole) && are_digits(fraction) && digits.len() <= DIGITS;
    is_number.then(|| Decimal::try_from_str(text).ok()).flatten()
}

/// A date as it crosses the contract: `2026-11-22`.
pub(super) fn date(text: &str) -> Option<Date<Gregorian>> {
    const LENGTH: usize = "2026-11-22".len();
    let date: jiff::civil::Date = (text.len() == LENGTH).then(|| text.parse().ok()).flatten()?;
    let (month, day) = (date.month().cast_unsigned(), date.day().cast_unsigned());
    Date::try_new_gregorian(date.year().into(), month, day).ok()
}

/// What CLDR calls a plural form.
const fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// Whether a variant is named like a plural form.
pub(super) fn is_form(key: &str) -> bool {
    ["zero", "one", "two", "few", "many", "other"].contains(&key)
}

fn locale(tag: &str) -> Locale {
    tag.parse().or_else(|_| primary(tag).parse()).unwrap_or(Locale::UNKNOWN)
}

fn no_data(error: impl std::fmt::Display) -> String {
    format!("there are no conventions of this language: {error}")
}
