//! What holds for every document, whatever its bytes. Fuzzing calls this, and so do tests.

use super::{count, read};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// For each byte, at most this many tokens and selections are looked at.
const STEPS_PER_BYTE: usize = 3;

/// Admits a document or refuses it, and panics if that breaks a promise of admission: what is
/// counted is what the parser finds, and the work is in proportion to the bytes.
///
/// # Panics
///
/// If a promise is broken.
#[doc(hidden)]
pub fn examine_document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let counts = match count::count(text) {
        Ok(counts) => counts,
        Err(refusal) => {
            let is_unclosed = refusal.message == "a string is not closed";
            // Such a string is an error of the specification, which the parser lets pass.
            let is_lenient = text.contains("\"\"\"");
            assert!(!is_unclosed || is_lenient || parse_query(text).is_err(), "{text:?}");
            return;
        }
    };
    assert!(counts.tokens <= text.len(), "{} tokens in {text:?}", counts.tokens);
    if let Ok(document) = parse_query(text) {
        let nesting = nesting(&document);
        assert!(nesting <= counts.nesting, "{nesting} > {} in {text:?}", counts.nesting);
    }
    if let Ok(measured) = read(text) {
        let most = STEPS_PER_BYTE * text.len();
        assert!(measured.steps <= most, "{} steps for {text:?}", measured.steps);
    }
}

/// How deep the parser nested selections.
fn nesting(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, of)| &of.node.selection_set.node);
    let fragments = document.fragments.values().map(|of| &of.node.selection_set.node);
    operations.chain(fragments).map(depth).max().unwrap_or_default()
}

fn depth(set: &SelectionSet) -> usize {
    let inside = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => depth(&field.node.selection_set.node),
        Selection::InlineFragment(inline) => depth(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    });
    match set.items.is_empty() {
        true => 0,
        false => 1 + inside.max().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces that documents consist of, and such as end strings where one does not expect it.
    fn piece() -> impl Strategy<Value = String> {
        let fixed = [
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "\"\"\"",
            "\\\"\"\"",
            "\\",
            "\\\"",
            "#",
            "\n",
            "\r",
            ",",
            "...",
            "...F",
            "@skip(if:true)",
            "$v",
            ":",
            "=",
            "!",
            "|",
            "&",
            "a",
            "on Q",
            "query ",
            "fragment F on Q",
            "fragmentG on Q",
            "1",
            "-1.5e3",
            "\u{feff}",
            "é",
            "\\u0000",
            " ",
        ];
        prop_oneof![
            8 => prop::sample::select(fixed.to_vec()).prop_map(str::to_owned),
            1 => any::<String>(),
        ]
    }

    /// A document that parses: selections with arguments, fragments and strings.
    fn selection() -> impl Strategy<Value = String> {
        let value = prop_oneof!["[a-z]{1,5}", "\"[ a-z{}#]{0,9}\"", "\"\"\"[ a-z{}#\n]{0,9}\"\"\""];
        let field = ("[a-z]{1,5}", value).prop_map(|(name, value)| format!("{name}(x: {value}) "));
        let leaf = prop_oneof![field, Just("...F ".to_owned()), Just("# {\n b ".to_owned())];
        leaf.prop_recursive(8, 60, 6, |inner| {
            let many = prop::collection::vec(inner, 1..6);
            (prop_oneof!["[a-z]{1,5}", "[.]{3} on [A-Z]", "[.]{3}"], many)
                .prop_map(|(around, inside)| format!("{around} {{ {} }} ", inside.concat()))
        })
    }

    proptest! {
        #[test]
        fn any_pieces(pieces in prop::collection::vec(piece(), 0..200)) {
            examine_document(pieces.concat().as_bytes());
        }

        #[test]
        fn any_document_that_parses(inside in prop::collection::vec(selection(), 1..8)) {
            let document = format!("{{ {} }} fragment F on Q {{ a }}", inside.concat());
            prop_assert!(parse_query(&document).is_ok(), "{document}");
            prop_assert!(count::count(&document).is_ok(), "{document}");
            examine_document(document.as_bytes());
        }
    }
}
