//! Paying for purchases with points, in both schemas.

use crate::cards::CardRefInput;
use crate::members::MemberRefInput;
use crate::money::Money;
use crate::nodes::GlobalId;
use crate::programs::Audience;
use crate::scalars::Points;
use async_graphql::{Enum, ID, InputObject, OneofObject, SimpleObject};
use perennial_core::purchases::{self, PaySource, PayWith};
use perennial_core::{Currency, Error, HoldId, Result};

/// Points that pay for a purchase or a part of it; exactly one of these. What they are worth, and
/// how many of them pay, the program file says.
#[derive(Debug, OneofObject)]
pub(crate) enum PayWithInput {
    /// So many of the program's main points.
    Points(Points),
    /// All that the hold with this id has reserved, which is captured with the purchase: of the main
    /// points, or of a type that pays for what costs them.
    HoldId(ID),
    /// Points of several accounts, in the order in which they pay, at most 10: a gift card's, a
    /// group's, the buyer's own. What comes back of the purchase comes back in reverse.
    Sources(Vec<PaymentSourceInput>),
}

/// Points of one account that pay for a purchase or a part of it; exactly one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum PaymentSourceInput {
    /// So many of the buyer's own main points.
    Points(Points),
    /// All that the buyer's hold with this id has reserved, which is captured with the purchase.
    HoldId(ID),
    /// What is on a gift card.
    GiftCard(GiftCardSourceInput),
    /// Points of a group for which the buyer may spend.
    Group(GroupSourceInput),
}

/// A gift card that pays.
#[derive(Debug, InputObject)]
pub(crate) struct GiftCardSourceInput {
    /// The card. In the storefront it is named by its code.
    card: CardRefInput,
    /// So many of the points that are on it. Default: all, as far as the other sources leave something
    /// to be paid.
    points: Option<Points>,
}

/// A group that pays.
#[derive(Debug, InputObject)]
pub(crate) struct GroupSourceInput {
    /// The group, which the buyer belongs to with `maySpend`.
    group: MemberRefInput,
    /// So many of the group's main points.
    points: Points,
}

/// Whose points have paid. More can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "purchases::PayerKind")]
pub(crate) enum PayerKind {
    /// The buyer's own.
    Buyer,
    /// What was on a gift card.
    GiftCard,
    /// Those of a group for which the buyer may spend.
    Group,
}

/// What of a purchase points have paid.
#[derive(Debug, SimpleObject)]
pub(crate) struct Payment {
    /// The number of points.
    points: Points,
    /// What they were worth: so much less was paid in money. It earns nothing.
    amount: Money,
    /// The id of the transaction by which they were spent; of several the first.
    transaction_id: ID,
    /// What each account has paid, in the order in which they paid.
    sources: Vec<PaymentSource>,
}

/// What points of one account have paid of a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct PaymentSource {
    /// Whose points they were.
    kind: PayerKind,
    /// The id of the member whose account paid; of a gift card its own.
    member_id: ID,
    /// The number of points.
    points: Points,
    /// What they were worth.
    amount: Money,
    /// The id of the transaction by which they were spent; of several the first.
    transaction_id: ID,
}

/// What points of one account would pay of a purchase.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuotedSource {
    /// Whose points they are.
    kind: PayerKind,
    /// The number of points.
    points: Points,
    /// What they are worth.
    amount: Money,
}

/// How points could pay for a cart.
#[derive(Debug, SimpleObject)]
pub(crate) struct QuotedPayment {
    /// The most of the member's own points that could pay for the cart now. Zero if the balance or the
    /// cart is too small.
    max_points: Points,
    /// What these are worth.
    max_amount: Money,
    /// The points that the request asks to pay with. Null if it asks for none.
    points: Option<Points>,
    /// What these are worth: so much less is to be paid in money.
    amount: Option<Money>,
    /// What each account would pay of it, in the order in which they pay. Empty if the request asks for
    /// none.
    sources: Vec<QuotedSource>,
}

impl PayWithInput {
    pub(super) fn parse(self) -> Result<PayWith> {
        match self {
            Self::Points(Points(points)) => Ok(PayWith::Points(points)),
            Self::HoldId(id) => {
                hold_id(&id).map(PayWith::Hold).map_err(|error| error.at("payWith"))
            }
            Self::Sources(sources) => {
                let source = |(index, source): (usize, PaymentSourceInput)| {
                    let at = |error: Error| error.at(index.to_string()).at("sources").at("payWith");
                    source.parse().map_err(at)
                };
                let sources = sources.into_iter().enumerate().map(source);
                Ok(PayWith::Sources(sources.collect::<Result<_>>()?))
            }
        }
    }
}

impl PaymentSourceInput {
    fn parse(self) -> Result<PaySource> {
        Ok(match self {
            Self::Points(Points(points)) => PaySource::Points(points),
            Self::HoldId(id) => PaySource::Hold(hold_id(&id)?),
            Self::GiftCard(GiftCardSourceInput { card, points }) => {
                let card = card.parse_at("card").map_err(|error| error.at("giftCard"))?;
                PaySource::GiftCard { card, points: points.map(|Points(points)| points) }
            }
            Self::Group(GroupSourceInput { group, points: Points(points) }) => {
                let group = group.parse_at("group").map_err(|error| error.at("group"))?;
                PaySource::Group { group, points }
            }
        })
    }
}

fn hold_id(id: &ID) -> Result<HoldId> {
    id.parse().map_err(|error: Error| error.at("holdId"))
}

impl Payment {
    pub(super) fn new(currency: Currency, paid: &purchases::Paid) -> Self {
        let source = |source: &purchases::PaidBy| PaymentSource {
            kind: source.kind.into(),
            member_id: GlobalId::Member(source.member).into(),
            points: source.points.into(),
            amount: Money::new(currency, source.amount_minor),
            transaction_id: GlobalId::Transaction(source.transaction).into(),
        };
        Self {
            points: paid.points.into(),
            amount: Money::new(currency, paid.amount_minor),
            transaction_id: GlobalId::Transaction(paid.transaction).into(),
            sources: paid.sources.iter().map(source).collect(),
        }
    }
}

impl QuotedPayment {
    pub(super) fn new(audience: &Audience, quote: &purchases::PaymentQuote) -> Self {
        let paid = quote.paid.as_ref();
        let source = |source: &purchases::PaidBy| QuotedSource {
            kind: source.kind.into(),
            points: source.points.into(),
            amount: audience.money(source.amount_minor),
        };
        Self {
            max_points: quote.most.into(),
            max_amount: audience.money(quote.most_minor),
            points: paid.map(|paid| paid.points.into()),
            amount: paid.map(|paid| audience.money(paid.amount_minor)),
            sources: paid.iter().flat_map(|paid| paid.sources.iter().map(source)).collect(),
        }
    }
}
