//! What strings of a request may contain, wherever they are. PostgreSQL cannot keep the character
//! NUL, and no text has one.

use super::bounds::STRING_BYTES_MAX;
use super::{invalid, too_large};
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{ServerError, Value, Variables};
use std::fmt::Display;

/// A mutation whose items are refused one by one, and the list that they are in. Their texts are
/// checked with the items, by the core.
const BY_ITEM: (&str, &str) = ("recordPurchases", "purchases");

/// Checks the strings in variables. Fails with `INVALID_INPUT` or `QUERY_TOO_LARGE`, and names the
/// variable's field.
pub(crate) fn check(variables: &Variables, set: Option<&SelectionSet>) -> Result<(), ServerError> {
    let by_item = set.is_some_and(is_by_item);
    for (name, value) in variables.iter() {
        if let Some(path) = find(value, &|text| text.len() > STRING_BYTES_MAX) {
            let path = joined(name, &path);
            let why = format!("`{path}`: a string can have at most {STRING_BYTES_MAX} bytes");
            return Err(too_large(why));
        }
        match find(value, &has_nul) {
            Some(path) if by_item && path.first().is_some_and(|field| field == BY_ITEM.1) => {}
            Some(path) => return Err(nul(&joined(name, &path))),
            None => {}
        }
    }
    Ok(())
}

/// Checks the strings that a document itself contains, after a NUL was met in its text.
pub(super) fn check_document(document: &ExecutableDocument) -> Result<(), ServerError> {
    let operations = document.operations.iter().map(|(_, of)| &of.node.selection_set.node);
    let fragments = document.fragments.values().map(|of| &of.node.selection_set.node);
    match operations.chain(fragments).find_map(in_set) {
        Some(path) => Err(nul(&path)),
        // Then it is in the default of a variable, or in an argument of a directive.
        None => Err(nul("query")),
    }
}

fn in_set(set: &SelectionSet) -> Option<String> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => in_arguments(&field.node).or_else(|| {
            let inside = in_set(&field.node.selection_set.node)?;
            Some(format!("{}.{inside}", field.node.name.node))
        }),
        Selection::InlineFragment(inline) => in_set(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => None,
    })
}

fn in_arguments(field: &Field) -> Option<String> {
    field.arguments.iter().find_map(|(name, value)| {
        // Variables are checked with the request.
        let value = value.node.clone().into_const_with(|_| Ok::<_, ()>(Value::Null)).ok()?;
        let path = find(&value, &has_nul)?;
        Some(joined(format_args!("{}.{}", field.name.node, name.node), &path))
    })
}

/// The path of the first string, or name of a field, that a test holds for.
fn find(value: &Value, test: &impl Fn(&str) -> bool) -> Option<Vec<String>> {
    match value {
        Value::String(text) if test(text) => Some(Vec::new()),
        Value::List(items) => {
            items.iter().enumerate().find_map(|(at, item)| Some(under(at, find(item, test)?)))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match test(name) {
            true => Some(Vec::new()),
            false => Some(under(name, find(value, test)?)),
        }),
        _ => None,
    }
}

fn under(name: impl Display, mut inside: Vec<String>) -> Vec<String> {
    inside.insert(0, name.to_string());
    inside
}

fn joined(name: impl Display, path: &[String]) -> String {
    let inside = path.iter().map(|part| format!(".{part}"));
    format!("{name}{}", inside.collect::<String>())
}

fn is_by_item(set: &SelectionSet) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => field.node.name.node == BY_ITEM.0,
        _ => false,
    })
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

fn nul(path: &str) -> ServerError {
    invalid(format!("`{path}` contains the character NUL (U+0000)"))
}
