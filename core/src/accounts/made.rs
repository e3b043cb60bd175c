//! The lots that transactions made, and how much of each has expired: what is to be known before
//! points are taken back that came with one.

use super::rows::{LotRow, select_lots};
use super::state::States;
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{LotId, Points, Result, Timestamp, TransactionId};
use std::collections::HashMap;

row! {
    /// What an expiry took from a lot, and nobody gave back.
    struct ExpiredRow {
        lot_id: LotId,
        points: Points,
    }
}

/// The questions about what transactions made.
#[derive(Clone, Copy)]
pub(crate) struct MadeQuestions {
    lots: Question<LotRow>,
    expired: Question<ExpiredRow>,
    activated: Question<ActivatedRow>,
}

/// A lot with what expired of it, written down or not.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) lot: Lot,
    pub(crate) expired: Points,
    /// By which its points ceased to be pending, if they were.
    pub(crate) earned_by: Option<TransactionId>,
}

row! {
    /// By which the points of a transaction ceased to be pending.
    struct ActivatedRow {
        transaction_id: TransactionId,
        earn_id: Option<TransactionId>,
    }
}

const ACTIVATED: &str = "
    SELECT a.transaction_id, a.earn_id
    FROM sources AS k EACH pendings AS a
    WHERE a.program_id = $1 AND a.transaction_id = k.id";
const MADE: &str = select_lots!(
    "sources AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.transaction_id = k.id"
);
/// With every account that such a lot was of: those that were merged into its own, and those that its
/// own was merged into.
const MADE_BY: &str = "
    SELECT id, account_id, earned_at
    FROM made
    UNION
    SELECT k.id, m.id AS account_id, k.earned_at
    FROM made AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.account_id
    UNION
    SELECT k.id, g.into_id AS account_id, k.earned_at
    FROM made AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.account_id";
const EXPIRIES: &str = "
    SELECT t.id, k.id AS lot_id
    FROM made_by AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.account_id AND t.kind = 'EXPIRE'
        AND t.effective_at >= k.earned_at";
const EXPIRED: &str = "
    SELECT u.lot_id, u.amount AS points
    FROM expiries AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id AND u.lot_id = k.lot_id AND NOT EXISTS (
            SELECT 1
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.id AND g.lot_id = k.lot_id
        )";

/// Asks what the transactions in `sources`, a table of `id` and `account_id`, made.
pub(crate) fn ask_made(look: &mut Look) -> MadeQuestions {
    look.table("made", MADE);
    look.table("made_by", MADE_BY);
    look.table("expiries", EXPIRIES);
    MadeQuestions {
        lots: look.ask("SELECT * FROM made"),
        expired: look.ask(EXPIRED),
        activated: look.ask(ACTIVATED),
    }
}

impl MadeQuestions {
    /// The answer, by transaction. What is due at `now` counts as expired.
    pub(crate) fn read(
        self,
        answers: &Answers,
        now: Timestamp,
        states: &States,
    ) -> Result<HashMap<TransactionId, Made>> {
        let mut expired: HashMap<LotId, Points> = HashMap::new();
        for row in answers.rows(self.expired)? {
            let of_lot = expired.entry(row.lot_id).or_default();
            *of_lot = of_lot.plus(row.points)?;
        }
        let activated = answers.rows(self.activated)?.into_iter();
        let activated: HashMap<_, _> =
            activated.map(|row| (row.transaction_id, row.earn_id)).collect();
        let mut all = HashMap::new();
        for row in answers.rows(self.lots)? {
            let (account, lot) = (row.account_id, row.lot());
            let state = states.get(&account.into());
            let slides_until = state.and_then(|state| state.slides_until(&lot.point_type));
            let due = if lot.is_lost(now, slides_until) { lot.remaining } else { Points::ZERO };
            let written = expired.get(&lot.id).copied().unwrap_or_default();
            let earned_by = activated.get(&lot.transaction).copied().flatten();
            all.insert(lot.transaction, Made { expired: written.plus(due)?, lot, earned_by });
        }
        Ok(all)
    }
}
