//! Scalars that are codes of a standard.

use super::{can_be, refused, text};
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use perennial_core::{Currency, is_country, is_language};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CurrencyCode(pub(crate) Currency);

/// An ISO 4217 currency code, such as `EUR`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(&value)?.parse().map(Self).map_err(refused)
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountryCode(pub(crate) String);

/// An ISO 3166-1 alpha-2 country code in uppercase, such as `DE`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-3166-country-codes.html")]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = text(&value)?;
        if !is_country(code) {
            return Err(InputValueError::custom(format!(
                "`{code}` is not a two-letter country code in uppercase, such as DE"
            )));
        }
        Ok(Self(code.to_owned()))
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LanguageTag(pub(crate) String);

/// A BCP 47 language tag, such as `en` or `pt-BR`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/info/bcp47")]
impl ScalarType for LanguageTag {
    fn parse(value: Value) -> InputValueResult<Self> {
        let tag = text(&value)?;
        if !is_language(tag) {
            let why = format!("`{tag}` is not a language tag such as en or pt-BR");
            return Err(InputValueError::custom(why));
        }
        Ok(Self(tag.to_owned()))
    }

    fn is_valid(value: &Value) -> bool {
        can_be::<Self>(value)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
