//! Every bound of a request. `docs/bounds.md` lists them, and a test keeps it equal to this file.

use std::time::Duration;

/// The body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// For the body of a request to arrive.
pub(crate) const BODY_TIME_MAX: Duration = Duration::from_secs(30);
/// For the head of a request to arrive, and for which a connection may be idle between requests.
pub(crate) const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// The head of a request: its first line and all headers. A query in a URL is part of it.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;
pub(crate) const HEADERS_MAX: usize = 100;
/// An `x-request-id` that a client sends.
pub(crate) const REQUEST_ID_BYTES_MAX: usize = 128;
/// Languages of an `Accept-Language` header; further ones are not looked at.
pub(crate) const LANGUAGES_MAX: usize = 20;
/// What is read of a request that is refused already, before its connection closes.
pub(crate) const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;
pub(crate) const DRAIN_TIME_MAX: Duration = Duration::from_secs(5);
/// For a client to read a response, from when it first does not keep up.
pub(crate) const RESPONSE_TIME_MAX: Duration = Duration::from_mins(2);
/// Connections of one listener of a process.
pub(crate) const CONNECTIONS_MAX: usize = 8_192;
/// For authenticating a request, and again for executing it.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// For advancing a test clock: a year of a large program is a lot of work that the caller waits
/// for.
pub(super) const TEST_CLOCK_TIME_MAX: Duration = Duration::from_mins(10);

/// A document, before anything reads it.
pub(super) const DOCUMENT_BYTES_MAX: usize = 200_000;
/// What the parser has to read: its work is a small multiple of this.
pub(super) const TOKENS_MAX: usize = 10_000;
/// The parser, and everything after it, recurses into brackets.
pub(super) const NESTING_MAX: usize = 64;
/// An unknown name is compared with all known ones, to suggest one.
pub(super) const NAME_BYTES_MAX: usize = 100;
/// One string, in a document or in variables.
pub(super) const STRING_BYTES_MAX: usize = 65_536;
/// Operations and fragments of a document.
pub(super) const DEFINITIONS_MAX: usize = 200;
/// Fragments where they are used, inline fragments included.
pub(super) const SPREADS_MAX: usize = 1_000;
/// Directives of a document. A field can have five.
pub(super) const DIRECTIVES_MAX: usize = 200;
pub(super) const FIELD_DIRECTIVES_MAX: usize = 5;
/// Variables, where they are defined and where they are used.
pub(super) const VARIABLES_MAX: usize = 1_000;
/// Names before a colon: arguments, fields of input objects, aliases, variables.
pub(super) const ARGUMENTS_MAX: usize = 2_500;

/// The longest chain of fragments in which each spreads the next.
pub(super) const CHAIN_MAX: usize = 20;
/// Fields and fragments, each fragment counted where it is spread; unused ones count too.
pub(super) const SELECTIONS_MAX: usize = 2_000;
pub(super) const DEPTH_MAX: usize = 12;
pub(super) const ROOT_FIELDS_MAX: usize = 20;
/// Fields, spreads and inline fragments inside each other.
pub(super) const RECURSION_MAX: usize = 32;
/// The introspection query that every tool sends is 15 deep.
pub(super) const INTROSPECTION_DEPTH_MAX: usize = 20;
/// That query nests two lists, and each further one multiplies the size of the response.
pub(super) const INTROSPECTION_LISTS_MAX: usize = 3;
/// That query costs 150,000: lists count as many items as they have in the larger schema, or on
/// average.
pub(super) const INTROSPECTION_COST_MAX: usize = 300_000;

/// What an operation may cost: a field is one, a list what its items cost together and
/// [`LIST_COST`].
pub(crate) const COST_MAX: usize = 10_000;
/// The cost of a list in addition to its items, because it is a query of its own.
pub(super) const LIST_COST: usize = 10;

/// The response to a request.
pub(crate) const RESPONSE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Errors of a response; further ones are left out.
pub(crate) const ERRORS_MAX: usize = 20;
/// The message of an error: it may quote the request.
pub(crate) const MESSAGE_CHARACTERS_MAX: usize = 500;
