//! Checks of text that comes from outside.

use crate::{Code, Error, Result};
use iso_country::Country;
pub use perennial_contract::text::is_language;
pub(crate) use perennial_contract::text::{is_identifier, is_name, is_slug};
use perennial_contract::text::{no_identifier, no_language, no_name};

const KOSOVO: &str = "XK";

/// Fails with `INVALID_INPUT` at `field` unless `value` can be an identifier from somebody else's
/// system: 1 to 128 printable characters, with no white space around them, which nobody sees.
pub(crate) fn identifier(field: &str, value: &str) -> Result<()> {
    if is_identifier(value) { Ok(()) } else { Err(invalid(field, no_identifier())) }
}

/// Fails with `INVALID_INPUT` at `field` unless `value` can be the name of somebody or something,
/// or what somebody is to others.
pub(crate) fn name(field: &str, value: &str) -> Result<()> {
    if is_name(value) { Ok(()) } else { Err(invalid(field, no_name())) }
}

/// Fails with `INVALID_INPUT` at `field` unless `value` is a country.
pub(crate) fn country(field: &str, value: &str) -> Result<()> {
    if is_country(value) {
        return Ok(());
    }
    Err(invalid(field, format!("`{value}` is not an ISO 3166 code of a country, such as DE")))
}

/// Whether a text is an assigned two-letter code of ISO 3166-1, in capitals, or Kosovo's, which is
/// in use without being assigned.
pub fn is_country(value: &str) -> bool {
    let is_capital = value.bytes().all(|byte| byte.is_ascii_uppercase());
    value == KOSOVO || (value.len() == 2 && is_capital && value.parse::<Country>().is_ok())
}

/// Fails with `INVALID_INPUT` at `field` unless `value` is a language tag.
pub(crate) fn language(field: &str, value: &str) -> Result<()> {
    if is_language(value) { Ok(()) } else { Err(invalid(field, no_language(value))) }
}

pub(crate) fn invalid(field: &str, why: impl Into<String>) -> Error {
    Error::new(Code::InvalidInput, why).at(field)
}
