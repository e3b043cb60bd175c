//! What a purchase earns that a plugin was asked about afterwards. Nothing here reads or writes a
//! database.

use super::ending;
use crate::accounts::{Cap, Cut, PointType};
use crate::earning::{Appraisal, Earned, Judged, PluginProposal, judge_proposals};
use crate::events::Reach;
use crate::operation::{Because, Earning, Operation, cause};
use crate::purchases::{MissedRow, Outcome, cuts_of};
use crate::returns::{Bought, EarningRow};
use crate::{Code, Error, MemberId, Points, Result, Subject, TransactionId};

/// What a plugin proposes for a purchase that was recorded without it.
pub(super) struct Effect<'a> {
    pub(super) plugin: &'a str,
    pub(super) digest: &'a str,
    pub(super) own: &'a Bought,
    /// What the purchase brought groups, of those that are still there.
    pub(super) shares: Vec<&'a Bought>,
    pub(super) proposals: &'a [PluginProposal],
}

/// What an account gets of it.
#[derive(Debug, Default)]
pub(super) struct Gave {
    pub(super) points: Points,
    /// By which, if it gets any.
    pub(super) transaction: Option<TransactionId>,
    /// What ceiling and caps took away.
    pub(super) cuts: Vec<Cut>,
}

impl Effect<'_> {
    /// Books it, and ends what was missing.
    pub(super) fn apply(&self, operation: &mut Operation<'_>) -> Result<()> {
        operation.act_as(&Subject::Plugin(self.plugin.to_owned()));
        let booked = operation.whole(&self.members(), |operation| self.book(operation));
        let (outcome, gave) = match booked {
            Ok(gave) if gave.transaction.is_none() => (Outcome::Nothing, gave),
            Ok(gave) => (Outcome::Booked, gave),
            Err(error) if matches!(error.code(), Code::CapReached | Code::Overflow) => {
                (Outcome::Refused, Gave::default())
            }
            Err(error) => return Err(error),
        };
        ending::end(operation, (self.own.row.id, self.plugin), outcome, &gave)
    }

    fn members(&self) -> Vec<MemberId> {
        let groups = self.shares.iter().map(|share| share.row.member_id);
        [self.own.row.member_id].into_iter().chain(groups).collect()
    }

    /// Returns what the buyer got; where that is nobody, by which transaction the group did, and what was
    /// cut of that.
    fn book(&self, operation: &mut Operation<'_>) -> Result<Gave> {
        let judged = judge_proposals(self.proposals);
        let mut own = Gave::default();
        if !self.own.row.is_for_group_alone() {
            own = self.book_at(operation, self.own, &judged)?;
        }
        for share in &self.shares {
            let gave = self.book_at(operation, share, &judged)?;
            self.write_share(operation, share, &gave)?;
            own.transaction = own.transaction.or(gave.transaction);
            if self.own.row.is_for_group_alone() {
                own.cuts = gave.cuts;
            }
        }
        Ok(own)
    }

    /// On the terms of the account, with what the purchase and the account have left of ceiling and
    /// caps.
    fn book_at(
        &self,
        operation: &mut Operation<'_>,
        bought: &Bought,
        judged: &Judged<'_>,
    ) -> Result<Gave> {
        let (member, at) = (bought.row.member_id, bought.row.purchased_at);
        let definition = std::sync::Arc::clone(&operation.program().definition);
        let tier = operation.state(member)?.standing.tier.clone();
        let room_of = |point_type: &PointType| {
            let points = definition.points_of(point_type);
            let got = bought.got(point_type)?;
            let left = points.purchase_max.minus(got)?;
            let room = operation.room(member, point_type, at)?;
            let room = room.after(Cap::Purchase, points.purchase_max);
            let of_one = points.caps.most.iter().find(|(cap, _)| *cap == Cap::Transaction);
            let of_one = of_one.map_or(Ok(Points::MAX), |(_, most)| most.minus(got))?;
            Ok(room.with_left(Cap::Purchase, left).with_left(Cap::Transaction, of_one))
        };
        let appraisal = judged.appraise(&definition, tier.as_deref(), at, room_of)?;
        let mut transaction = None;
        for earned in &appraisal.earned {
            let earning = Earning {
                points: earned.points,
                terms: earned.terms.clone(),
                at,
                because: self.because(operation, bought, &appraisal)?,
                reason: reason(bought, &appraisal, earned),
                reach: Reach::All,
            };
            let transaction_id = operation.earn(member, earning)?;
            let seq = bought.write_out(operation);
            operation.insert(&EarningRow {
                purchase_id: bought.row.id,
                seq,
                transaction_id,
                point_type: earned.terms.point_type.clone(),
                points: earned.points,
                edit_id: None,
            });
            transaction = Some(transaction_id);
        }
        operation.settle_tier(member, at)?;
        Ok(Gave { points: appraisal.points, transaction, cuts: appraisal.cuts })
    }

    fn because(
        &self,
        operation: &Operation<'_>,
        bought: &Bought,
        appraisal: &Appraisal,
    ) -> Result<Because> {
        let row = &bought.row;
        let appraisal = match row.is_of_group() {
            true => appraisal.clone().without_words(),
            false => appraisal.clone(),
        };
        let appraisal = serde_json::to_value(appraisal).map_err(|error| {
            Error::internal("an appraisal that cannot be JSON").caused_by(error)
        })?;
        let cause = cause::Reappraisal {
            reappraised: row.purchase(),
            purchase_reference: row.reference.clone(),
            plugin: self.plugin.to_owned(),
            digest: self.digest.to_owned(),
            appraisal,
            revision: operation.program().revision,
        };
        Ok(Because::Later { of: row.purchase(), row: row.id, cause: cause.into() })
    }

    /// What a group got of it is known by now, and is a row of its own.
    fn write_share(
        &self,
        operation: &mut Operation<'_>,
        share: &Bought,
        gave: &Gave,
    ) -> Result<()> {
        let now = operation.recorded_at();
        let is_booked = gave.transaction.is_some();
        let outcome = if is_booked { Outcome::Booked } else { Outcome::Nothing };
        operation.insert(&MissedRow {
            purchase_id: share.row.id,
            plugin_id: self.plugin.to_owned(),
            member_id: share.row.member_id,
            because: "",
            fault: None,
            missed_at: now,
            due_at: None,
            attempts: 0,
            ended_at: Some(now),
            outcome: Some(outcome.as_str()),
            points: gave.points,
            transaction_id: gave.transaction,
            cuts: cuts_of(&gave.cuts)?,
        });
        Ok(())
    }
}

/// For people: a group's people do not read what a plugin says of the buyer.
fn reason(bought: &Bought, appraisal: &Appraisal, earned: &Earned) -> String {
    match bought.row.is_of_group() {
        true => appraisal.reason_without_words(&earned.reasons),
        false => earned.reasons.join(", "),
    }
}
