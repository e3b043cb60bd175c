//! Points that are earned and cannot be spent yet. They are in no balance: the program's account
//! PENDING has them, and a lot of the member's, from the transaction that earned them to the one
//! that lets them be spent, or to the one that takes them back.

use super::Operation;
use super::cause;
use super::earning::Earning;
use super::kind::{Kind, SystemAccount};
use super::posting::{Because, Posting};
use crate::accounts::{Credit, Expiry, Lot, Pending, PointType, Terms};
use crate::db::row;
use crate::facts::{PointsEarned, PointsPending};
use crate::{AccountId, LotId, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};
use serde_json::Value;
use std::collections::BTreeMap;

row! {
    /// Points that are pending, and what became of them.
    pub(super) struct PendingRow in "pendings" {
        transaction_id: TransactionId,
        account_id: AccountId,
        lot_id: LotId,
        point_type: PointType,
        points: Points,
        purchase_id: Option<PurchaseId>,
        awaits: Option<String>,
        days: i32,
        expiry: Value,
        reason: String,
        outcome: Option<&'static str>,
        ended_at: Option<Timestamp>,
        earn_id: Option<TransactionId>,
    }
}

row! {
    pub(super) struct EndedRow {
        transaction_id: TransactionId,
        outcome: &'static str,
        ended_at: Timestamp,
        earn_id: Option<TransactionId>,
    }
}

const END: &str = "
    UPDATE pendings
    SET outcome = r.outcome, ended_at = r.ended_at, earn_id = r.earn_id
    FROM {rows} AS r
    WHERE pendings.program_id = $1 AND pendings.transaction_id = r.transaction_id";

impl Operation<'_> {
    /// Posts points that are pending until then, and records it.
    pub(super) fn promise(
        &mut self,
        member: MemberId,
        earning: Earning,
        until: Timestamp,
    ) -> Result<TransactionId> {
        let Earning { points, terms, at, because, reason, reach } = earning;
        let Terms { point_type, expiry, pending } = terms;
        let id = TransactionId::new();
        let expires_at = match until {
            Timestamp::LAST => None,
            until => expiry.after(until, &self.program.definition.zone)?,
        };
        let credit = Credit {
            point_type: point_type.clone(),
            points,
            transaction: id,
            at,
            expires_at,
            slides: expiry.slides(),
        };
        let lot_id = self.change(member)?.promise(credit, until)?;
        let (awaits, days) = match pending {
            Pending::Event { event, days } => (Some(event), days),
            _ => (None, 0),
        };
        let expiry = expiry_as_json(&expiry)?;
        let row = PendingRow {
            transaction_id: id,
            account_id: member.into(),
            lot_id,
            point_type: point_type.clone(),
            points,
            purchase_id: because.purchase(),
            awaits: awaits.clone(),
            days: days.into(),
            expiry,
            reason: reason.clone(),
            outcome: None,
            ended_at: None,
            earn_id: None,
        };
        self.promised.push(row);
        let (kind, against) = (Kind::Pending, SystemAccount::Issued);
        let posting =
            Posting { member, kind, against, point_type: point_type.clone(), points, at, because };
        self.post_pending(id, posting)?;
        let zone = &self.program.definition.zone;
        let until = (until < Timestamp::LAST).then(|| until.date_in(zone));
        let fact = PointsPending { transaction_id: id, points, point_type, until, awaits, reason };
        self.record_for(reach, member, at, fact)?;
        Ok(id)
    }

    /// Lets a pending lot be spent from `at` on, and records it.
    pub(crate) fn activate(
        &mut self,
        member: MemberId,
        lot: LotId,
        at: Timestamp,
    ) -> Result<TransactionId> {
        let over = self.over_when_activated(member, (lot, false), at)?;
        self.let_go(member, (lot, over), at)
    }

    /// The same because of what somebody has reported, perhaps long after it happened: what the
    /// points had come to since then they come to now.
    pub(crate) fn activate_reported(
        &mut self,
        member: MemberId,
        lot: LotId,
        at: Timestamp,
    ) -> Result<TransactionId> {
        let over = self.over_when_activated(member, (lot, true), at)?;
        self.let_go(member, (lot, over), at)
    }

    fn let_go(
        &mut self,
        member: MemberId,
        (lot, over): (LotId, Option<Timestamp>),
        at: Timestamp,
    ) -> Result<TransactionId> {
        let (lot, paid) = self.change(member)?.activate(lot, over)?;
        let (id, point_type, points) = (TransactionId::new(), lot.point_type, lot.remaining);
        self.pay(id, member, &point_type, &paid)?;
        let because = cause::Activation { activates: lot.transaction }.into();
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Earn,
                against: SystemAccount::Pending,
                point_type: point_type.clone(),
                points,
                at,
                because,
            },
        )?;
        self.end_pending(lot.transaction, "ACTIVATED", at, Some(id));
        self.activated.insert(lot.transaction, id);
        let reason = "Points are not pending any more".to_owned();
        let fact = PointsEarned { transaction_id: id, points, point_type, balance, reason };
        self.record(member, at, fact)?;
        Ok(id)
    }

    /// By which transaction this operation has let points be spent that another had earned.
    pub(crate) fn activated_by(&self, earned: TransactionId) -> Option<TransactionId> {
        self.activated.get(&earned).copied()
    }

    /// Takes some or all of pending points back, by a transaction of a kind.
    pub(super) fn cancel_pending(
        &mut self,
        member: MemberId,
        lot: &Lot,
        points: Points,
        (kind, at, because): (Kind, Timestamp, Because),
    ) -> Result<TransactionId> {
        let id = TransactionId::new();
        let state = self.change(member)?;
        let part = state.cancel(lot.id, points)?;
        let is_all = state.remaining_of(lot.id) == Points::ZERO;
        self.use_lots(id, &[part]);
        let (point_type, points) = (lot.point_type.clone(), points.negated()?);
        let against = SystemAccount::Issued;
        self.post_pending(id, Posting { member, kind, against, point_type, points, at, because })?;
        if is_all {
            self.end_pending(lot.transaction, "CANCELLED", at, None);
        }
        Ok(id)
    }

    /// Notes what became of pending points.
    pub(super) fn end_pending(
        &mut self,
        transaction_id: TransactionId,
        outcome: &'static str,
        ended_at: Timestamp,
        earn_id: Option<TransactionId>,
    ) {
        self.ended.push(EndedRow { transaction_id, outcome, ended_at, earn_id });
    }

    /// Writes what has become pending, and what has ceased to be: in one row where it is both, for a
    /// commit is one statement on PostgreSQL, and updates no row that it inserts.
    pub(super) fn write_pending(&mut self) {
        let mut promised: BTreeMap<_, _> =
            self.promised.drain(..).map(|row| (row.transaction_id, row)).collect();
        for ended in std::mem::take(&mut self.ended) {
            match promised.get_mut(&ended.transaction_id) {
                Some(row) => {
                    (row.outcome, row.ended_at) = (Some(ended.outcome), Some(ended.ended_at));
                    row.earn_id = ended.earn_id;
                }
                None => self.run(END, &ended),
            }
        }
        for row in promised.values() {
            self.insert(row);
        }
    }
}

fn expiry_as_json(expiry: &Expiry) -> Result<Value> {
    serde_json::to_value(expiry)
        .map_err(|error| crate::Error::internal("an expiry that cannot be JSON").caused_by(error))
}
