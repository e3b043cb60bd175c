//! The program that a simulated member is in.

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What a plugin learns of the program, and what messages and timers go by. In UTC, in euros and in
/// English unless something else is said.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) slug: String,
    pub(crate) zone: TimeZone,
    pub(crate) currency: String,
    pub(crate) locale: String,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            slug: "test".to_owned(),
            zone: TimeZone::UTC,
            currency: "EUR".to_owned(),
            locale: "en".to_owned(),
        }
    }
}

impl Program {
    /// The same program under another name.
    #[must_use]
    pub fn called(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.slug);
        self
    }

    /// The same program in a time zone such as `Europe/Berlin`.
    ///
    /// # Panics
    ///
    /// If there is no such zone.
    #[must_use]
    pub fn in_zone(self, zone: &str) -> Self {
        self.try_zone(zone).expect("the test names a time zone")
    }

    pub(crate) fn try_zone(mut self, zone: &str) -> Result<Self, String> {
        let unknown = |_| format!("there is no time zone `{zone}`; use one such as Europe/Berlin");
        self.zone = TimeZone::get(zone).map_err(unknown)?;
        Ok(self)
    }

    /// The same program with another currency, by its ISO 4217 code.
    #[must_use]
    pub fn with_currency(mut self, currency: &str) -> Self {
        currency.clone_into(&mut self.currency);
        self
    }

    /// The same program with another language, which is tried after the reader's and the member's.
    #[must_use]
    pub fn with_locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }
}

/// A day that a test wrote.
///
/// # Panics
///
/// If it is none.
pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("the test wrote a date such as 2026-11-22")
}
