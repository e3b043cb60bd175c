//! Texts with `{placeholders}`, in a language that the author chose and values that a call brings.

use crate::limits::RENDERED_BYTES;
use std::collections::BTreeSet;

/// A piece of a text.
enum Piece<'t> {
    Text(&'t str),
    Placeholder(&'t str),
}

/// The names of a text's placeholders. Fails with what is wrong with it.
pub(super) fn placeholders(text: &str) -> Result<BTreeSet<&str>, String> {
    let mut names = BTreeSet::new();
    for piece in pieces(text) {
        if let Piece::Placeholder(name) = piece? {
            names.insert(name);
        }
    }
    Ok(names)
}

/// Fills the placeholders of a text. Fails with the name of one that has no value, and if the filled
/// text is too long.
pub(super) fn render(text: &str, parameters: &[(String, String)]) -> Result<String, String> {
    let mut filled = String::new();
    for piece in pieces(text) {
        let said = match piece? {
            Piece::Text(text) => text,
            Piece::Placeholder(name) => {
                let value = parameters.iter().find(|(parameter, _)| parameter == name);
                let without = || format!("the template needs a value for `{{{name}}}`");
                &value.ok_or_else(without)?.1
            }
        };
        if filled.len() + said.len() > RENDERED_BYTES {
            return Err(format!("the filled template exceeds {RENDERED_BYTES} bytes"));
        }
        filled.push_str(said);
    }
    Ok(filled)
}

/// A text piece by piece; ends at the first that is wrong.
fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.find(['{', '}']).unwrap_or(rest.len());
        if at > 0 {
            let (text, after) = rest.split_at(at);
            rest = after;
            return Some(Ok(Piece::Text(text)));
        }
        if rest.is_empty() {
            return None;
        }
        if rest.starts_with("{{") || rest.starts_with("}}") {
            let (brace, after) = (&rest[..1], &rest[2..]);
            rest = after;
            return Some(Ok(Piece::Text(brace)));
        }
        let end = rest.find('}').filter(|_| rest.starts_with('{'));
        let Some(end) = end else {
            rest = "";
            return Some(Err("a brace without its partner; write `{{` or `}}` for one".to_owned()));
        };
        let (name, after) = (&rest[1..end], &rest[end + 1..]);
        rest = after;
        Some(Ok(Piece::Placeholder(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::{RENDERED_BYTES, placeholders, render};

    #[test]
    fn placeholders_are_filled_and_doubled_braces_are_braces() {
        let values = [("name".to_owned(), "Ada".to_owned())];
        assert_eq!(render("Hello {name}, {{really}}!", &values).unwrap(), "Hello Ada, {really}!");
        assert!(render("Hello {nobody}", &values).unwrap_err().contains("`{nobody}`"));
        for broken in ["{name", "name}", "a } b", "{"] {
            assert!(render(broken, &values).unwrap_err().contains("without its partner"));
            assert!(placeholders(broken).is_err());
        }
        let names: Vec<_> = placeholders("{b} {a} {b} {{c}}").unwrap().into_iter().collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_large() {
        let values = [("x".to_owned(), "x".repeat(2048))];
        let bomb = "{x}".repeat(5000);
        assert!(render(&bomb, &values).unwrap_err().contains(&RENDERED_BYTES.to_string()));
    }
}
