//! Refusals that are part of a payload.

use super::code::ErrorCode;
use super::{log, path, shorten};
use async_graphql::SimpleObject;
use perennial_core::{Error, Kind, Result};

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
        let mut message = error.message().to_owned();
        shorten(&mut message);
        Self { code: ErrorCode(error.code()), message, field: error.field().map(path) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use perennial_core::Code;

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
}
