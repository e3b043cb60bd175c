//! How large a document is with its fragments spread. A fragment counts each time it is spread but
//! is measured once, after those that it spreads; recursion is into brackets alone.

use super::bounds::{
    DEPTH_MAX, INTROSPECTION_COST_MAX, INTROSPECTION_DEPTH_MAX, INTROSPECTION_LISTS_MAX,
    ROOT_FIELDS_MAX, SELECTIONS_MAX,
};
use super::chains::{Chains, spreads_of};
use super::too_large;
use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use std::collections::{HashMap, HashSet};

/// Measures all operations of a document together, and the fragments that none of them spreads: they
/// are validated like the others.
pub(super) fn measure(
    document: &ExecutableDocument,
    chains: &Chains<'_>,
    steps: &mut usize,
) -> Result<Size, ServerError> {
    let mut fragments = HashMap::with_capacity(chains.order.len());
    let mut spread = HashSet::new();
    for name in &chains.order {
        let set = &document.fragments[*name].node.selection_set;
        spread.extend(spreads_of(set, steps));
        fragments.insert(*name, size(&set.node, &fragments));
    }
    let mut total = Size::default();
    for (_, definition) in document.operations.iter() {
        let set = &definition.node.selection_set;
        spread.extend(spreads_of(set, steps));
        let size = size(&set.node, &fragments);
        size.check_root()?;
        total = total.beside(size);
    }
    let unused = fragments.iter().filter(|(name, _)| !spread.contains(*name));
    let unused = unused.fold(0_usize, |sum, (_, size)| sum.saturating_add(size.selections));
    total.selections = total.selections.saturating_add(unused);
    if total.selections > SELECTIONS_MAX {
        let why = format!("a query can have at most {SELECTIONS_MAX} fields and fragments");
        return Err(too_large(why));
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
    /// Nested lists of introspection, and how many values they contain.
    lists: usize,
    values: usize,
    /// The same below `__schema` and `__type`, which have limits of their own.
    introspection_depth: usize,
    introspection_lists: usize,
    introspection_cost: usize,
}

impl Size {
    fn check_root(self) -> Result<(), ServerError> {
        let why = if self.width > ROOT_FIELDS_MAX {
            format!("an operation can have at most {ROOT_FIELDS_MAX} root fields")
        } else if self.depth > DEPTH_MAX {
            format!("a query can be at most {DEPTH_MAX} fields deep")
        } else if self.introspection_depth > INTROSPECTION_DEPTH_MAX {
            format!("introspection can be at most {INTROSPECTION_DEPTH_MAX} fields deep")
        } else if self.introspection_lists > INTROSPECTION_LISTS_MAX {
            format!("introspection can nest at most {INTROSPECTION_LISTS_MAX} lists")
        } else if self.introspection_cost > INTROSPECTION_COST_MAX {
            let cost = self.introspection_cost;
            format!("the introspection costs {cost}, more than {INTROSPECTION_COST_MAX}")
        } else {
            return Ok(());
        };
        Err(too_large(why))
    }

    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            values: self.values.saturating_add(other.values),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            introspection_cost: self.introspection_cost.saturating_add(other.introspection_cost),
        }
    }

    /// The size of a field that has this selection.
    fn under(self, field: &str) -> Self {
        let items = introspected_items(field);
        let lists = self.lists + usize::from(items.is_some_and(|_| field != "types"));
        let values = self.values.saturating_mul(items.unwrap_or(1)).saturating_add(1);
        let one =
            Self { selections: self.selections.saturating_add(1), width: 1, ..Self::default() };
        if field.starts_with("__") {
            Self {
                introspection_depth: self.depth + 1,
                introspection_lists: lists,
                introspection_cost: values,
                ..one
            }
        } else {
            Self { depth: self.depth + 1, lists, values, ..one }
        }
    }

    /// The size of a fragment spread that has this selection.
    fn spread(self) -> Self {
        Self { selections: self.selections.saturating_add(1), ..self }
    }
}

/// How many items a list of introspection counts as. There is one list of all types; the others are
/// as long as they are on average, and longer for single types.
fn introspected_items(field: &str) -> Option<usize> {
    match field {
        "types" => Some(150),
        "fields" => Some(8),
        "enumValues" | "directives" => Some(5),
        "inputFields" => Some(3),
        "args" => Some(2),
        "possibleTypes" | "interfaces" => Some(1),
        _ => None,
    }
}

/// Of a selection whose fragments are measured already. One that is not there does not exist.
fn size(set: &SelectionSet, fragments: &HashMap<&str, Size>) -> Size {
    let sizes = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => {
            size(&field.node.selection_set.node, fragments).under(&field.node.name.node)
        }
        Selection::InlineFragment(inline) => {
            size(&inline.node.selection_set.node, fragments).spread()
        }
        Selection::FragmentSpread(spread) => {
            let known = fragments.get(spread.node.fragment_name.node.as_str());
            known.copied().unwrap_or_default().spread()
        }
    });
    sizes.fold(Size::default(), Size::beside)
}
