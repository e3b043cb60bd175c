//! How large a document is with its fragments spread. A fragment counts each time it is spread but
//! is measured once.

use super::{
    DEPTH_MAX, INTROSPECTION_DEPTH_MAX, INTROSPECTION_LISTS_MAX, ROOT_FIELDS_MAX, SELECTIONS_MAX,
    large,
};
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use perennial_core::{Code, Error, Result};
use std::collections::HashMap;

/// Measures all operations of a document together.
pub(super) fn measure(document: &ExecutableDocument) -> Result<Size> {
    let mut measures = Measures { fragments: &document.fragments, known: HashMap::new() };
    let mut total = Size::default();
    for (_, definition) in document.operations.iter() {
        let size = measures.size(&definition.node.selection_set.node)?;
        size.check_root()?;
        total = total.beside(size);
    }
    if total.selections > SELECTIONS_MAX {
        return Err(large(format!(
            "a query can have at most {SELECTIONS_MAX} fields and fragments"
        )));
    }
    Ok(total)
}

/// How large a selection is with its fragments spread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Fields and spreads, all together.
    pub(super) selections: usize,
    /// Fields at the top.
    width: usize,
    pub(super) depth: usize,
    /// Nested lists of introspection, each of which multiplies the size of the response.
    lists: usize,
    /// The depth and lists below `__schema` and `__type`, which have limits of their own.
    introspection_depth: usize,
    introspection_lists: usize,
}

impl Size {
    fn check_root(self) -> Result<()> {
        let why = if self.width > ROOT_FIELDS_MAX {
            format!("an operation can have at most {ROOT_FIELDS_MAX} root fields")
        } else if self.depth > DEPTH_MAX {
            format!("a query can be at most {DEPTH_MAX} fields deep")
        } else if self.introspection_depth > INTROSPECTION_DEPTH_MAX {
            format!("introspection can be at most {INTROSPECTION_DEPTH_MAX} fields deep")
        } else if self.introspection_lists > INTROSPECTION_LISTS_MAX {
            format!("introspection can nest at most {INTROSPECTION_LISTS_MAX} lists")
        } else {
            return Ok(());
        };
        Err(large(why))
    }

    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// The size of a field that has this selection.
    fn under(self, field: &str) -> Self {
        let is_list =
            matches!(field, "fields" | "inputFields" | "interfaces" | "possibleTypes" | "args");
        let lists = self.lists + usize::from(is_list);
        let one =
            Self { selections: self.selections.saturating_add(1), width: 1, ..Self::default() };
        if field.starts_with("__") {
            Self { introspection_depth: self.depth + 1, introspection_lists: lists, ..one }
        } else {
            Self { depth: self.depth + 1, lists, ..one }
        }
    }

    /// The size of a fragment spread that has this selection.
    fn spread(self) -> Self {
        Self { selections: self.selections.saturating_add(1), ..self }
    }
}

struct Measures<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being measured: meeting it again is a cycle.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measures<'a> {
    fn size(&mut self, set: &'a SelectionSet) -> Result<Size> {
        let mut total = Size::default();
        for selection in &set.items {
            let size = match &selection.node {
                Selection::Field(field) => {
                    self.size(&field.node.selection_set.node)?.under(&field.node.name.node)
                }
                Selection::InlineFragment(inline) => {
                    self.size(&inline.node.selection_set.node)?.spread()
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?.spread()
                }
            };
            total = total.beside(size);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'a str) -> Result<Size> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let why = format!("the fragment `{name}` contains itself");
                return Err(Error::new(Code::InvalidInput, why));
            }
            None => {}
        }
        // The executor's validation reports fragments that do not exist.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Size::default()) };
        self.known.insert(name, None);
        let size = self.size(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}
