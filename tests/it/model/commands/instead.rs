//! What refers to nothing is refused, and says little. Mostly it is what has to be there first instead.

use super::adjust::Adjust;
use super::hold::Hold;
use super::merge::Merge;
use super::purchase::Purchase;
use super::{Call, NOTHING, Pick};
use crate::model::reference::Reference;

impl Call {
    /// The same if there is what it refers to, or now and then; else what makes it be there.
    pub(in crate::model) fn or_what_is_missing(self, reference: &Reference, number: usize) -> Self {
        if number % 6 == 0 || !self.refers_to_nothing(reference, number) {
            return self;
        }
        let member = if number % 3 == 0 { "m1" } else { "m0" };
        let (key, some) = (format!("n{number}"), i64::try_from(number * 37 % 11).unwrap());
        let missing: Self = match self {
            Self::EndHold(_) if reference.books.spendable(member) > 0 => Hold::of(
                member,
                &key,
                1 + some.min(reference.books.balance(member) - 1).max(0),
                Some(9_000),
            )
            .into(),
            Self::Decide(_) if reference.terms.approve_above.is_some() => {
                let above = reference.terms.approve_above.unwrap_or_default();
                Adjust::of(member, &key, above + 1 + some).into()
            }
            Self::Unmerge(_) => {
                let (from, into) = ("m1".to_owned(), "m0".to_owned());
                Merge { from, into, key: Pick::Named(key) }.into()
            }
            _ => Purchase::of(member, &key, 300 + some * 217).into(),
        };
        missing.settled(reference, number)
    }

    fn refers_to_nothing(&self, reference: &Reference, number: usize) -> bool {
        // What a history names is as it is.
        let is_drawn = |key: &Pick| key.name() == format!("n{number}");
        let is_nothing = |pick: &Pick| pick.name() == NOTHING;
        match self {
            Self::EndHold(call) => is_nothing(&call.hold),
            Self::Decide(call) => is_nothing(&call.approval),
            Self::Return(call) => is_nothing(&call.order),
            Self::Edit(call) => is_nothing(&call.order),
            Self::Event(call) => is_nothing(&call.order),
            Self::Activate(call) => is_nothing(&call.transaction),
            Self::Void(call) => is_nothing(&call.transaction),
            Self::Unmerge(call) => is_drawn(&call.key) && reference.books.merged.is_empty(),
            Self::Redeem(call) => {
                let of = reference.books.root(&call.member);
                is_drawn(&call.key) && reference.books.spendable(&of) == 0
            }
            _ => false,
        }
    }
}
