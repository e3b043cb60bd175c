//! JSON that is read into, and written from, the plugin's own types.

use crate::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A JSON value of the plugin's own making, or with a schema that its manifest declares.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(serde_json::Value);

impl Json {
    /// `null`.
    pub const fn null() -> Self {
        Self(serde_json::Value::Null)
    }

    /// Writes a value; fails if it has no form in JSON, such as a map with keys that are not text.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, Failure> {
        serde_json::to_value(value)
            .map(Self)
            .map_err(|error| Failure::new("not-json", error.to_string()))
    }

    /// Reads a value; fails if the JSON does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.0).map_err(|error| Failure::new("unexpected-json", error.to_string()))
    }

    /// The value as it is.
    pub const fn value(&self) -> &serde_json::Value {
        &self.0
    }

    pub(crate) fn parse(what: &str, text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text)
            .map_err(|error| Failure::new("unexpected-json", format!("{what}: {error}")))
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self(value)
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
