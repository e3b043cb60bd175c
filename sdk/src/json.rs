//! JSON, read into and written from the plugin's own types.

use crate::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A JSON value whose shape the plugin defines, by its types or by a schema in its manifest.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(serde_json::Value);

impl Json {
    /// `null`.
    pub const fn null() -> Self {
        Self(serde_json::Value::Null)
    }

    /// Writes a value as JSON. Fails with `not-json` if it has no JSON form, such as a map whose
    /// keys are not text.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, Failure> {
        serde_json::to_value(value)
            .map(Self)
            .map_err(|error| Failure::new("not-json", error.to_string()))
    }

    /// Reads the JSON as a `T`. Fails with `unexpected-json` if it does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.0).map_err(|error| Failure::new("unexpected-json", error.to_string()))
    }

    /// The value as `serde_json` has it.
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
