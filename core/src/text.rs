//! Checks of text that comes from outside.

use crate::{Code, Error, Result};
use iso_country::Country;
use oxilangtag::LanguageTag;

/// The most characters of an identifier from somebody else's system.
const IDENTIFIER_MAX: usize = 128;
/// The most characters of a name.
const NAME_MAX: usize = 200;
const KOSOVO: &str = "XK";
/// As long as BCP 47 asks everybody to store tags.
const LANGUAGE_MAX: usize = 35;

/// Fails with `INVALID_INPUT` at `field` unless `value` can be an identifier from somebody else's
/// system: 1 to 128 printable characters, with no white space around them, which nobody sees.
pub(crate) fn identifier(field: &str, value: &str) -> Result<()> {
    if is_identifier(value) {
        return Ok(());
    }
    let why = format!("use 1 to {IDENTIFIER_MAX} printable characters, without space around them");
    Err(invalid(field, why))
}

pub(crate) fn is_identifier(value: &str) -> bool {
    is_printable(value, IDENTIFIER_MAX) && value.trim() == value
}

fn is_printable(value: &str, characters_max: usize) -> bool {
    !value.trim().is_empty()
        && value.chars().count() <= characters_max
        && !value.contains(char::is_control)
}

/// Fails with `INVALID_INPUT` at `field` unless `value` can be the name of somebody or something,
/// or what somebody is to others.
pub(crate) fn name(field: &str, value: &str) -> Result<()> {
    if is_name(value) {
        return Ok(());
    }
    let why = format!("use 1 to {NAME_MAX} printable characters, without space around them");
    Err(invalid(field, why))
}

pub(crate) fn is_name(value: &str) -> bool {
    is_printable(value, NAME_MAX) && value.trim() == value
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
    if is_language(value) {
        return Ok(());
    }
    Err(invalid(field, format!("`{value}` is not a BCP 47 tag such as en or pt-BR")))
}

/// Whether a text is a language tag by the syntax of BCP 47, of at most 35 characters.
pub fn is_language(value: &str) -> bool {
    value.len() <= LANGUAGE_MAX && LanguageTag::parse(value).is_ok()
}

/// Whether a text is an id as people write them in files: lower-case letters, digits and hyphens,
/// at most 64.
pub(crate) fn is_slug(value: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&value.len()) && value.bytes().all(allowed)
}

pub(crate) fn invalid(field: &str, why: impl Into<String>) -> Error {
    Error::new(Code::InvalidInput, why).at(field)
}
