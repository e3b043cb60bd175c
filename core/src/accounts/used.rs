//! What transactions took out of lots and nobody gave back: what is to be known before points go
//! back to where they came from.

use super::rows::{LotRow, select_lots};
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{LotId, Points, Result, TransactionId};
use std::collections::HashMap;

row! {
    struct UseRow {
        transaction_id: TransactionId,
        lot_id: LotId,
        points: Points,
    }
}

/// The questions about what transactions used.
#[derive(Clone, Copy)]
pub(crate) struct UsedQuestions {
    uses: Question<UseRow>,
    lots: Question<LotRow>,
}

/// Lots as they are now, with what of them was used and not given back, by transaction.
pub(crate) type Used = HashMap<TransactionId, Vec<(Lot, Points)>>;

const USED: &str = "
    SELECT k.account_id, k.id AS transaction_id, u.lot_id, u.amount
    FROM spent AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id";
const LEFT: &str = "
    SELECT k.transaction_id, k.lot_id, k.amount - CAST(COALESCE((
            SELECT SUM(g.amount)
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.transaction_id AND g.lot_id = k.lot_id
        ), 0) AS BIGINT) AS points
    FROM used AS k";
const LOTS: &str = select_lots!(
    "used AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id"
);

/// Asks what the transactions in `spent`, a table of `id` and `account_id`, used.
pub(crate) fn ask_used(look: &mut Look) -> UsedQuestions {
    look.table("used", USED);
    UsedQuestions { uses: look.ask(LEFT), lots: look.ask(LOTS) }
}

impl UsedQuestions {
    pub(crate) fn read(self, answers: &Answers) -> Result<Used> {
        let lots = answers.rows(self.lots)?.into_iter().map(LotRow::lot);
        let lots: HashMap<_, _> = lots.map(|lot| (lot.id, lot)).collect();
        let mut used = Used::new();
        for row in answers.rows(self.uses)? {
            if let Some(lot) = lots.get(&row.lot_id).filter(|_| row.points.is_positive()) {
                used.entry(row.transaction_id).or_default().push((lot.clone(), row.points));
            }
        }
        Ok(used)
    }
}
