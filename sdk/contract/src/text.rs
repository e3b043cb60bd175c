//! What names, identifiers and languages look like.

use oxilangtag::LanguageTag;

/// The most characters of an identifier from somebody else's system.
pub const IDENTIFIER_MAX: usize = 128;
/// The most characters of a name.
pub const NAME_MAX: usize = 200;
/// As long as BCP 47 asks everybody to store tags.
const LANGUAGE_MAX: usize = 35;

/// Whether a text is an id as people write them in files: lower-case letters, digits and hyphens,
/// at most 64.
pub fn is_slug(value: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&value.len()) && value.bytes().all(allowed)
}

/// Why a text that is none can be no such id.
pub const NO_SLUG: &str = "use lower-case letters, digits and hyphens, at most 64";

/// Whether a text can be a plugin's id: a slug that starts with a letter.
pub fn is_plugin_id(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_lowercase()) && is_slug(value)
}

/// Why a text that is none can be no plugin's id.
pub const NO_PLUGIN_ID: &str =
    "use lower-case letters, digits and hyphens, at most 64, starting with a letter";

/// Whether a text can be an identifier from somebody else's system: 1 to 128 printable characters,
/// with no white space around them, which nobody sees.
pub fn is_identifier(value: &str) -> bool {
    is_printable(value, IDENTIFIER_MAX)
}

/// Why a text that is none can be no identifier.
pub fn no_identifier() -> String {
    format!("use 1 to {IDENTIFIER_MAX} printable characters, without space around them")
}

/// Whether a text can be the name of somebody or something: 1 to 200 printable characters, with no
/// white space around them.
pub fn is_name(value: &str) -> bool {
    is_printable(value, NAME_MAX)
}

/// Why a text that is none can be no name.
pub fn no_name() -> String {
    format!("use 1 to {NAME_MAX} printable characters, without space around them")
}

/// Whether a text is a language tag by the syntax of BCP 47, of at most 35 characters.
pub fn is_language(value: &str) -> bool {
    value.len() <= LANGUAGE_MAX && LanguageTag::parse(value).is_ok()
}

/// Why a text that is none can be no language tag.
pub fn no_language(value: &str) -> String {
    format!("`{value}` is not a BCP 47 tag such as en or pt-BR")
}

/// Which of some names somebody meant who wrote another, if one is close to it.
pub fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    const CLOSE: f64 = 0.75;
    let closeness = |name: &&str| strsim::normalized_damerau_levenshtein(written, name);
    let close = names.iter().map(|name| (closeness(name), *name));
    let close = close.filter(|(closeness, _)| *closeness >= CLOSE);
    close.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

fn is_printable(value: &str, characters_max: usize) -> bool {
    !value.is_empty()
        && value.trim() == value
        && value.chars().count() <= characters_max
        && !value.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_is_close_to_a_name_means_it() {
        let names = ["record-put", "member-joined", "points-earned"];
        for (written, meant) in [
            ("recod-put", Some("record-put")),
            ("record_put", Some("record-put")),
            ("member-join", Some("member-joined")),
            ("points-erned", Some("points-earned")),
            ("put", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &names), meant, "{written}");
        }
    }
}
