//! The state of a member as whoever changes it sees it.

use super::PointType;
use super::wallet::{self, Expired, Lot, LotPart, Wallet};
use crate::{AccountId, Code, Error, LotId, MemberId, Points, Result, Timestamp, TransactionId};
use std::collections::BTreeMap;

/// The version of an account that is not in the database yet.
const UNWRITTEN: i64 = 0;

/// States by member.
pub(crate) type States = BTreeMap<MemberId, MemberState>;

/// Where a member stands: statistics and tier, kept beside the facts that they follow from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub purchases: i64,
    pub spent_minor: i64,
    pub points_earned: i64,
    pub first_purchase_at: Option<Timestamp>,
    pub last_purchase_at: Option<Timestamp>,
    pub tier: Option<String>,
    pub tier_since: Option<Timestamp>,
}

/// Points about to become a lot.
#[derive(Debug)]
pub(crate) struct Credit {
    pub(crate) point_type: PointType,
    pub(crate) points: Points,
    pub(crate) transaction: TransactionId,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A member's account at the version at which it was read, and what became of it in memory since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberState {
    pub(crate) account: AccountId,
    /// As it was read; what is written is one higher.
    pub(super) version: i64,
    pub(super) event_seq: i64,
    pub(crate) standing: Standing,
    pub(super) wallets: BTreeMap<PointType, Wallet>,
    pub(super) next_expiry_at: Option<Timestamp>,
    pub(super) lots: Vec<Lot>,
    /// When the first of the lots that were not read expires.
    pub(super) others_expire_at: Option<Timestamp>,
    /// Whether something that is kept apart from the state changes under its version.
    pub(super) is_touched: bool,
    /// Whether `lots` has all open lots, or only those that came in this operation.
    pub(super) knows_lots: bool,
}

impl MemberState {
    /// Of a member who is being created.
    pub(crate) fn new(member: MemberId) -> Self {
        Self {
            account: member.into(),
            version: UNWRITTEN,
            event_seq: 0,
            standing: Standing::default(),
            wallets: BTreeMap::new(),
            next_expiry_at: None,
            lots: Vec::new(),
            others_expire_at: None,
            is_touched: false,
            knows_lots: true,
        }
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

    /// Ties something to the version that is not part of the state, such as the member's timers.
    pub(crate) fn touch(&mut self) {
        self.is_touched = true;
    }

    /// The next number in the order of the member's events.
    pub(crate) fn next_event_seq(&mut self) -> i64 {
        self.event_seq += 1;
        self.event_seq
    }

    /// Adds points as one lot that counts as earned. Fails with `OVERFLOW`, and then has changed
    /// nothing.
    pub(crate) fn earn(&mut self, credit: Credit) -> Result<()> {
        let earned = Points::new(self.standing.points_earned).plus(credit.points)?;
        self.credit(credit)?;
        self.standing.points_earned = earned.get();
        Ok(())
    }

    /// Adds points as one lot. Fails with `OVERFLOW`, and then has changed nothing.
    pub(crate) fn credit(&mut self, credit: Credit) -> Result<()> {
        let Credit { point_type, points, transaction, at, expires_at } = credit;
        if !points.is_positive() {
            return Err(Error::internal(format!("a credit of {points} points")));
        }
        let balance = self.balance(&point_type).plus(points)?;
        self.wallets.entry(point_type.clone()).or_default().balance = balance;
        self.lots.push(Lot {
            id: LotId::new(),
            point_type,
            transaction,
            earned_at: at,
            expires_at,
            amount: points,
            remaining: points,
            stored: None,
        });
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    /// Takes back that points count as earned.
    pub(crate) fn uncount(&mut self, points: Points) -> Result<()> {
        let earned = Points::new(self.standing.points_earned).minus(points)?;
        self.standing.points_earned = earned.get();
        Ok(())
    }

    /// Takes points out of the lots that expire first. Fails with `INSUFFICIENT_POINTS`, and then
    /// has changed nothing.
    pub(crate) fn spend(&mut self, point_type: &PointType, points: Points) -> Result<Vec<LotPart>> {
        let balance = self.balance(point_type);
        if balance < points {
            let why = format!("{points} points are needed, the balance is {balance}");
            return Err(Error::new(Code::InsufficientPoints, why));
        }
        self.take(point_type, points, None)
    }

    /// Takes points back that came with a lot: out of the lot first, and what was spent of it out
    /// of those that expire first, as far as the balance goes.
    pub(crate) fn take_back(
        &mut self,
        point_type: &PointType,
        points: Points,
        lot: LotId,
    ) -> Result<Vec<LotPart>> {
        let points = points.min(self.balance(point_type));
        self.take(point_type, points, Some(lot))
    }

    fn take(
        &mut self,
        point_type: &PointType,
        points: Points,
        before_all: Option<LotId>,
    ) -> Result<Vec<LotPart>> {
        if !self.knows_lots {
            return Err(Error::internal("points are taken without a look at the lots"));
        }
        let balance = self.balance(point_type).minus(points)?;
        let parts = wallet::take(&mut self.lots, point_type, points, before_all)?;
        self.wallets.entry(point_type.clone()).or_default().balance = balance;
        self.next_expiry_at = self.first_expiry();
        Ok(parts)
    }

    /// Gives points back to a lot that lost them, as long-lived as it is now.
    pub(crate) fn give_back(&mut self, mut lot: Lot, points: Points) -> Result<()> {
        let wallet = self.wallets.entry(lot.point_type.clone()).or_default();
        wallet.balance = wallet.balance.plus(points)?;
        match self.lots.iter_mut().find(|known| known.id == lot.id) {
            Some(known) => {
                known.remaining = known.remaining.plus(points)?;
                known.expires_at = lot.expires_at;
            }
            None => {
                lot.remaining = lot.remaining.plus(points)?;
                self.lots.push(lot);
            }
        }
        self.next_expiry_at = self.first_expiry();
        Ok(())
    }

    fn first_expiry(&self) -> Option<Timestamp> {
        [self.others_expire_at, wallet::next_expiry(&self.lots)].into_iter().flatten().min()
    }

    /// Whether something of the account has expired by `now` and is not written down yet.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next_expiry_at.is_some_and(|at| at <= now)
    }

    /// Takes out what has expired by `now`, the earliest first.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Result<Vec<Expired>> {
        if !self.is_due(now) {
            return Ok(Vec::new());
        }
        let expired = wallet::take_expired(&mut self.wallets, &mut self.lots, now)?;
        self.next_expiry_at = self.first_expiry();
        Ok(expired)
    }
}
