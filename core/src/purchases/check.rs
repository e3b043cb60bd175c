//! Checking a request by itself, before anything is looked up.

use super::NewPurchase;
use crate::cart::{Cart, CheckedCart, Line};
use crate::context::Program;
use crate::hash::arguments_hash;
use crate::members::MemberRef;
use crate::{Code, Error, Result, Timestamp, text};
use serde::Serialize;

const TEXT_MAX: usize = 128;

/// A checked purchase, or a checked cart.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) member: MemberRef,
    /// Empty for a cart.
    pub(super) reference: String,
    /// The program's now when absent.
    pub(super) purchased_at: Option<Timestamp>,
    pub(super) cart: CheckedCart,
    pub(super) arguments_hash: Vec<u8>,
}

#[derive(Serialize)]
struct Arguments<'a> {
    member: &'a MemberRef,
    purchased_at: Option<Timestamp>,
    total_minor: i64,
    lines: &'a [Line],
}

impl Checked {
    /// Fails with `INVALID_INPUT`, `INVALID_AMOUNT`, `CURRENCY_MISMATCH`, `TOO_MANY` or `OVERFLOW`,
    /// naming the field.
    pub(super) fn purchase(program: &Program, new: &NewPurchase) -> Result<Self> {
        text::printable("reference", &new.reference, TEXT_MAX)?;
        let mut checked = Self::cart(program, &new.member, &new.cart)?;
        checked.reference.clone_from(&new.reference);
        checked.purchased_at = new.purchased_at;
        checked.arguments_hash = arguments_hash(&Arguments {
            member: &new.member,
            purchased_at: new.purchased_at,
            total_minor: checked.cart.total_minor,
            lines: &new.cart.lines,
        });
        Ok(checked)
    }

    pub(super) fn cart(program: &Program, member: &MemberRef, cart: &Cart) -> Result<Self> {
        if let MemberRef::ExternalId(external_id) = member {
            text::printable("member", external_id, TEXT_MAX)?;
        }
        Ok(Self {
            member: member.clone(),
            reference: String::new(),
            purchased_at: None,
            cart: cart.check(program.definition.currency)?,
            arguments_hash: Vec::new(),
        })
    }

    /// When it happened, by the program's clock. Fails with `FUTURE_INSTANT`.
    pub(super) fn at(&self, now: Timestamp) -> Result<Timestamp> {
        let at = self.purchased_at.unwrap_or(now);
        if at > now {
            let why = format!("{at} is later than the program's now, {now}");
            return Err(Error::new(Code::FutureInstant, why).at("purchasedAt"));
        }
        Ok(at)
    }
}
