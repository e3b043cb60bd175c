//! Scalars of both schemas.

mod codes;

pub(crate) use codes::{CountryCode, CurrencyCode, LanguageTag};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use perennial_core::{Error, Timestamp};

/// The largest integer that every JSON parser represents exactly, 2^53 - 1.
const EXACT_MAX: i64 = perennial_core::Points::MAX.get();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// A date and time in RFC 3339 format, such as `2026-11-22T10:00:00Z`. Input may have any UTC
/// offset; output is always in UTC.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(&value)?.parse().map(Self).map_err(refused)
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal(pub(crate) String);

/// A decimal number as a string, such as `"29.33"`: digits and at most one decimal point, without
/// an exponent. It is never rounded; the currency determines how many decimal places are allowed.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        // Only the type is checked here: the service refuses what is not a number and names the
        // field.
        text(&value).map(|text| Self(text.to_owned()))
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Points(pub(crate) perennial_core::Points);

/// An integer number of points, -9007199254740991 to 9007199254740991 (2^53 - 1): the range that
/// every JSON parser represents exactly. Clients need a 64-bit integer or a double; 32 bits are not
/// enough.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Points {
    fn parse(value: Value) -> InputValueResult<Self> {
        whole(&value).map(|number| Self(perennial_core::Points::new(number)))
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        self.0.get().into()
    }
}

impl From<perennial_core::Points> for Points {
    fn from(points: perennial_core::Points) -> Self {
        Self(points)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Long(pub(crate) i64);

/// An integer, -9007199254740991 to 9007199254740991 (2^53 - 1). Clients need a 64-bit integer or a
/// double; 32 bits are not enough.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        whole(&value).map(Self)
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Json(pub(crate) serde_json::Value);

/// Any JSON value. The fields that use it describe its structure.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self(value)
    }
}

/// Validation asks this, and names the field of a value that cannot be read; the executor, which
/// reads it later, cannot.
fn can_be<T: ScalarType>(value: &Value) -> bool {
    T::parse(value.clone()).is_ok()
}

fn text<T: async_graphql::InputType>(value: &Value) -> Result<&str, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::custom(format!("{other} is not a string"))),
    }
}

fn whole<T: async_graphql::InputType>(value: &Value) -> Result<i64, InputValueError<T>> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    let exact = |number: &i64| (-EXACT_MAX..=EXACT_MAX).contains(number);
    number.filter(exact).ok_or_else(|| {
        InputValueError::custom(format!("{value} is not a whole number within ±{EXACT_MAX}"))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that `map_err` asks for")]
fn refused<T: async_graphql::InputType>(error: Error) -> InputValueError<T> {
    InputValueError::custom(error.message())
}

#[cfg(test)]
mod tests;
