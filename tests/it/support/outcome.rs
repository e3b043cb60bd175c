//! What a mutation or a quote answers: either what was done, or why it was refused.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::{self, Debug, Display};

/// A mutation's payload: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    Done(T),
    Refused(UserError),
}

/// Why a mutation was refused. Shown as `CODE field: message`, for snapshots.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) field: Option<Vec<String>>,
}

impl<T: DeserializeOwned> Outcome<T> {
    /// Reads the data that answers one mutation.
    pub(crate) fn of(data: Value) -> Self {
        let mut payloads: Vec<Value> = fields(data).into_values().collect();
        assert_eq!(payloads.len(), 1, "one mutation at a time: {payloads:#?}");
        Self::of_payload(payloads.remove(0))
    }

    /// Reads a payload that holds one object beside `userErrors { code message field }`.
    pub(crate) fn of_payload(payload: Value) -> Self {
        let shown = format!("{payload:#}");
        let mut fields = fields(payload);
        let errors = fields.remove("userErrors").expect("a mutation is asked for its userErrors");
        let mut errors: Vec<UserError> = serde_json::from_value(errors).unwrap();
        let object = fields.into_values().next().expect("a mutation is asked for what it did");
        match (errors.pop(), object) {
            (Some(error), Value::Null) if errors.is_empty() => Self::Refused(error),
            (None, object) if !object.is_null() => Self::Done(
                serde_json::from_value(object).unwrap_or_else(|error| panic!("{error}: {shown}")),
            ),
            _ => panic!("neither done nor refused for one reason: {shown}"),
        }
    }
}

impl<T: Debug> Outcome<T> {
    /// What was done; panics when it was refused.
    #[track_caller]
    pub(crate) fn done(self) -> T {
        match self {
            Self::Done(done) => done,
            Self::Refused(error) => panic!("refused: {error}"),
        }
    }

    /// Why it was refused; panics when it was done.
    #[track_caller]
    pub(crate) fn refused(self) -> UserError {
        match self {
            Self::Done(done) => panic!("not refused: {done:#?}"),
            Self::Refused(error) => error,
        }
    }
}

impl Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(path) => write!(f, "{} {}: {}", self.code, path.join("."), self.message),
            None => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

fn fields(object: Value) -> serde_json::Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        other => panic!("not an object: {}", json!(other)),
    }
}
