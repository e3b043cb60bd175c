//! Money: minor units and an ISO 4217 currency. Decimal text is parsed exactly; no float is
//! involved.

use crate::{Code, Error};
use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// Digits after the decimal point: 2 for USD, 0 for JPY.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Parses a decimal amount such as `29.33` into minor units, exactly: too many digits after the
    /// point are refused, not rounded.
    pub fn minor_units(self, amount: &str) -> Result<i64, Error> {
        let wrong = |why: &str| Error::new(Code::InvalidAmount, format!("`{amount}` {why}"));
        let (sign, digits) = match amount.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_point_without_digits = digits.contains('.') && fraction.is_empty();
        if whole.is_empty()
            || has_point_without_digits
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return Err(wrong("is not a decimal amount such as 29.33"));
        }
        let exponent = self.exponent() as usize;
        let (kept, beyond) = fraction.split_at(fraction.len().min(exponent));
        if beyond.bytes().any(|byte| byte != b'0') {
            return Err(wrong(&format!(
                "has more than {exponent} decimals, {} allows no more",
                self.code()
            )));
        }
        let minor = format!("{whole}{kept:0<exponent$}").parse::<i64>();
        let minor = minor.map_err(|_| {
            Error::new(Code::Overflow, format!("`{amount}` is too large an amount"))
        })?;
        Ok(sign * minor)
    }

    /// The decimal text of an amount in minor units, with all the currency's decimals.
    pub fn decimal(self, minor: i64) -> String {
        let exponent = self.exponent() as usize;
        let sign = if minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Currency {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        Iso::from_code(code).map(Self).ok_or_else(|| {
            Error::new(Code::InvalidInput, format!("`{code}` is not an ISO 4217 currency code"))
        })
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_becomes_minor_units_exactly_or_is_refused() {
        let usd: Currency = "USD".parse().unwrap();
        let yen: Currency = "JPY".parse().unwrap();
        for (text, minor) in
            [("29.33", 2933), ("0", 0), ("5.5", 550), ("-1.00", -100), ("7.1000", 710)]
        {
            assert_eq!(usd.minor_units(text).unwrap(), minor, "{text}");
        }
        assert_eq!(yen.minor_units("500").unwrap(), 500);
        for text in ["", ".", "1.", ".5", "1e3", "1,5", "+1", " 1", "1.234", "--1"] {
            assert_eq!(usd.minor_units(text).unwrap_err().code(), Code::InvalidAmount, "{text}");
        }
        assert_eq!(usd.minor_units("92233720368547758.08").unwrap_err().code(), Code::Overflow);
        assert_eq!(usd.decimal(-5), "-0.05");
        assert_eq!(usd.decimal(2933), "29.33");
        assert_eq!(yen.decimal(500), "500");
    }
}
