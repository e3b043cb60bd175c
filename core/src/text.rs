//! Checks of text that comes from outside.

use crate::{Code, Error, Result};

/// The most characters of an identifier from somebody else's system.
const IDENTIFIER_MAX: usize = 128;

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

/// Fails with `INVALID_INPUT` at `field` unless `value` has 1 to `characters_max` printable
/// characters.
pub(crate) fn printable(field: &str, value: &str, characters_max: usize) -> Result<()> {
    if is_printable(value, characters_max) {
        return Ok(());
    }
    Err(invalid(field, format!("use 1 to {characters_max} printable characters")))
}

fn is_printable(value: &str, characters_max: usize) -> bool {
    !value.trim().is_empty()
        && value.chars().count() <= characters_max
        && !value.contains(char::is_control)
}

/// Fails with `INVALID_INPUT` at `country` unless it looks like a two-letter code of ISO 3166.
pub(crate) fn country(value: &str) -> Result<()> {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(invalid("country", "use a two-letter ISO 3166 code in capitals, such as DE"))
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
