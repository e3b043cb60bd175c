//! What a purchase earned, by the transactions that it earned by: one as a rule, more where rules
//! give other points, or points that last longer or can be spent later.

use super::rows::{BoughtRow, EarningRow};
use crate::accounts::PointType;
use crate::{Points, TransactionId};

/// What a purchase earned by one transaction.
#[derive(Clone, Debug)]
pub(super) struct Earned {
    pub(super) transaction: TransactionId,
    pub(super) point_type: PointType,
    pub(super) points: Points,
}

/// All of it, the first transaction first.
pub(super) fn earned(row: &BoughtRow, mut rows: Vec<EarningRow>) -> Vec<Earned> {
    if rows.is_empty() {
        let only =
            |transaction| Earned { transaction, point_type: PointType::main(), points: row.points };
        return row.transaction_id.map(only).into_iter().collect();
    }
    rows.sort_by_key(|row| row.seq);
    let earned = |row: EarningRow| Earned {
        transaction: row.transaction_id,
        point_type: row.point_type,
        points: row.points,
    };
    rows.into_iter().map(earned).collect()
}
