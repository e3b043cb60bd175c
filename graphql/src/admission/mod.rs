//! Which documents are executed. Text is counted before it is parsed, spreads of fragments are
//! walked before anything follows them by recursion, and what is left is measured: each step does
//! work in proportion to what the one before let through.
//!
//! `bounds` has the numbers.

mod bounds;
mod chains;
mod count;
mod documents;
mod examine;
mod omitted;
mod size;
mod strings;
mod tokens;

pub(crate) use bounds::{
    BODY_BYTES_MAX, BODY_TIME_MAX, CONNECTIONS_MAX, COST_MAX, DRAIN_BYTES_MAX, DRAIN_TIME_MAX,
    ERRORS_MAX, HEAD_BYTES_MAX, HEAD_TIME_MAX, HEADERS_MAX, LANGUAGES_MAX, MESSAGE_CHARACTERS_MAX,
    REQUEST_ID_BYTES_MAX, REQUEST_TIME_MAX, RESPONSE_BYTES_MAX, RESPONSE_TIME_MAX,
};
pub(crate) use documents::Documents;
pub use examine::examine_document;
pub(crate) use omitted::omit;
pub(crate) use strings::check as check_strings;

use crate::error::{PARSE_FAILED, protocol_error, request_error};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{ObjectType, Positioned, SchemaBuilder, ServerError, SubscriptionType};
use bounds::{FIELD_DIRECTIVES_MAX, LIST_COST, RECURSION_MAX, TEST_CLOCK_TIME_MAX};
use perennial_core::{Code, Error};
use std::sync::Arc;
use std::time::Duration;

/// The limits that the executor enforces itself.
pub(crate) fn enforce<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    schema.limit_recursive_depth(RECURSION_MAX).limit_directives(FIELD_DIRECTIVES_MAX)
}

/// The cost of a connection: one query, and the cost of an item times `first`.
pub(crate) fn list_cost(first: u32, child_cost: usize) -> usize {
    let items = usize::try_from(first).unwrap_or(usize::MAX).saturating_mul(child_cost);
    // Capped far above the limit, so that sums of costs cannot overflow.
    items.saturating_add(LIST_COST).min(COST_MAX * 100)
}

/// A document within the limits.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) document: Arc<ExecutableDocument>,
    /// Whether the document requests more than introspection.
    pub(crate) requests_data: bool,
    pub(crate) operation: OperationType,
    /// How long the execution may take.
    pub(crate) time_max: Duration,
}

/// A document within the limits, whichever of its operations is executed.
#[derive(Debug)]
struct Measured {
    document: Arc<ExecutableDocument>,
    requests_data: bool,
    /// Fields and spreads, all together.
    selections: usize,
    /// What measuring it took: tokens, and selections that were looked at.
    steps: usize,
}

/// Counts, parses and measures a document. Fails with `GRAPHQL_PARSE_FAILED`, `QUERY_TOO_LARGE` or
/// `INVALID_INPUT`.
fn read(query: &str) -> Result<Measured, ServerError> {
    let counts = count::count(query)?;
    let document = parse_query(query).map_err(|error| {
        let mut shown = parse_failed(error.to_string());
        shown.locations = error.positions().collect();
        shown
    })?;
    if counts.has_nul {
        strings::check_document(&document)?;
    }
    let chains = chains::chains(&document)?;
    let mut steps = counts.tokens + chains.steps;
    let size = size::measure(&document, &chains, &mut steps)?;
    let (requests_data, selections) = (size.depth > 0, size.selections);
    Ok(Measured { document: Arc::new(document), requests_data, selections, steps })
}

impl Measured {
    /// For the execution of one of its operations.
    fn admitted(&self, operation: Option<&str>) -> Admitted {
        let (operation, time_max) = match chosen(&self.document, operation) {
            Some(definition) => (definition.ty, time_max(definition)),
            // The executor refuses a request for an operation that does not exist.
            None => (OperationType::Query, REQUEST_TIME_MAX),
        };
        let document = Arc::clone(&self.document);
        Admitted { document, requests_data: self.requests_data, operation, time_max }
    }
}

/// The operation that will run.
pub(crate) fn chosen<'d>(
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

pub(crate) fn too_large(why: String) -> ServerError {
    request_error(&Error::new(Code::QueryTooLarge, why))
}

fn invalid(why: String) -> ServerError {
    request_error(&Error::new(Code::InvalidInput, why))
}

fn parse_failed(why: String) -> ServerError {
    protocol_error(PARSE_FAILED, why, "Correct the syntax.")
}

#[cfg(test)]
mod tests;
