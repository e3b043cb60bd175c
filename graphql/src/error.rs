//! The shapes of errors. A business refusal becomes a `UserError` in the payload of its mutation.
//! Everything else is a top-level error, completed here for all resolvers: code and help from the
//! core's table and the request id go into its `extensions`; private details go to the log only.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, SimpleObject,
    Value,
};
use perennial_core::{Code, Error, Kind, Result};
use std::borrow::Cow;
use std::sync::Arc;

/// Why a request, or one item of a batch, was refused. A refused request or item changes nothing.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// The error code, for programs.
    code: ErrorCode,
    /// What went wrong, as text for people.
    message: String,
    /// The path of the invalid field inside `input`, such as `["lines", "0", "amount"]`. Null if
    /// the error does not concern a single field.
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
    /// The error of one item of a batch. Each item has its own result, so even an internal error
    /// becomes a user error; its private half goes to the log.
    pub(crate) fn of_item(error: Error) -> Self {
        if !is_refusal(error.kind()) {
            log(&error, "");
        }
        error.into()
    }
}

/// Splits the answer of a service into the two halves of a payload. An error that is not a business
/// refusal stays an error.
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
                "Why a request or one item of it failed, and what to do about it.".to_owned(),
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

/// Codes of requests that are not valid GraphQL for this schema. The core does not know them.
pub(crate) const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
pub(crate) const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";

/// Completes errors for the caller: code, help and request id go into their extensions, private
/// details into the log.
pub(crate) fn publish(errors: &mut [ServerError], was_executed: bool, request_id: &str) {
    for error in errors {
        match cause(error) {
            Some(cause) => {
                log(&cause, request_id);
                label(error, cause.code());
            }
            None if was_executed => label(error, Code::InvalidInput),
            // The executor enforces this limit itself; only the message identifies its error.
            None if error.message == "Query is too complex." => label(error, Code::QueryTooLarge),
            None => set_extensions(error, VALIDATION_FAILED, "Compare the query with the schema."),
        }
        error.extensions.get_or_insert_default().set("requestId", request_id);
    }
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
