//! The shapes of errors. A business refusal becomes a `UserError` in the payload of its mutation. Everything else is a
//! top-level error, dressed here once for all resolvers: with `extensions { code help requestId }` from the core's table, and
//! with what is private written to the log and nowhere else.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, SimpleObject,
    Value,
};
use perennial_core::{Code, Error, Kind, Result};
use std::borrow::Cow;
use std::sync::Arc;

/// Why a mutation was refused. Nothing has changed then.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// What went wrong, for programs.
    code: ErrorCode,
    /// What went wrong, for people.
    message: String,
    /// The path of the wrong field inside `input`, such as `["lines", "0", "amount"]`; absent when it is no single field.
    field: Option<Vec<String>>,
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        let path = |field: &str| field.split('.').map(str::to_owned).collect();
        Self {
            code: ErrorCode(error.code()),
            message: error.message().to_owned(),
            field: error.field().map(path),
        }
    }
}

impl UserError {
    /// For one item of many. The items answer for themselves, so even a failure of ours becomes a user error here; its private
    /// half goes to the log.
    pub(crate) fn of_item(error: Error) -> Self {
        if !is_refusal(error.kind()) {
            log(&error, "");
        }
        error.into()
    }
}

/// Splits what a service answered into the two halves of a payload; what is no business refusal stays an error.
pub(crate) fn split<T>(answer: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match answer {
        Ok(thing) => Ok((Some(thing), Vec::new())),
        Err(error) if is_refusal(error.kind()) => Ok((None, vec![error.into()])),
        Err(error) => Err(error),
    }
}

const fn is_refusal(kind: Kind) -> bool {
    matches!(kind, Kind::Caller | Kind::Conflict | Kind::Missing | Kind::Limit)
}

/// A code of the core's table that a mutation, or one item of it, can fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(Code);

impl OutputType for ErrorCode {
    fn type_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let value = |code: &Code| {
            let value = MetaEnumValue {
                name: code.as_str().to_owned(),
                description: Some(code.help().to_owned()),
                deprecation: async_graphql::registry::Deprecation::NoDeprecated,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                directive_invocations: Vec::new(),
            };
            (value.name.clone(), value)
        };
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: "ErrorCode".to_owned(),
            description: Some(
                "Why a mutation, or one item of it, came to nothing, and what to do about it."
                    .to_owned(),
            ),
            enum_values: Code::ALL
                .iter()
                .filter(|code| !matches!(code.kind(), Kind::Unauthenticated | Kind::Forbidden))
                .map(value)
                .collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.0.as_str())))
    }
}

/// Codes of requests that are not GraphQL for this schema; the core knows nothing of them.
pub(crate) const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
pub(crate) const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";

/// Makes errors fit for the caller: code, help and request id in their extensions, private details in the log.
pub(crate) fn publish(errors: &mut [ServerError], was_executed: bool, request_id: &str) {
    for error in errors {
        match cause(error) {
            Some(cause) => {
                log(&cause, request_id);
                dress(error, cause.code());
            }
            None if was_executed => dress(error, Code::InvalidInput),
            // The one limit that the executor itself enforces.
            None if error.message == "Query is too complex." => dress(error, Code::QueryTooLarge),
            None => extend(error, VALIDATION_FAILED, "Compare the query with the schema."),
        }
        error.extensions.get_or_insert_default().set("requestId", request_id);
    }
}

/// A top-level error about the request as a whole.
pub(crate) fn request_error(error: &Error) -> ServerError {
    let mut shown = ServerError::new(error.message(), None);
    dress(&mut shown, error.code());
    shown
}

/// Like [`request_error`] with a code that only this crate knows.
pub(crate) fn protocol_error(code: &str, message: impl Into<String>, help: &str) -> ServerError {
    let mut shown = ServerError::new(message, None);
    extend(&mut shown, code, help);
    shown
}

pub(crate) fn log(error: &Error, request_id: &str) {
    if matches!(error.kind(), Kind::Internal | Kind::Unavailable) {
        let (code, detail) = (error.code().as_str(), error.detail());
        tracing::error!(request_id, code, detail, "a request failed");
    }
}

/// The core's error behind a resolver's, straight or shared by a loader.
fn cause(error: &ServerError) -> Option<Cause<'_>> {
    let straight = error.source::<Error>().map(Cause::Straight);
    straight.or_else(|| error.source::<Arc<Error>>().map(Cause::Shared))
}

enum Cause<'a> {
    Straight(&'a Error),
    Shared(&'a Arc<Error>),
}

impl std::ops::Deref for Cause<'_> {
    type Target = Error;

    fn deref(&self) -> &Error {
        match self {
            Self::Straight(error) => error,
            Self::Shared(error) => error,
        }
    }
}

fn dress(error: &mut ServerError, code: Code) {
    extend(error, code.as_str(), code.help());
}

fn extend(error: &mut ServerError, code: &str, help: &str) {
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
        let mut errors = [failed.into_server_error(Pos::default())];
        publish(&mut errors, true, "r1");
        serde_json::to_value(&errors[0]).unwrap()
    }

    #[test]
    fn refusals_become_user_errors_and_the_rest_stays_an_error() {
        let refused = Error::new(Code::InvalidAmount, "`1,5` is not a decimal amount").at("amount");
        let (nothing, errors) = split::<()>(Err(refused.at("0").at("lines"))).unwrap();
        assert!(nothing.is_none());
        let path = ["lines", "0", "amount"].map(str::to_owned).to_vec();
        assert_eq!((errors[0].code.0, &errors[0].field), (Code::InvalidAmount, &Some(path)));
        for code in [Code::Unauthenticated, Code::Forbidden, Code::Unavailable, Code::Internal] {
            assert_eq!(split::<()>(Err(Error::new(code, "no"))).unwrap_err().code(), code);
        }
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
        let mut errors = [failed.into_server_error(Pos::default())];
        publish(&mut errors, true, "r1");
        let shown = serde_json::to_value(&errors[0]).unwrap();
        assert_eq!(shown["extensions"]["code"], "FORBIDDEN");
        assert_eq!(shown["message"], "this needs the scope `read`");
    }
}
