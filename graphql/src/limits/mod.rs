//! The limits of one request. A document is measured before it is validated: a fragment counts each
//! time it is spread but is measured once, so that nested fragments cannot make measuring slow.

mod documents;
mod nesting;
mod size;

pub(crate) use documents::Documents;

use crate::error::{PARSE_FAILED, protocol_error, request_error};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{ObjectType, Positioned, SchemaBuilder, ServerError, SubscriptionType};
use nesting::nesting;
use perennial_core::{Code, Error};
use size::measure;
use std::time::Duration;

pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// For reading a request, and again for executing it.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// For advancing a test clock: a year of a large program is a lot of work that the caller waits
/// for.
const TEST_CLOCK_TIME_MAX: Duration = Duration::from_mins(10);
const COMPLEXITY_MAX: usize = 10_000;
const RECURSION_MAX: usize = 32;
const DIRECTIVES_MAX: usize = 5;
const CHARACTERS_MAX: usize = 200_000;
const DEPTH_MAX: usize = 12;
const ROOT_FIELDS_MAX: usize = 20;
const SELECTIONS_MAX: usize = 2_000;
const NESTING_MAX: usize = 64;
/// The introspection query that every tool sends is 15 deep.
const INTROSPECTION_DEPTH_MAX: usize = 20;
/// Nested lists of introspection: that query nests two, and each further level multiplies the size
/// of the response.
const INTROSPECTION_LISTS_MAX: usize = 3;
/// The cost of a list in addition to its items, because it is a query of its own.
const LIST_COST: usize = 10;

/// The limits that the executor enforces itself.
pub(crate) fn enforce<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    schema
        .limit_complexity(COMPLEXITY_MAX)
        .limit_recursive_depth(RECURSION_MAX)
        .limit_directives(DIRECTIVES_MAX)
}

/// The cost of a connection: one query, and the cost of an item times `first`.
pub(crate) fn list_cost(first: u32, child_cost: usize) -> usize {
    let items = usize::try_from(first).unwrap_or(usize::MAX).saturating_mul(child_cost);
    // Capped far above the limit, so that sums of costs cannot overflow.
    items.saturating_add(LIST_COST).min(COMPLEXITY_MAX * 100)
}

/// A document within the limits.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) document: ExecutableDocument,
    /// Whether the document requests more than introspection.
    pub(crate) requests_data: bool,
    pub(crate) operation: OperationType,
    /// How long the execution may take.
    pub(crate) time_max: Duration,
}

/// A document within the limits, whichever of its operations is executed.
#[derive(Debug)]
struct Measured {
    document: ExecutableDocument,
    requests_data: bool,
    /// Fields and spreads, all together.
    selections: usize,
}

/// Parses a document and measures it. Fails with `GRAPHQL_PARSE_FAILED` or `QUERY_TOO_LARGE`.
fn read(query: &str) -> Result<Measured, ServerError> {
    if query.chars().count() > CHARACTERS_MAX {
        let why = format!("a query can have at most {CHARACTERS_MAX} characters");
        return Err(request_error(&large(why)));
    }
    if nesting(query) > NESTING_MAX {
        let why = format!("brackets can be nested at most {NESTING_MAX} deep");
        return Err(request_error(&large(why)));
    }
    let document = parse_query(query).map_err(|error| {
        let mut shown = protocol_error(PARSE_FAILED, error.to_string(), "Correct the syntax.");
        shown.locations = error.positions().collect();
        shown
    })?;
    let size = measure(&document).map_err(|error| request_error(&error))?;
    Ok(Measured { document, requests_data: size.depth > 0, selections: size.selections })
}

impl Measured {
    /// For the execution of one of its operations.
    fn admitted(&self, operation: Option<&str>) -> Admitted {
        let (operation, time_max) = match chosen(&self.document, operation) {
            Some(definition) => (definition.ty, time_max(definition)),
            // The executor refuses a request for an operation that does not exist.
            None => (OperationType::Query, REQUEST_TIME_MAX),
        };
        let document = self.document.clone();
        Admitted { document, requests_data: self.requests_data, operation, time_max }
    }
}

/// The operation that will run.
fn chosen<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next(),
    };
    found.map(|(_, definition)| &definition.node)
}

fn time_max(operation: &OperationDefinition) -> Duration {
    let is_test_clock = |selection: &Positioned<Selection>| match &selection.node {
        Selection::Field(field) => field.node.name.node == "advanceTestClock",
        _ => false,
    };
    match operation.selection_set.node.items.iter().all(is_test_clock) {
        true => TEST_CLOCK_TIME_MAX,
        false => REQUEST_TIME_MAX,
    }
}

fn large(why: String) -> Error {
    Error::new(Code::QueryTooLarge, why)
}

#[cfg(test)]
mod tests;
