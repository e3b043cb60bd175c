//! Reading what comes back.

use crate::scalars::{DateTime, Decimal};
use async_graphql::{ID, InputObject, OneofObject};
use perennial_core::programs::Program;
use perennial_core::purchases::PurchaseRef;
use perennial_core::returns::{LineRef, NewReturn, Returned, ReturnedLine};
use perennial_core::{Currency, Error, Result};

/// A return to record.
#[derive(Debug, InputObject)]
pub(crate) struct RecordReturnInput {
    /// The purchase of which something comes back.
    purchase: PurchaseRefInput,
    /// The shop's number of the return, unique among the purchase's returns permanently, 1 to 128
    /// characters. Repeating a request with the same data returns the first receipt; reusing the
    /// number with other data is refused.
    reference: String,
    /// When it came back, not before the purchase and not later than now. Default: now, according
    /// to the program's clock.
    returned_at: Option<DateTime>,
    /// What comes back.
    what: ReturnedInput,
}

/// Names a purchase by exactly one of the two.
#[derive(Debug, OneofObject)]
pub(crate) enum PurchaseRefInput {
    /// The purchase's id.
    Id(ID),
    /// The shop's order number.
    Reference(String),
}

/// What of a purchase comes back; exactly one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum ReturnedInput {
    /// All that is left of the purchase, as when an order is cancelled. Must be `true`.
    Everything(bool),
    /// Lines or parts of lines, at most 500.
    Lines(Vec<ReturnedLineInput>),
    /// An amount above zero of no line in particular, as when a price is reduced afterwards. It
    /// falls to the lines by what is left of each.
    Amount(Decimal),
}

/// What of a line comes back: everything that is left of it, unless a quantity or an amount says
/// how much.
#[derive(Debug, InputObject)]
pub(crate) struct ReturnedLineInput {
    /// The line.
    line: LineRefInput,
    /// The number of items that come back.
    quantity: Option<i32>,
    /// The amount that is paid back, zero or more. Default: what the items cost.
    amount: Option<Decimal>,
}

/// Names a line of a purchase by exactly one of the two.
#[derive(Debug, OneofObject)]
pub(crate) enum LineRefInput {
    /// Which line of the purchase it is, from 1.
    Position(i32),
    /// The product's identifier in the shop. If several lines have it, the first of which
    /// something is left come first.
    Sku(String),
}

impl RecordReturnInput {
    pub(super) fn parse(self, program: &Program) -> Result<NewReturn> {
        let currency = program.definition.currency;
        Ok(NewReturn {
            purchase: self.purchase.parse()?,
            reference: self.reference,
            returned_at: self.returned_at.map(|DateTime(at)| at),
            what: self.what.parse(currency).map_err(|error| error.at("what"))?,
        })
    }
}

impl PurchaseRefInput {
    pub(crate) fn parse(self) -> Result<PurchaseRef> {
        let of_field = |error: Error| error.at("id").at("purchase");
        match self {
            Self::Id(id) => id.parse().map(PurchaseRef::Id).map_err(of_field),
            Self::Reference(reference) => Ok(PurchaseRef::Reference(reference)),
        }
    }
}

impl ReturnedInput {
    fn parse(self, currency: Currency) -> Result<Returned> {
        match self {
            Self::Everything(true) => Ok(Returned::Whole),
            Self::Everything(false) => {
                let why = "say `true`, or what comes back instead";
                Err(Error::new(perennial_core::Code::InvalidInput, why).at("everything"))
            }
            Self::Amount(Decimal(amount)) => {
                let minor = currency.minor_units(&amount);
                minor.map(Returned::Amount).map_err(|error| error.at("amount"))
            }
            Self::Lines(lines) => {
                let line = |(index, line): (usize, ReturnedLineInput)| {
                    let of_line = |error: Error| error.at(index.to_string()).at("lines");
                    line.parse(currency).map_err(of_line)
                };
                lines.into_iter().enumerate().map(line).collect::<Result<_>>().map(Returned::Lines)
            }
        }
    }
}

impl ReturnedLineInput {
    fn parse(self, currency: Currency) -> Result<ReturnedLine> {
        let minor = |Decimal(amount)| currency.minor_units(&amount);
        let amount_minor = self.amount.map(minor).transpose();
        Ok(ReturnedLine {
            line: match self.line {
                // What is below 1 is as unknown as what is beyond the last.
                LineRefInput::Position(position) => {
                    LineRef::Position(u32::try_from(position).unwrap_or_default())
                }
                LineRefInput::Sku(sku) => LineRef::Sku(sku),
            },
            // What is below zero is refused as zero is, with the field.
            quantity: self.quantity.map(|quantity| u32::try_from(quantity).unwrap_or_default()),
            amount_minor: amount_minor.map_err(|error| error.at("amount"))?,
        })
    }
}
