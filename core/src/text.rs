//! Checks of text that comes from outside.

use crate::{Code, Error, Result};

/// Fails with `INVALID_INPUT` at `field` unless `value` has 1 to `characters_max` printable
/// characters.
pub(crate) fn printable(field: &str, value: &str, characters_max: usize) -> Result<()> {
    let is_sound = !value.trim().is_empty()
        && value.chars().count() <= characters_max
        && !value.contains(char::is_control);
    if is_sound {
        return Ok(());
    }
    Err(invalid(field, format!("use 1 to {characters_max} printable characters")))
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
