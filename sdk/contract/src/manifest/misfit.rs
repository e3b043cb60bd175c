//! That data does not fit a schema of the manifest.

use super::schema;
use serde_json::Value;

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The plugin's configuration, with its schema.
    Config,
    /// A record's data, with the schema of its type.
    Record,
    /// A record's type, with those that the manifest declares.
    RecordType,
    /// The schema itself is none, which a manifest that was checked does not have.
    Schema,
}

/// Where and why something does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub what: What,
    /// A dotted path; none for the whole.
    pub field: Option<String>,
    pub message: String,
}

pub(super) fn between(schema: &Value, value: &Value, what: What) -> Result<(), Misfit> {
    let misfit = schema::misfit(schema, value).map_err(|why| Misfit::new(What::Schema, why))?;
    match misfit {
        None => Ok(()),
        Some((field, why)) if field.is_empty() => Err(Misfit::new(what, why)),
        Some((field, why)) => Err(Misfit::new(what, why).at(field)),
    }
}

impl Misfit {
    pub(super) fn new(what: What, message: impl Into<String>) -> Self {
        Self { what, field: None, message: message.into() }
    }

    /// Names what the value is part of, as a dotted path.
    #[must_use]
    pub fn at(mut self, around: impl Into<String>) -> Self {
        let around = around.into();
        self.field = Some(match self.field.take() {
            Some(inner) => format!("{around}.{inner}"),
            None => around,
        });
        self
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Misfit {}
