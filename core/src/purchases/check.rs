//! Checking a request by itself, before anything is looked up.

use super::{NewPurchase, PaySource, PayWith};
use crate::cart::{Cart, CheckedCart, Line};
use crate::context::Program;
use crate::hash::ArgumentsHash;
use crate::members::MemberRef;
use crate::{Result, Timestamp, text};
use serde::Serialize;

/// A checked purchase, or a checked cart.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) member: MemberRef,
    /// A cart has none, and is not recorded.
    pub(super) identity: Option<Identity>,
    /// The program's now when absent.
    pub(super) purchased_at: Option<Timestamp>,
    pub(super) cart: CheckedCart,
    pub(super) pay_with: Option<PayWith>,
}

/// What tells a purchase from others, and its repeat from another under the same reference.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) reference: String,
    /// Of all that was sent but the member, who may be named in two ways.
    pub(super) arguments_hash: ArgumentsHash,
}

#[derive(Serialize)]
struct Arguments<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    purchased_at: Option<Timestamp>,
    total_minor: i64,
    lines: &'a [Line],
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_with: Option<&'a PayWith>,
}

impl Checked {
    /// Fails with `INVALID_INPUT`, `INVALID_AMOUNT`, `TOO_MANY` or `OVERFLOW`, naming the field.
    pub(super) fn purchase(program: &Program, new: &NewPurchase) -> Result<Self> {
        text::identifier("reference", &new.reference)?;
        let mut checked = Self::cart(program, &new.member, &new.cart, new.pay_with.as_ref())?;
        let arguments_hash = ArgumentsHash::of(&Arguments {
            purchased_at: new.purchased_at,
            total_minor: checked.cart.total_minor,
            lines: &new.cart.lines,
            pay_with: new.pay_with.as_ref(),
        });
        checked.identity = Some(Identity { reference: new.reference.clone(), arguments_hash });
        checked.purchased_at = new.purchased_at;
        Ok(checked)
    }

    pub(super) fn cart(
        program: &Program,
        member: &MemberRef,
        cart: &Cart,
        pay_with: Option<&PayWith>,
    ) -> Result<Self> {
        member.check()?;
        pay_with.map_or(Ok(()), PayWith::check)?;
        Ok(Self {
            member: member.clone(),
            identity: None,
            purchased_at: None,
            cart: cart.check(program.definition.currency)?,
            pay_with: pay_with.cloned(),
        })
    }

    /// Who pays with points besides the buyer.
    pub(super) fn sources(&self) -> &[PaySource] {
        self.pay_with.as_ref().map_or(&[], PayWith::sources)
    }

    /// Empty for a cart.
    pub(super) fn reference(&self) -> &str {
        self.identity.as_ref().map_or("", |identity| &identity.reference)
    }

    /// Checks it against the program as it is, and says when it happened, by the program's clock.
    /// Fails with `CURRENCY_MISMATCH`, `FUTURE_INSTANT` or `INVALID_INPUT`.
    pub(super) fn at(&self, program: &Program) -> Result<Timestamp> {
        self.cart.check_currency(program.definition.currency)?;
        program.dated("purchasedAt", self.purchased_at, "purchase")
    }
}
