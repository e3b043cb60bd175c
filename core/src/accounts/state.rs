//! The state of a member as whoever changes it sees it.

use super::PointType;
use super::gained::Gained;
use super::holds::OpenHold;
use super::late::Late;
use super::parked::Parked;
use super::wallet::{Credit, Lot, LotPart, Wallet};
use crate::{AccountId, Code, Error, LotId, MemberId, Points, Result, Timestamp};
use std::collections::BTreeMap;

/// The version of an account that is not in the database yet.
const UNWRITTEN: i64 = 0;

/// States by member.
pub(crate) type States = BTreeMap<MemberId, MemberState>;

/// Where a member stands: statistics and tier, kept beside the facts that they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub purchases: i64,
    /// Those that count for a group alone.
    pub purchases_for_groups: i64,
    pub spent_minor: i64,
    /// All that was ever earned, by type.
    pub earned: BTreeMap<PointType, Points>,
    pub first_purchase_at: Option<Timestamp>,
    pub last_purchase_at: Option<Timestamp>,
    pub tier: Option<String>,
    pub tier_since: Option<Timestamp>,
}

impl Standing {
    /// Purchases that the member made, for whomever they count.
    pub fn purchases_made(&self) -> i64 {
        self.purchases.saturating_add(self.purchases_for_groups)
    }

    /// All points of a type that were ever earned.
    pub fn points_earned(&self, point_type: &PointType) -> Points {
        self.earned.get(point_type).copied().unwrap_or_default()
    }
}

/// A member's account at the version at which it was read, and what became of it in memory since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberState {
    pub(crate) account: AccountId,
    /// Whether it is a gift card's, which is nobody: it stands on no tier, and no plugin receives what
    /// happens to it.
    pub(super) is_gift_card: bool,
    /// As it was read; what is written is one higher.
    pub(super) version: i64,
    pub(super) event_seq: i64,
    pub(crate) standing: Standing,
    pub(super) wallets: BTreeMap<PointType, Wallet>,
    /// When the first of its lots expires or can be spent, or the first of its holds ends.
    pub(super) next_expiry_at: Option<Timestamp>,
    /// When the member's personal data was given up, by the program's clock. The account stays in
    /// the books as it is then.
    pub(super) erased_at: Option<Timestamp>,
    /// Which plugins stand still over this member.
    pub(crate) parked: Parked,
    /// What can be done with the gift card whose account it is, as its row has it.
    pub(super) card: Option<String>,
    pub(super) lots: Vec<Lot>,
    /// Those that are open.
    pub(super) holds: Vec<OpenHold>,
    /// When the first of the lots and holds expires that were not read.
    pub(super) others_expire_at: Option<Timestamp>,
    /// Whether something that is kept apart from the state changes under its version.
    pub(super) is_touched: bool,
    /// What it was given lately, where somebody looked.
    pub(super) gained: Option<Gained>,
    /// What happened to it since something that is reported late, where somebody looked.
    pub(super) late: Option<Late>,
    /// Whether `lots` and `holds` have all that are open, or only those of this operation.
    pub(super) knows_lots: bool,
}

impl MemberState {
    /// Of a member who is being created.
    pub(crate) fn new(member: MemberId) -> Self {
        Self {
            account: member.into(),
            is_gift_card: false,
            version: UNWRITTEN,
            event_seq: 0,
            standing: Standing::default(),
            wallets: BTreeMap::new(),
            next_expiry_at: None,
            erased_at: None,
            parked: Parked::default(),
            card: None,
            lots: Vec::new(),
            holds: Vec::new(),
            others_expire_at: None,
            is_touched: false,
            gained: None,
            late: None,
            knows_lots: true,
        }
    }

    /// Of a gift card that is being made.
    pub(crate) fn of_gift_card(member: MemberId) -> Self {
        Self { is_gift_card: true, ..Self::new(member) }
    }

    pub(crate) const fn is_gift_card(&self) -> bool {
        self.is_gift_card
    }

    /// Fails with `CARD_BLOCKED` of a gift card that is blocked: it pays nothing for anybody.
    pub(crate) fn check_may_pay(&self) -> Result<()> {
        if self.card.as_deref() == Some("BLOCKED") {
            return Err(Error::new(Code::CardBlocked, "the card is blocked"));
        }
        Ok(())
    }

    /// Fails with `CARD_ENDED` of a gift card that was refunded: nobody loads it any more.
    pub(crate) fn check_may_be_loaded(&self) -> Result<()> {
        if self.card.as_deref() == Some("REFUNDED") {
            return Err(Error::new(Code::CardEnded, "the card was refunded"));
        }
        Ok(())
    }

    /// Whether it stands where the ladder puts it.
    pub(crate) const fn has_tier(&self) -> bool {
        !self.is_erased() && !self.is_gift_card
    }

    pub(super) const fn is_new(&self) -> bool {
        self.version == UNWRITTEN
    }

    pub(crate) fn member(&self) -> MemberId {
        self.account.into()
    }

    pub(crate) fn balance(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.balance)
    }

    /// Whether the account is nobody's any more: nothing changes it.
    pub(crate) const fn is_erased(&self) -> bool {
        self.erased_at.is_some()
    }

    /// What is owed.
    pub(crate) fn owed(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.owed)
    }

    /// Makes the account nobody's. It stands on no tier.
    pub(crate) fn erase(&mut self, at: Timestamp) {
        self.erased_at = Some(at);
        self.parked.clear();
        self.wallets.values_mut().for_each(|wallet| wallet.lasts_until = None);
        self.standing.tier = None;
        self.standing.tier_since = None;
    }

    /// Ties something to the version that is not part of the state, such as the member's timers.
    pub(crate) fn touch(&mut self) {
        self.is_touched = true;
    }

    /// The number of the last of the member's events.
    pub(crate) const fn last_event_seq(&self) -> i64 {
        self.event_seq
    }

    /// The next number in the order of the member's events.
    pub(crate) fn next_event_seq(&mut self) -> i64 {
        self.event_seq += 1;
        self.event_seq
    }

    /// Adds points as one lot that counts as earned; returns what of it pays what is owed. Fails
    /// with `OVERFLOW`, and then has changed nothing.
    pub(crate) fn earn(&mut self, credit: Credit) -> Result<Vec<LotPart>> {
        let (point_type, points) = (credit.point_type.clone(), credit.points);
        self.room_to_count(&point_type, points)?;
        let before = self.standing.clone();
        self.count(&point_type, points)?;
        self.credit(credit).inspect_err(|_| self.standing = before)
    }

    /// Adds points as one lot; returns what of it pays what is owed. Fails with `OVERFLOW`, and
    /// then has changed nothing.
    pub(crate) fn credit(&mut self, credit: Credit) -> Result<Vec<LotPart>> {
        let point_type = credit.point_type.clone();
        self.credit_all(&point_type, [credit])
    }

    /// Adds points of a type as some lots; returns what of them pays what is owed. Fails with
    /// `OVERFLOW`, and then has changed nothing.
    pub(crate) fn credit_all<Credits>(
        &mut self,
        point_type: &PointType,
        credits: Credits,
    ) -> Result<Vec<LotPart>>
    where
        Credits: IntoIterator<Item = Credit>,
    {
        let lots: Vec<_> = credits.into_iter().map(Lot::of).collect();
        let points = Points::sum(lots.iter().map(|lot| lot.amount))?;
        self.room_for(point_type, points)?;
        let wallet = self.wallet(point_type);
        wallet.balance = wallet.balance.plus(points)?;
        self.lots.extend(lots);
        self.pay(point_type)
    }

    /// What is held or pending comes into the balance one day, and has to find room then.
    pub(super) fn room_for(&self, point_type: &PointType, points: Points) -> Result<()> {
        if !points.is_positive() {
            return Err(Error::internal(format!("a credit of {points} points")));
        }
        let Some(wallet) = self.wallets.get(point_type) else { return Ok(()) };
        wallet.balance.plus(wallet.held)?.plus(wallet.pending)?.plus(points).map(drop)
    }

    /// The types of which the account has a wallet.
    pub(crate) fn point_types(&self) -> impl Iterator<Item = &PointType> {
        self.wallets.keys()
    }

    /// What is pending counts as earned one day, and has to find room then.
    pub(super) fn room_to_count(&self, point_type: &PointType, points: Points) -> Result<()> {
        let earned = self.standing.points_earned(point_type);
        earned.plus(self.pending(point_type))?.plus(points).map(drop)
    }

    /// Points of a type that are pending.
    pub(crate) fn pending(&self, point_type: &PointType) -> Points {
        self.wallets.get(point_type).map_or(Points::ZERO, |wallet| wallet.pending)
    }

    /// Counts points as earned.
    pub(super) fn count(&mut self, point_type: &PointType, points: Points) -> Result<()> {
        let earned = self.standing.earned.entry(point_type.clone()).or_default();
        *earned = earned.plus(points)?;
        Ok(())
    }

    /// What remains of a lot, of those that are known.
    pub(crate) fn remaining_of(&self, lot: LotId) -> Points {
        let known = self.lots.iter().find(|known| known.id == lot);
        known.map_or(Points::ZERO, |lot| lot.remaining)
    }

    /// Takes back that points count as earned.
    pub(crate) fn uncount(&mut self, point_type: &PointType, points: Points) -> Result<()> {
        self.count(point_type, points.negated()?)
    }

    pub(super) fn wallet(&mut self, point_type: &PointType) -> &mut Wallet {
        self.wallets.entry(point_type.clone()).or_default()
    }
}
