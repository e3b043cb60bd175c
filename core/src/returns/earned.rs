//! What a purchase earned, by the transactions that it earned by: one as a rule, more where rules
//! give other points, or points that last longer or can be spent later.

use super::rows::{BoughtRow, EarningRow, ReturnEarningRow};
use crate::accounts::PointType;
use crate::{EditId, Points, Result, TransactionId};

/// What a purchase earned by one transaction, with what came back of it before.
#[derive(Clone, Debug)]
pub(crate) struct Earned {
    pub(crate) transaction: TransactionId,
    /// The edit whose additions earned it; none for what was bought first.
    pub(crate) edit: Option<EditId>,
    pub(crate) point_type: PointType,
    pub(crate) points: Points,
    /// What earlier returns left out because it had expired.
    pub(crate) expired_before: Points,
}

/// All of it, the first transaction first.
pub(super) fn earned(
    row: &BoughtRow,
    mut rows: Vec<EarningRow>,
    returned: &[ReturnEarningRow],
    expired_before: Points,
) -> Result<Vec<Earned>> {
    if rows.is_empty() {
        let only = |transaction| Earned {
            transaction,
            edit: None,
            point_type: PointType::main(),
            points: row.points,
            expired_before,
        };
        return Ok(row.transaction_id.map(only).into_iter().collect());
    }
    rows.sort_by_key(|row| row.seq);
    let all = rows.into_iter().map(|row| {
        let of_it = returned.iter().filter(|one| one.transaction_id == row.transaction_id);
        Ok(Earned {
            transaction: row.transaction_id,
            edit: row.edit_id,
            point_type: row.point_type,
            points: row.points,
            expired_before: Points::sum(of_it.map(|one| one.points_expired))?,
        })
    });
    all.collect()
}
