//! The shapes of errors. A business refusal becomes a `UserError` in the payload of its mutation.
//! Everything else is a top-level error, completed here for all resolvers: code and help from the
//! core's table, the argument that is wrong and the request id go into its `extensions`; private
//! details go to the log only.

mod code;
mod user;

pub(crate) use user::{UserError, split};

use crate::admission::{ERRORS_MAX, MESSAGE_CHARACTERS_MAX};
use async_graphql::ServerError;
use perennial_core::{Code, Error, Kind};
use std::sync::Arc;

/// Codes of requests that are not valid GraphQL for this schema. The core does not know them.
pub(crate) const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
pub(crate) const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";

/// Completes errors for the caller: code, help and request id go into their extensions, private
/// details into the log. What is more than a person reads is left out.
pub(crate) fn publish(errors: &mut Vec<ServerError>, was_executed: bool, request_id: &str) {
    for error in &mut *errors {
        if let Some(cause) = cause(error) {
            log(&cause, request_id);
            let (code, field) = (cause.code(), cause.field().map(path));
            label(error, code);
            if let Some(field) = field {
                error.extensions.get_or_insert_default().set("field", field);
            }
        } else if !has_code(error) {
            match was_executed {
                true => label(error, Code::InvalidInput),
                false => {
                    set_extensions(error, VALIDATION_FAILED, "Compare the query with the schema.");
                }
            }
        }
    }
    errors.truncate(ERRORS_MAX);
    for error in errors {
        complete(error, request_id);
    }
}

/// Adds the request id, and shortens a message that quotes much of the request.
pub(crate) fn complete(error: &mut ServerError, request_id: &str) {
    shorten(&mut error.message);
    error.extensions.get_or_insert_default().set("requestId", request_id);
}

/// Cuts off a message that is longer than anyone reads.
fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        message.truncate(end);
        message.push('…');
    }
}

fn has_code(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some())
}

/// The parts of a dotted path, as clients get it.
fn path(field: &str) -> Vec<String> {
    field.split('.').map(str::to_owned).collect()
}

/// A top-level error about the request as a whole.
pub(crate) fn request_error(error: &Error) -> ServerError {
    let mut shown = ServerError::new(error.message(), None);
    label(&mut shown, error.code());
    shown
}

/// Like [`request_error`] with a code that only this crate knows.
pub(crate) fn protocol_error(code: &str, message: impl Into<String>, help: &str) -> ServerError {
    let mut shown = ServerError::new(message, None);
    set_extensions(&mut shown, code, help);
    shown
}

pub(crate) fn log(error: &Error, request_id: &str) {
    if matches!(error.kind(), Kind::Internal | Kind::Unavailable) {
        let (code, detail) = (error.code().as_str(), error.detail());
        tracing::error!(request_id, code, detail, "a request failed");
        metrics::counter!("perennial_errors_total", "code" => code).increment(1);
    }
}

/// The core's error that caused a resolver's, owned by it or shared by a loader.
fn cause(error: &ServerError) -> Option<Cause<'_>> {
    let owned = error.source::<Error>().map(Cause::Owned);
    owned.or_else(|| error.source::<Arc<Error>>().map(Cause::Shared))
}

enum Cause<'a> {
    Owned(&'a Error),
    Shared(&'a Arc<Error>),
}

impl std::ops::Deref for Cause<'_> {
    type Target = Error;

    fn deref(&self) -> &Error {
        match self {
            Self::Owned(error) => error,
            Self::Shared(error) => error,
        }
    }
}

fn label(error: &mut ServerError, code: Code) {
    set_extensions(error, code.as_str(), code.help());
}

fn set_extensions(error: &mut ServerError, code: &str, help: &str) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code);
    extensions.set("help", help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::Pos;

    fn published(error: Error) -> serde_json::Value {
        let failed: async_graphql::Error = error.into();
        let mut errors = vec![failed.into_server_error(Pos::default())];
        publish(&mut errors, true, "r1");
        serde_json::to_value(&errors[0]).unwrap()
    }

    #[test]
    fn what_is_private_stays_private() {
        let shown = published(Error::internal("row 17 of wallets").caused_by("disk I/O error"));
        assert_eq!(shown["extensions"]["code"], "INTERNAL");
        assert_eq!(shown["extensions"]["requestId"], "r1");
        let text = shown.to_string();
        assert!(!text.contains("wallets") && !text.contains("disk"), "{text}");
    }

    #[test]
    fn an_error_of_a_loader_keeps_its_code() {
        let shared = Arc::new(Error::new(Code::Forbidden, "this needs the scope `read`"));
        let failed: async_graphql::Error = shared.into();
        let mut errors = vec![failed.into_server_error(Pos::default())];
        publish(&mut errors, true, "r1");
        let shown = serde_json::to_value(&errors[0]).unwrap();
        assert_eq!(shown["extensions"]["code"], "FORBIDDEN");
        assert_eq!(shown["message"], "this needs the scope `read`");
    }

    #[test]
    fn a_response_has_few_errors_and_short_messages() {
        let long = "é".repeat(MESSAGE_CHARACTERS_MAX + 1);
        let mut errors = vec![ServerError::new(long, None); ERRORS_MAX + 1];
        publish(&mut errors, false, "r1");
        assert_eq!(errors.len(), ERRORS_MAX);
        assert_eq!(errors[0].message.chars().count(), MESSAGE_CHARACTERS_MAX + 1);
        assert!(errors[0].message.ends_with("é…"));
    }
}
