//! What expired of accounts before its time. Points expire when the program's now has reached the
//! instant of their expiry; where it has not, they were expired by a clock that was wrong.

use super::PointType;
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, LotId, MemberId, Points, Result, Timestamp, TransactionId};
use std::collections::BTreeMap;

row! {
    /// Part of a lot that a transaction expired too early.
    pub(crate) struct EarlyRow {
        account_id: AccountId,
        id: LotId,
        point_type: PointType,
        transaction_id: TransactionId,
        earned_at: Timestamp,
        expires_at: Option<Timestamp>,
        amount: Points,
        remaining: Points,
        expired_by: TransactionId,
        points: Points,
    }
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
        AND t.recorded_at >= COALESCE((SELECT since_at FROM span), t.recorded_at)
        AND t.recorded_at <= COALESCE((SELECT until_at FROM span), t.recorded_at)";
const TAKEN: &str = "
    SELECT u.transaction_id, u.lot_id, u.amount, k.account_id
    FROM expiries AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id";
const EARLY: &str = "
    SELECT l.account_id, l.id, l.point_type, l.transaction_id, l.earned_at, l.expires_at, l.amount,
        l.remaining, k.transaction_id AS expired_by, k.amount AS points
    FROM taken AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id
        AND l.expires_at > (SELECT now FROM p) AND NOT EXISTS (
            SELECT 1
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.transaction_id AND g.lot_id = k.lot_id
        )";

/// Asks for what transactions recorded within `span` have expired too early of the accounts in
/// `who`, and nobody has given back.
pub(crate) fn ask_early(look: &mut Look) -> Question<EarlyRow> {
    look.table("expiries", EXPIRIES);
    look.table("taken", TAKEN);
    look.ask(EARLY)
}

/// The answer, by transaction.
pub(crate) fn read_early(early: Question<EarlyRow>, answers: &Answers) -> Result<Vec<EarlyExpiry>> {
    let mut expiries = BTreeMap::new();
    for row in answers.rows(early)? {
        let expiry = EarlyExpiry {
            member: row.account_id.into(),
            expired_by: row.expired_by,
            point_type: row.point_type.clone(),
            lots: Vec::new(),
        };
        let points = row.points;
        expiries.entry(row.expired_by).or_insert(expiry).lots.push((row.lot(), points));
    }
    Ok(expiries.into_values().collect())
}

impl EarlyRow {
    fn lot(self) -> Lot {
        Lot {
            id: self.id,
            point_type: self.point_type,
            transaction: self.transaction_id,
            earned_at: self.earned_at,
            expires_at: self.expires_at,
            amount: self.amount,
            remaining: self.remaining,
            stored: Some((self.remaining, self.expires_at)),
        }
    }
}
