//! What transactions took out of lots and nobody gave back: what is to be known before points go
//! back to where they came from – to the account whose lots they are now.

use super::rows::{LotRow, select_lots};
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, LotId, Points, Result, TransactionId};
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

/// A lot as it is now, with what of it was used and not given back.
#[derive(Clone, Debug)]
pub(crate) struct UsedLot {
    pub(crate) account: AccountId,
    pub(crate) lot: Lot,
    pub(crate) points: Points,
}

/// The lots that transactions used.
pub(crate) type Used = HashMap<TransactionId, Vec<UsedLot>>;

/// Whoever was ever merged into the spender, by way of others too, and is it still or not any more:
/// what it used may have come from them, and have gone back with them.
const SPENDERS: &str = "
    SELECT id, account_id
    FROM spent
    UNION
    SELECT k.id, g.from_id AS account_id
    FROM spenders AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.into_id = k.account_id";
/// Who each of them is today.
const PAYERS: &str = "
    SELECT id, account_id
    FROM spent
    UNION
    SELECT k.id, COALESCE(m.merged_into, m.id) AS account_id
    FROM spenders AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.account_id";
const USED: &str = "
    SELECT k.id AS transaction_id, u.lot_id, u.amount
    FROM spent AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id";
const LEFT: &str = "
    SELECT k.transaction_id, k.lot_id, k.amount - CAST(COALESCE((
            SELECT SUM(g.amount)
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.transaction_id AND g.lot_id = k.lot_id
        ), 0) AS BIGINT) AS points
    FROM used AS k";
const PAID: &str = "
    SELECT payers.account_id, k.lot_id
    FROM used AS k
    JOIN payers ON payers.id = k.transaction_id";
const LOTS: &str = select_lots!(
    "paid AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id"
);

/// Asks what the transactions in `spent`, a table of `id` and `account_id`, used. Whose lots it may
/// be is in `payers` then: their states have to be looked at, too.
pub(crate) fn ask_used(look: &mut Look) -> UsedQuestions {
    look.table("spenders", SPENDERS);
    look.table("payers", PAYERS);
    look.table("used", USED);
    look.table("paid", PAID);
    look.table("used_lots", LOTS);
    UsedQuestions { uses: look.ask(LEFT), lots: look.ask("SELECT * FROM used_lots") }
}

impl UsedQuestions {
    pub(crate) fn read(self, answers: &Answers) -> Result<Used> {
        let lots: HashMap<_, _> =
            answers.rows(self.lots)?.into_iter().map(|row| (row.id, row)).collect();
        let mut used = Used::new();
        for UseRow { transaction_id, lot_id, points } in answers.rows(self.uses)? {
            if let Some(row) = lots.get(&lot_id).filter(|_| points.is_positive()) {
                let (account, lot) = (row.account_id, row.clone().lot());
                used.entry(transaction_id).or_default().push(UsedLot { account, lot, points });
            }
        }
        Ok(used)
    }
}
