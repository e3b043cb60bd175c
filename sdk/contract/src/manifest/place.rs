//! Where something stands in a `plugin.toml`, for messages.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of a key, or of the innermost table around it that there is. `None` of a text that is no
/// TOML.
pub(super) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut table = root.get_ref();
    let mut at = None;
    for key in path {
        let Some((name, value)) = table.get_key_value(key.as_str()) else { break };
        at = Some(Spanned::span(name).start);
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    at.map(|at| text[..at].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::line_of;

    #[test]
    fn a_key_is_found_on_its_line_and_a_missing_one_at_what_is_around_it() {
        let text = "id = \"x\"\n\n[messages.hello]\nen = { subject = \"a\", body = \"b\" }\n";
        let at = |path: &[&str]| {
            let path: Vec<_> = path.iter().map(|&key| key.to_owned()).collect();
            line_of(text, &path)
        };
        assert_eq!(at(&["id"]), Some(1));
        assert_eq!(at(&["messages", "hello", "en", "body"]), Some(4));
        assert_eq!(at(&["messages", "hello", "de"]), Some(3));
        assert_eq!(at(&["version"]), None);
    }
}
