//! What lots have lost because it expired and may still come back. What a return or a void did not
//! take back because it had expired does not: it was made good without it.

use crate::db::{Answers, Look, Question, row};
use crate::{LotId, Points, Result, ReturnId};
use std::collections::{HashMap, HashSet};

/// The questions about what lots have lost.
#[derive(Clone, Copy)]
pub(crate) struct LostQuestions {
    expired: Question<ExpiredRow>,
    left_out: Question<LeftOutRow>,
    left_out_of_each: Question<LeftOutRow>,
    voided: Question<VoidedRow>,
}

/// What lots have lost.
pub(super) struct Lost {
    expired: HashMap<LotId, Points>,
    left_out: HashMap<LotId, Points>,
    voided: HashSet<LotId>,
}

row! {
    struct ExpiredRow {
        lot_id: LotId,
        points: Points,
    }
}

row! {
    /// What a return did not take back.
    struct LeftOutRow {
        lot_id: LotId,
        return_id: ReturnId,
        points: Points,
    }
}

row! {
    struct VoidedRow {
        lot_id: LotId,
    }
}

/// With every account that such a lot may have been of: its own, those that were merged into it, and
/// whomever each of these was ever merged into, though it is not any more.
const LOST_BY: &str = "
    SELECT id, account_id, earned_at
    FROM lost
    UNION
    SELECT k.id, m.id AS account_id, k.earned_at
    FROM lost AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.account_id
    UNION
    SELECT k.id, g.into_id AS account_id, k.earned_at
    FROM lost_by AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.account_id";
const EXPIRIES: &str = "
    SELECT t.id, k.id AS lot_id
    FROM lost_by AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.account_id AND t.kind = 'EXPIRE'
        AND t.effective_at >= k.earned_at";
const USES: &str = "
    SELECT k.id, u.lot_id, u.amount
    FROM lost_expiries AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id AND u.lot_id = k.lot_id";
/// Less what was given back.
const EXPIRED: &str = "
    SELECT k.lot_id, k.amount - CAST(COALESCE((
            SELECT SUM(g.amount)
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.id AND g.lot_id = k.lot_id
        ), 0) AS BIGINT) AS points
    FROM lost_uses AS k";
const EARNED: &str = "
    SELECT k.id AS lot_id, k.transaction_id, t.purchase_id
    FROM lost AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.id = k.transaction_id AND t.purchase_id IS NOT NULL";
const EARNED_AT_ONCE: &str = "
    SELECT k.lot_id, b.id AS purchase_id
    FROM lost_earned AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id AND b.transaction_id = k.transaction_id";
/// By returns of purchases that earned by one transaction …
const LEFT_OUT: &str = "
    SELECT k.lot_id, r.id AS return_id, r.points_expired AS points
    FROM lost_earned_at_once AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.purchase_id";
/// … and by more, which say it of each.
const LEFT_OUT_OF_EACH: &str = "
    SELECT k.lot_id, r.return_id, r.points_expired AS points
    FROM lost_earned AS k EACH return_earnings AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.purchase_id
        AND r.transaction_id = k.transaction_id";
const VOIDED: &str = "
    SELECT k.id AS lot_id
    FROM lost AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.transaction_id";

/// Asks what some lots have lost: `lots` selects `id`, `account_id`, `transaction_id` and `earned_at`
/// of them.
pub(super) fn ask_lost(look: &mut Look, lots: &'static str) -> LostQuestions {
    look.table("lost", lots);
    look.table("lost_by", LOST_BY);
    look.table("lost_expiries", EXPIRIES);
    look.table("lost_uses", USES);
    look.table("lost_earned", EARNED);
    look.table("lost_earned_at_once", EARNED_AT_ONCE);
    LostQuestions {
        expired: look.ask(EXPIRED),
        left_out: look.ask(LEFT_OUT),
        left_out_of_each: look.ask(LEFT_OUT_OF_EACH),
        voided: look.ask(VOIDED),
    }
}

impl LostQuestions {
    pub(super) fn read(self, answers: &Answers) -> Result<Lost> {
        let expired = answers.rows(self.expired)?.into_iter();
        let left_out = answers.rows(self.left_out)?.into_iter();
        let of_each = answers.rows(self.left_out_of_each)?;
        let left_out: HashMap<_, _> =
            left_out.chain(of_each).map(|row| ((row.lot_id, row.return_id), row.points)).collect();
        let voided = answers.rows(self.voided)?.into_iter();
        Ok(Lost {
            expired: by_lot(expired.map(|row| (row.lot_id, row.points)))?,
            left_out: by_lot(left_out.into_iter().map(|((lot, _), points)| (lot, points)))?,
            voided: voided.map(|row| row.lot_id).collect(),
        })
    }
}

impl Lost {
    /// How much of what a lot has lost may still come back to it.
    pub(super) fn of(&self, lot: LotId) -> Result<Points> {
        if self.voided.contains(&lot) {
            return Ok(Points::ZERO);
        }
        let of = |points: &HashMap<_, _>| points.get(&lot).copied().unwrap_or_default();
        Ok(of(&self.expired).minus(of(&self.left_out))?.max(Points::ZERO))
    }

    /// As much of `points` as may come back to a lot. What comes back is lost no more.
    pub(super) fn bring_back(&mut self, lot: LotId, points: Points) -> Result<Points> {
        let back = self.of(lot)?.min(points);
        if let Some(expired) = self.expired.get_mut(&lot) {
            *expired = expired.minus(back)?;
        }
        Ok(back)
    }
}

fn by_lot(all_points: impl Iterator<Item = (LotId, Points)>) -> Result<HashMap<LotId, Points>> {
    let mut all: HashMap<_, Points> = HashMap::new();
    for (lot, points) in all_points {
        let of_lot = all.entry(lot).or_default();
        *of_lot = of_lot.plus(points)?;
    }
    Ok(all)
}
