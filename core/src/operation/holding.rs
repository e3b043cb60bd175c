//! Holding: points that are reserved for a cart or a till, and what becomes of them. A hold is a
//! movement in the ledger like any other, so what is reserved cannot be spent twice, and its end is
//! another one: everything goes back to the lots that it came from, and what is captured is spent
//! out of them in the same commit.

use super::Operation;
use super::cause;
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use super::restoring::LotReturnRow;
use super::spending::Spending;
use crate::accounts::{OpenHold, PointType};
use crate::db::row;
use crate::facts::{HoldEnded, HoldOutcome, PointsHeld};
use crate::hash::ArgumentsHash;
use crate::{AccountId, HoldId, MemberId, Points, Result, Timestamp, TransactionId};

/// What is reserved, until when and why.
#[derive(Debug)]
pub(crate) struct Holding<'a> {
    pub(crate) points: Points,
    pub(crate) point_type: &'a PointType,
    pub(crate) expires_at: Timestamp,
    /// For people.
    pub(crate) reason: &'a str,
    /// Which of a group's people reserves them.
    pub(crate) by: Option<MemberId>,
    pub(crate) idempotency_key: &'a str,
    pub(crate) arguments_hash: ArgumentsHash,
}

row! {
    struct HoldRow in "holds" {
        id: HoldId,
        account_id: AccountId,
        point_type: PointType,
        points: Points,
        transaction_id: TransactionId,
        reason: String,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
        held_at: Timestamp,
        expires_at: Timestamp,
        actor: String,
        by_id: Option<MemberId>,
    }
}

row! {
    struct EndedRow {
        id: HoldId,
        captured: Points,
        outcome: &'static str,
        ended_at: Timestamp,
        spend_id: Option<TransactionId>,
    }
}

const END: &str = "
    UPDATE holds
    SET captured = r.captured, outcome = r.outcome, ended_at = r.ended_at, spend_id = r.spend_id
    FROM {rows} AS r
    WHERE holds.program_id = $1 AND holds.id = r.id";

impl Operation<'_> {
    /// Reserves points of a member, out of the lots that expire first, and records it. Fails with
    /// `INSUFFICIENT_POINTS` or `CARD_BLOCKED`.
    pub(crate) fn hold(&mut self, member: MemberId, holding: &Holding<'_>) -> Result<HoldId> {
        let Holding { points, expires_at, reason, .. } = *holding;
        let (id, hold_id) = (TransactionId::new(), HoldId::new());
        let (at, point_type) = (self.program().now, holding.point_type.clone());
        let state = self.change(member)?;
        state.check_may_pay()?;
        let parts = state.spend(&point_type, points)?;
        let hold = OpenHold {
            id: hold_id,
            point_type: point_type.clone(),
            points,
            transaction: id,
            expires_at,
            parts: Vec::new(),
        };
        state.add_hold(hold, &parts)?;
        self.use_lots(id, &parts);
        let balance = self.post(
            id,
            Posting {
                member,
                kind: Kind::Hold,
                against: SystemAccount::Held,
                point_type: point_type.clone(),
                points: points.negated()?,
                at,
                because: cause::Hold { hold: hold_id, reason: reason.to_owned() }.into(),
            },
        )?;
        let row = HoldRow {
            id: hold_id,
            account_id: member.into(),
            point_type: point_type.clone(),
            points,
            transaction_id: id,
            reason: reason.to_owned(),
            idempotency_key: holding.idempotency_key.to_owned(),
            arguments_hash: holding.arguments_hash.clone(),
            held_at: at,
            expires_at,
            actor: self.actor.to_string(),
            by_id: holding.by,
        };
        self.insert(&row);
        let reason = reason.to_owned();
        let fact = PointsHeld {
            hold_id,
            transaction_id: id,
            points,
            point_type,
            balance,
            expires_at,
            reason,
        };
        self.record(member, at, fact)?;
        Ok(hold_id)
    }

    /// Ends an open hold without anything being spent: given up, or over. Fails with `HOLD_ENDED`.
    pub(crate) fn release(
        &mut self,
        member: MemberId,
        hold: HoldId,
        outcome: HoldOutcome,
        at: Timestamp,
    ) -> Result<()> {
        let (transaction_id, hold) = self.set_free(member, hold, at)?;
        self.pay_after(member, transaction_id, &hold)?;
        let ended = Ended { outcome, captured: Points::ZERO, transaction_id, spend: None, at };
        self.end(member, &hold, ended)?;
        self.expire_freed(member, at)
    }

    /// Ends an open hold by spending some or all of it; the rest is free again. Fails with
    /// `HOLD_ENDED` or `CARD_BLOCKED`.
    pub(crate) fn capture(
        &mut self,
        member: MemberId,
        hold: HoldId,
        spending: Spending,
    ) -> Result<TransactionId> {
        let (captured, at) = (spending.points, spending.at);
        self.state(member)?.check_may_pay()?;
        self.active(member, at)?;
        let (transaction_id, hold) = self.set_free(member, hold, at)?;
        let parts = self.change(member)?.take_held(&hold, captured)?;
        let spend = self.post_spent(member, spending, &parts)?;
        self.pay_after(member, transaction_id, &hold)?;
        let outcome = HoldOutcome::Captured;
        let ended = Ended { outcome, captured, transaction_id, spend: Some(spend), at };
        self.end(member, &hold, ended)?;
        self.expire_freed(member, at)?;
        Ok(spend)
    }

    /// Gives what a hold reserved back to the lots that it came from.
    fn set_free(
        &mut self,
        member: MemberId,
        hold: HoldId,
        at: Timestamp,
    ) -> Result<(TransactionId, OpenHold)> {
        let hold = self.change(member)?.end_hold(hold)?;
        let id = TransactionId::new();
        for (lot, amount) in &hold.parts {
            let (used_by, lot_id) = (hold.transaction, lot.id);
            self.insert(&LotReturnRow { used_by, lot_id, transaction_id: id, amount: *amount });
        }
        self.post(
            id,
            Posting {
                member,
                kind: Kind::Release,
                against: SystemAccount::Held,
                point_type: hold.point_type.clone(),
                points: hold.points,
                at,
                because: cause::Release { hold: hold.id, held: hold.transaction }.into(),
            },
        )?;
        Ok((id, hold))
    }

    fn pay_after(
        &mut self,
        member: MemberId,
        transaction: TransactionId,
        hold: &OpenHold,
    ) -> Result<()> {
        let paid = self.change(member)?.pay_after(hold)?;
        self.pay(transaction, member, &hold.point_type, &paid)
    }

    fn end(&mut self, member: MemberId, hold: &OpenHold, ended: Ended) -> Result<()> {
        let Ended { outcome, captured, transaction_id, spend, at } = ended;
        let row = EndedRow {
            id: hold.id,
            captured,
            outcome: outcome.as_str(),
            ended_at: at,
            spend_id: spend,
        };
        self.run(END, &row);
        let fact = HoldEnded {
            hold_id: hold.id,
            transaction_id,
            outcome,
            points: hold.points,
            captured,
            balance: self.state(member)?.balance(&hold.point_type),
        };
        self.record(member, at, fact)
    }
}

/// How a hold ended.
#[derive(Clone, Copy)]
struct Ended {
    outcome: HoldOutcome,
    captured: Points,
    transaction_id: TransactionId,
    spend: Option<TransactionId>,
    at: Timestamp,
}
