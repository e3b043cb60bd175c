//! Who pays for a purchase with points: the buyer, gift cards, and groups for which the buyer may spend.

use super::model::{PaySource, PayWith, PayerKind};
use crate::cards::{CardRef, CardsQuestion, FoundCards, ask_cards};
use crate::db::{Answers, Look};
use crate::members::{MemberRef, Named, not_found};
use crate::memberships::{Spenders, SpendersQuestion, ask_spenders};
use crate::operation::ComesBy;
use crate::{Actor, Code, Error, HoldId, Id, MemberId, Points, ProgramId, Result, Scope, text};

/// The most sources that pay for a purchase.
pub const SOURCES_MAX: usize = 10;

/// One who pays.
#[derive(Clone, Debug)]
pub(super) struct Payer {
    pub(super) account: MemberId,
    pub(super) kind: PayerKind,
    pub(super) what: What,
    /// Which of the sources it is; none where the buyer alone pays.
    index: Option<usize>,
}

/// What one pays with.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Points(Points),
    Held(HoldId),
    /// All that there is, as far as it is needed.
    AllOfIt,
}

/// The questions about those who pay.
#[derive(Clone, Copy)]
pub(super) struct PayersQuestions {
    cards: CardsQuestion,
    spenders: SpendersQuestion,
}

/// Gift cards that pay, and who may spend for groups.
#[derive(Debug, Default)]
pub(super) struct FoundPayers {
    cards: FoundCards,
    spenders: Spenders,
}

impl PayersQuestions {
    /// Asks in a look that has `named`, the groups among them; the accounts of the cards are in
    /// `coded` then.
    pub(super) fn ask<'s>(
        look: &mut Look,
        program: ProgramId,
        sources: impl IntoIterator<Item = &'s PaySource>,
    ) -> Self {
        let cards = sources.into_iter().filter_map(PaySource::card);
        Self { cards: ask_cards(look, program, cards), spenders: ask_spenders(look) }
    }

    pub(super) fn read(self, answers: &Answers) -> Result<FoundPayers> {
        let (cards, spenders) = (self.cards.read(answers)?, self.spenders.read(answers)?);
        Ok(FoundPayers { cards, spenders })
    }
}

impl FoundPayers {
    /// Who pays, in the order in which they do. Fails with `CARD_NOT_FOUND`, `CARD_BLOCKED`,
    /// `CARD_REPLACED`, `CARD_ENDED`, `MEMBER_NOT_FOUND`, `MAY_NOT_SPEND` or `INVALID_INPUT`.
    pub(super) fn of(
        &self,
        pay_with: Option<&PayWith>,
        named: &Named,
        buyer: MemberId,
    ) -> Result<Vec<Payer>> {
        let own = |what| Payer { account: buyer, kind: PayerKind::Buyer, what, index: None };
        let sources = match pay_with {
            None => return Ok(Vec::new()),
            Some(PayWith::Points(points)) => return Ok(vec![own(What::Points(*points))]),
            Some(PayWith::Hold(hold)) => return Ok(vec![own(What::Held(*hold))]),
            Some(PayWith::Sources(sources)) => sources,
        };
        let mut payers: Vec<Payer> = Vec::with_capacity(sources.len());
        for (index, source) in sources.iter().enumerate() {
            let payer = match source {
                PaySource::Points(points) => Ok(own(What::Points(*points))),
                PaySource::Hold(hold) => Ok(own(What::Held(*hold))),
                PaySource::GiftCard { card, points } => self.card(card, *points),
                PaySource::Group { group, points } => self.group(named, buyer, group, *points),
            };
            let payer = payer.map_err(|error| at_source(index, error))?;
            let is_twice = |one: &Payer| one.account == payer.account && one.pays_as(&payer);
            if payers.iter().any(is_twice) {
                let why = "pays already: name it once";
                return Err(at_source(index, Error::new(Code::InvalidInput, why)));
            }
            payers.push(Payer { index: Some(index), ..payer });
        }
        Ok(payers)
    }

    fn card(&self, card: &CardRef, points: Option<Points>) -> Result<Payer> {
        let at_card = |error: Error| error.at("card").at("giftCard");
        let card = self.cards.gift(card).map_err(at_card)?;
        card.check_active().map_err(at_card)?;
        let what = points.map_or(What::AllOfIt, What::Points);
        let kind = PayerKind::GiftCard;
        Ok(Payer { account: card.account_id, kind, what, index: None })
    }

    fn group(
        &self,
        named: &Named,
        buyer: MemberId,
        group: &MemberRef,
        points: Points,
    ) -> Result<Payer> {
        let at_group = |error: Error| error.at("group").at("group");
        let found = named.get(group).ok_or_else(|| at_group(not_found()))?;
        self.spenders.check(found.id, buyer).map_err(at_group)?;
        let (kind, what) = (PayerKind::Group, What::Points(points));
        Ok(Payer { account: found.id, kind, what, index: None })
    }
}

impl Payer {
    /// Names the field that says of it.
    pub(super) fn at(&self, error: Error) -> Error {
        match self.index {
            Some(index) => at_source(index, error),
            None => error.at("payWith"),
        }
    }

    /// Whether another is the same means: of holds one can name several.
    fn pays_as(&self, other: &Self) -> bool {
        match (self.what, other.what) {
            (What::Held(one), What::Held(another)) => one == another,
            (What::Held(_), _) | (_, What::Held(_)) => false,
            _ => true,
        }
    }
}

fn at_source(index: usize, error: Error) -> Error {
    error.at(index.to_string()).at("sources").at("payWith")
}

impl PaySource {
    pub(super) fn card(&self) -> Option<&CardRef> {
        match self {
            Self::GiftCard { card, .. } => Some(card),
            _ => None,
        }
    }

    pub(super) fn group(&self) -> Option<&MemberRef> {
        match self {
            Self::Group { group, .. } => Some(group),
            _ => None,
        }
    }

    /// What stands for the other account, so that those who pay from it wait for each other.
    pub(super) fn comes_by(&self) -> Option<ComesBy<'_>> {
        match self {
            Self::GiftCard { card: CardRef::Id(id), .. } => Some(ComesBy::Key(id.uuid())),
            Self::GiftCard { card: CardRef::Code(code), .. } => Some(ComesBy::KeyName(code.text())),
            Self::Group { group, .. } => Some(group.comes_by()),
            Self::Points(_) | Self::Hold(_) => None,
        }
    }

    fn points(&self) -> Option<Points> {
        match self {
            Self::Points(points) | Self::Group { points, .. } => Some(*points),
            Self::GiftCard { points, .. } => *points,
            Self::Hold(_) => None,
        }
    }
}

impl PayWith {
    /// The sources, where it names some.
    pub(super) fn sources(&self) -> &[PaySource] {
        match self {
            Self::Sources(sources) => sources,
            Self::Points(_) | Self::Hold(_) => &[],
        }
    }

    /// Fails with `INVALID_INPUT` or `TOO_MANY`, naming the field.
    pub(super) fn check(&self) -> Result<()> {
        let Self::Sources(sources) = self else { return Ok(()) };
        let at_sources = |error: Error| error.at("sources").at("payWith");
        if sources.is_empty() {
            return Err(at_sources(Error::new(Code::InvalidInput, "name who pays")));
        }
        if sources.len() > SOURCES_MAX {
            let why = format!("at most {SOURCES_MAX} sources pay for a purchase");
            return Err(at_sources(Error::new(Code::TooMany, why)));
        }
        for (index, source) in sources.iter().enumerate() {
            let at = |error| at_source(index, error);
            let within = |error: Error| match source {
                PaySource::GiftCard { .. } => error.at("giftCard"),
                PaySource::Group { .. } => error.at("group"),
                PaySource::Points(_) | PaySource::Hold(_) => error,
            };
            let group = source.group().map_or(Ok(()), |group| group.check_at("group"));
            group.map_err(|error| at(within(error)))?;
            if source.points().is_some_and(|points| !points.is_positive()) {
                let error = text::invalid("points", "use a number above zero");
                return Err(at(within(error)));
            }
        }
        Ok(())
    }

    /// Whoever is no operator names cards by their codes, which say that the card is theirs. Fails
    /// with `CARD_NOT_FOUND`.
    pub(super) fn check_for(&self, actor: &Actor) -> Result<()> {
        let is_by_id = |source: &PaySource| matches!(source.card(), Some(CardRef::Id(_)));
        let may_name = actor.require_any(&[Scope::Read, Scope::PurchasesWrite]).is_ok();
        match self.sources().iter().position(is_by_id).filter(|_| !may_name) {
            Some(index) => {
                let why = "name the card by its code";
                Err(at_source(index, Error::new(Code::CardNotFound, why)))
            }
            None => Ok(()),
        }
    }
}
