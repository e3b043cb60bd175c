//! What is bought: a purchase's lines and total, or those of a cart that is quoted.

use crate::{Code, Currency, Error, Points, Result};
use crate::{share, text};
use serde::Serialize;

/// The most lines of one purchase.
pub const LINES_MAX: usize = 500;

/// What is bought, or would be.
#[derive(Clone, Debug, Default)]
pub struct Cart {
    /// The program's when absent.
    pub currency: Option<Currency>,
    /// In minor units; may be left out when there are lines, whose sum it is.
    pub total_minor: Option<i64>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub sku: String,
    pub category: Option<String>,
    /// 1 or more.
    pub quantity: u32,
    /// For the whole line, in minor units; zero or more.
    pub amount_minor: i64,
}

/// A checked cart.
#[derive(Clone, Debug)]
pub(crate) struct CheckedCart {
    pub(crate) currency: Currency,
    pub(crate) total_minor: i64,
    pub(crate) lines: Vec<Line>,
}

impl Cart {
    /// Fails with `INVALID_INPUT`, `INVALID_AMOUNT`, `TOO_MANY` or `OVERFLOW`, naming the field.
    pub(crate) fn check(&self, programs: Currency) -> Result<CheckedCart> {
        let currency = self.currency.unwrap_or(programs);
        Ok(CheckedCart { currency, total_minor: self.total()?, lines: self.lines.clone() })
    }

    fn total(&self) -> Result<i64> {
        let sum = self.sum_of_lines()?;
        let wrong = |code, why: String| Err(Error::new(code, why).at("total"));
        match self.total_minor {
            None if self.lines.is_empty() => {
                wrong(Code::InvalidInput, "send a total, or lines that add up to it".to_owned())
            }
            None => Ok(sum),
            Some(total) if total < 0 => {
                let why = "an amount is zero or more; of a return, take the points back with adjustPoints";
                wrong(Code::InvalidAmount, why.to_owned())
            }
            Some(total) if !self.lines.is_empty() && total != sum => {
                let why = format!("the lines add up to {sum} minor units, the total says {total}");
                wrong(Code::InvalidAmount, why)
            }
            Some(total) => Ok(total),
        }
    }

    fn sum_of_lines(&self) -> Result<i64> {
        if self.lines.len() > LINES_MAX {
            return Err(Error::new(Code::TooMany, format!("at most {LINES_MAX} lines")).at("lines"));
        }
        let mut sum: i64 = 0;
        for (index, line) in self.lines.iter().enumerate() {
            let at = |error: Error| error.at(index.to_string()).at("lines");
            line.check().map_err(at)?;
            let overflow = || {
                let why = "the lines add up to too large an amount";
                Error::new(Code::Overflow, why).at("amount")
            };
            sum = sum.checked_add(line.amount_minor).ok_or_else(overflow).map_err(at)?;
        }
        Ok(sum)
    }
}

impl CheckedCart {
    /// What each line has of points that the whole earned: by its amount, or, where nothing costs
    /// anything, by its quantity.
    pub(crate) fn shares(&self, points: Points) -> Result<Vec<Points>> {
        let amounts: Vec<_> = self.lines.iter().map(|line| line.amount_minor).collect();
        if self.total_minor > 0 {
            return share::shares(points, &amounts);
        }
        let quantities: Vec<_> = self.lines.iter().map(|line| line.quantity.into()).collect();
        share::shares(points, &quantities)
    }

    /// Fails with `CURRENCY_MISMATCH` when the cart is in another currency than the program.
    pub(crate) fn check_currency(&self, programs: Currency) -> Result<()> {
        if self.currency == programs {
            return Ok(());
        }
        let why = format!("the program counts in {programs}, not {}", self.currency);
        Err(Error::new(Code::CurrencyMismatch, why).at("currency"))
    }
}

impl Line {
    fn check(&self) -> Result<()> {
        text::identifier("sku", &self.sku)?;
        if let Some(category) = &self.category {
            text::identifier("category", category)?;
        }
        if self.quantity == 0 || self.quantity > i32::MAX.unsigned_abs() {
            return Err(text::invalid("quantity", "use a whole number above zero"));
        }
        if self.amount_minor < 0 {
            return Err(Error::new(Code::InvalidAmount, "an amount is zero or more").at("amount"));
        }
        Ok(())
    }
}
