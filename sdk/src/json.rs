//! JSON, read into and written from the plugin's own types.

use crate::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JSON value whose shape the plugin defines, by its types or by a schema in its manifest.
#[derive(Clone, Debug, Default)]
pub struct Json {
    value: serde_json::Value,
    /// What it is, for the message of a failure; empty if that is not known.
    what: &'static str,
}

impl Json {
    /// `null`.
    pub const fn null() -> Self {
        Self { value: serde_json::Value::Null, what: "" }
    }

    /// Writes a value as JSON. Fails with `not-json` if it has no JSON form, such as a map whose
    /// keys are not text.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, Failure> {
        serde_json::to_value(value)
            .map(Self::from)
            .map_err(|error| Failure::new("not-json", error.to_string()))
    }

    /// Reads the JSON as a `T`. Fails with `unexpected-json` if it does not fit, and says which JSON it
    /// is.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.value).map_err(|error| self.misfit(&error))
    }

    /// The value as `serde_json` has it.
    pub const fn value(&self) -> &serde_json::Value {
        &self.value
    }

    /// Apart, so that it is in a component once.
    #[inline(never)]
    fn misfit(&self, error: &serde_json::Error) -> Failure {
        let colon = if self.what.is_empty() { "" } else { ": " };
        Failure::new("unexpected-json", format!("{}{colon}{error}", self.what))
    }

    pub(crate) fn parse(what: &'static str, text: &str) -> Result<Self, Failure> {
        match serde_json::from_str(text) {
            Ok(value) => Ok(Self { value, what }),
            Err(error) => Err(Failure::new("unexpected-json", format!("{what}: {error}"))),
        }
    }

    /// Says what it is, for the message of a failure.
    pub(crate) const fn call(&mut self, what: &'static str) {
        self.what = what;
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self { value, what: "" }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}
