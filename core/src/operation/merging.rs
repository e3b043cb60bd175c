//! Merging: all that one member has becomes another's, for they are one; and the way back. Lots stay
//! the lots that they are, and the books say which of them went where.

use super::Operation;
use super::cause::{self, MergeRole};
use super::kind::{Kind, SystemAccount};
use super::posting::Posting;
use crate::accounts::{Belongings, LotPart, Parting, PointType, Wallet};
use crate::db::row;
use crate::events::Reach;
use crate::facts::{MembersMerged, MembersUnmerged};
use crate::{AccountId, LotId, MemberId, Points, Result, TransactionId, tiers};
use std::sync::Arc;

/// Whose becomes whose, and why.
#[derive(Debug)]
pub(crate) struct Merging<'a> {
    pub(crate) from: MemberId,
    pub(crate) into: MemberId,
    /// For people.
    pub(crate) reason: &'a str,
}

row! {
    /// That a lot left an account with a transaction, or came to one.
    struct LotMoveRow in "lot_moves" {
        transaction_id: TransactionId,
        lot_id: LotId,
        amount: Points,
    }
}

row! {
    /// A lot of which something was left.
    struct MovedLotRow {
        lot_id: LotId,
        from_id: AccountId,
        into_id: AccountId,
        remaining: Points,
    }
}

row! {
    struct MovedRow {
        from_id: AccountId,
        into_id: AccountId,
    }
}

const MOVE_LOT: &str = "
    UPDATE lots
    SET account_id = r.into_id, remaining = r.remaining
    FROM {rows} AS r
    WHERE lots.program_id = $1 AND lots.account_id = r.from_id AND lots.id = r.lot_id";
/// Those of which nothing is left: what comes back comes back to them.
const MOVE_EMPTY_LOTS: &str = "
    UPDATE lots
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE lots.program_id = $1 AND lots.account_id = r.from_id AND lots.remaining = 0";
const MOVE_HOLDS: &str = "
    UPDATE holds
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE holds.program_id = $1 AND holds.account_id = r.from_id";
const MOVE_PENDINGS: &str = "
    UPDATE pendings
    SET account_id = r.into_id
    FROM {rows} AS r
    WHERE pendings.program_id = $1 AND pendings.account_id = r.from_id";

/// What goes from one wallet to another.
struct Leg {
    point_type: PointType,
    points: Points,
    are_pending: bool,
    /// The lots that it is in, as they were.
    lots: Vec<LotPart>,
    /// What was owed of it.
    owed: Points,
}

impl Operation<'_> {
    /// Makes all that one member has another's, and records it at the survivor; returns what it was.
    /// Nothing of the first may be due. Fails with `OVERFLOW`.
    pub(crate) fn merge(&mut self, merging: &Merging<'_>) -> Result<Belongings> {
        let Merging { from, into, .. } = *merging;
        let belongings = self.change(from)?.give_up()?;
        self.hand_over(merging, &belongings)?;
        self.move_rest(merging);
        // Nothing happened to the one who is not there any more.
        let now = self.program().now;
        let definition = Arc::clone(&self.program().definition);
        let left = self.change(from)?;
        // To plugins a gift card that is claimed is nobody.
        let reach = if left.is_gift_card() { Reach::Nobody } else { Reach::All };
        if left.has_tier() {
            tiers::settle(definition.ladder(), &mut left.standing, now);
        }
        let fact = MembersMerged { merged_member_id: from, reason: merging.reason.to_owned() };
        self.record_for(reach, into, now, fact)?;
        self.settle_tier(into, now)?;
        Ok(belongings)
    }

    /// Gives a member back what came from it with a merge and is still there, and records it at
    /// both.
    pub(crate) fn part(&mut self, merging: &Merging<'_>, parting: &Parting) -> Result<()> {
        let Merging { from, into, .. } = *merging;
        let belongings = self.change(from)?.part_with(parting)?;
        self.hand_over(merging, &belongings)?;
        let now = self.program().now;
        let is_gift_card = self.state(into)?.is_gift_card();
        let reach = || if is_gift_card { Reach::Nobody } else { Reach::All };
        for (member, other_id) in [(from, into), (into, from)] {
            let fact =
                MembersUnmerged { other_member_id: other_id, reason: merging.reason.to_owned() };
            self.record_for(reach(), member, now, fact)?;
            self.settle_tier(member, now)?;
        }
        Ok(())
    }

    /// Makes what one account had another's.
    fn hand_over(&mut self, merging: &Merging<'_>, belongings: &Belongings) -> Result<()> {
        self.change(merging.into)?.take_over(belongings)?;
        for leg in legs(belongings) {
            self.move_leg(merging, &leg)?;
        }
        let (from_id, into_id) = (merging.from.into(), merging.into.into());
        for lot in self.change(merging.into)?.written(&belongings.lot_ids()) {
            let (lot_id, remaining) = (lot.id, lot.remaining);
            self.run(MOVE_LOT, &MovedLotRow { lot_id, from_id, into_id, remaining });
        }
        Ok(())
    }

    /// Posts what leaves one wallet and comes to the other.
    fn move_leg(&mut self, merging: &Merging<'_>, leg: &Leg) -> Result<()> {
        let (out, back) = (TransactionId::new(), TransactionId::new());
        for part in &leg.lots {
            let amount = part.points.negated()?;
            self.insert(&LotMoveRow { transaction_id: out, lot_id: part.lot, amount });
            self.insert(&LotMoveRow {
                transaction_id: back,
                lot_id: part.lot,
                amount: part.points,
            });
        }
        let Merging { from, into, .. } = *merging;
        self.owe(out, from, &leg.point_type, leg.owed.negated()?);
        let paid = match leg.are_pending {
            true => Vec::new(),
            false => self.change(into)?.pay_after_merge(&leg.point_type)?,
        };
        self.use_lots(back, &paid);
        let paid = Points::sum(paid.iter().map(|part| part.points))?;
        self.owe(back, into, &leg.point_type, leg.owed.minus(paid)?);
        self.post_leg(
            merging,
            leg,
            (from, out, MergeRole::Out, leg.points.negated()?),
            (into, back),
        )?;
        self.post_leg(merging, leg, (into, back, MergeRole::In, leg.points), (from, out))
    }

    fn post_leg(
        &mut self,
        merging: &Merging<'_>,
        leg: &Leg,
        (member, id, role, points): (MemberId, TransactionId, MergeRole, Points),
        (other, transaction): (MemberId, TransactionId),
    ) -> Result<()> {
        let cause = cause::Merge {
            merge: role,
            member: other,
            transaction,
            reason: merging.reason.to_owned(),
            revision: self.program().revision,
        };
        let posting = Posting {
            member,
            kind: Kind::Merge,
            against: SystemAccount::Merged,
            point_type: leg.point_type.clone(),
            points,
            at: self.program().now,
            because: cause.into(),
        };
        match leg.are_pending {
            true => self.post_pending(id, posting).map(drop),
            false => self.post(id, posting).map(drop),
        }
    }

    /// Writes whose all else is: lots of which nothing is left, holds, and what was pending.
    fn move_rest(&mut self, merging: &Merging<'_>) {
        let moved = MovedRow { from_id: merging.from.into(), into_id: merging.into.into() };
        self.run(MOVE_EMPTY_LOTS, &moved);
        self.run(MOVE_HOLDS, &moved);
        self.run(MOVE_PENDINGS, &moved);
    }
}

/// What moves of each type: what is in the wallet, and what is pending.
fn legs(belongings: &Belongings) -> Vec<Leg> {
    let leg = |point_type: &PointType, points: Points, are_pending: bool| Leg {
        point_type: point_type.clone(),
        points,
        are_pending,
        lots: belongings.lots_of(point_type, are_pending),
        owed: if are_pending { Points::ZERO } else { belongings.owed(point_type) },
    };
    let of_type = |(point_type, wallet): (&PointType, &Wallet)| {
        [leg(point_type, wallet.balance, false), leg(point_type, wallet.pending, true)]
    };
    let all = belongings.wallets.iter().flat_map(of_type);
    all.filter(|leg| leg.points != Points::ZERO).collect()
}
