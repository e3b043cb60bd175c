//! What expired of accounts before its time. Points expire when the program's now has reached the
//! instant of their expiry; where it has not, they were expired by a clock that was wrong.

use super::PointType;
use super::lost::{LostQuestions, ask_lost};
use super::rows::{LotRow, select_lots};
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{LotId, MemberId, Points, Result, TransactionId};
use std::collections::{BTreeMap, HashMap};

row! {
    /// What a transaction took from a lot too early.
    struct TakenRow {
        lot_id: LotId,
        expired_by: TransactionId,
        points: Points,
    }
}

/// The questions about what expired too early.
#[derive(Clone, Copy)]
pub(crate) struct EarlyQuestions {
    taken: Question<TakenRow>,
    lots: Question<LotRow>,
    lost: LostQuestions,
}

/// What one transaction expired too early: lots with the points that they lost.
#[derive(Debug)]
pub(crate) struct EarlyExpiry {
    pub(crate) member: MemberId,
    pub(crate) expired_by: TransactionId,
    pub(crate) point_type: PointType,
    pub(crate) lots: Vec<(Lot, Points)>,
}

const EXPIRIES: &str = "
    SELECT t.id, t.account_id
    FROM who AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.id AND t.kind = 'EXPIRE'
        AND t.effective_at > (SELECT now FROM p)
        AND t.recorded_at >= COALESCE((SELECT since_at FROM span), t.recorded_at)
        AND t.recorded_at <= COALESCE((SELECT until_at FROM span), t.recorded_at)";
const TAKEN: &str = "
    SELECT u.transaction_id, u.lot_id, u.amount, k.account_id
    FROM expiries AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id";
const EARLY_TAKEN: &str = "
    SELECT k.account_id, k.lot_id, k.transaction_id AS expired_by, k.amount AS points
    FROM taken AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id
        AND NOT EXISTS (
            SELECT 1
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.transaction_id AND g.lot_id = k.lot_id
        )";
const EARLY_LOTS: &str = select_lots!(
    "early AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id"
);

/// Asks for what transactions recorded within `span` have expired too early of the accounts in
/// `who`, and nobody has given back.
pub(crate) fn ask_early(look: &mut Look) -> EarlyQuestions {
    look.table("expiries", EXPIRIES);
    look.table("taken", TAKEN);
    look.table("early", EARLY_TAKEN);
    look.table("early_lots", EARLY_LOTS);
    EarlyQuestions {
        taken: look.ask("SELECT lot_id, expired_by, points FROM early"),
        lots: look.ask("SELECT * FROM early_lots"),
        lost: ask_lost(look, "SELECT id, account_id, transaction_id, earned_at FROM early_lots"),
    }
}

impl EarlyQuestions {
    /// The answer, by transaction.
    pub(crate) fn read(self, answers: &Answers) -> Result<Vec<EarlyExpiry>> {
        let lots = answers.rows(self.lots)?.into_iter();
        let lots: HashMap<_, _> = lots.map(|row| (row.id, row)).collect();
        let mut lost = self.lost.read(answers)?;
        let mut expiries = BTreeMap::new();
        for TakenRow { lot_id, expired_by, points } in answers.rows(self.taken)? {
            let Some(row) = lots.get(&lot_id) else { continue };
            let points = lost.bring_back(lot_id, points)?;
            if points == Points::ZERO {
                continue;
            }
            let expiry = || EarlyExpiry {
                member: row.account_id.into(),
                expired_by,
                point_type: row.point_type.clone(),
                lots: Vec::new(),
            };
            expiries
                .entry(expired_by)
                .or_insert_with(expiry)
                .lots
                .push((row.clone().lot(), points));
        }
        Ok(expiries.into_values().collect())
    }
}
