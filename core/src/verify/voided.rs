//! What was voided: of each transaction that a sealed one says it makes good there is a row, so that
//! nobody takes it back and voids it again.

use super::Subject;
use super::report::Fault;
use crate::db::{Keys, Snapshot, id};
use crate::sealing::TransactionRow;
use crate::{Id, Result, TransactionId};
use futures::TryStreamExt;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// How many are looked for at a time.
const AT_ONCE: usize = 1_000;

const VOIDED: &str = "
    SELECT v.voided_id, v.transaction_id
    FROM {keys} AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.id";
/// Rows that name a transaction which makes nothing good.
const STRAY: &str = "
    SELECT v.voided_id
    FROM voids AS v
    LEFT JOIN transactions AS t ON t.program_id = $1 AND t.id = v.transaction_id
        AND t.kind IN ('VOID', 'RETURN')
    LEFT JOIN transactions AS o ON o.program_id = $1 AND o.id = v.voided_id
    WHERE v.program_id = $1 AND (t.id IS NULL OR o.id IS NULL)
    ORDER BY v.voided_id
    LIMIT 1";

/// What a transaction says that it makes good, and the transaction.
pub(super) type Void = (TransactionId, TransactionId);

/// What a transaction makes good, as far as it says so: what an erased member's did is not told.
pub(super) fn void(row: &TransactionRow) -> Option<Void> {
    #[derive(Deserialize)]
    struct Says {
        voids: TransactionId,
    }
    let explanation = row.explanation.as_deref().filter(|_| row.kind == "VOID")?;
    let says: Says = serde_json::from_str(explanation).ok()?;
    Some((says.voids, row.id))
}

pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    voids: &[Void],
) -> Result<Option<Fault>> {
    for some in voids.chunks(AT_ONCE) {
        // Where what was voided had been two members', each has a transaction that makes it good.
        let mut by: HashMap<Uuid, Vec<TransactionId>> = HashMap::new();
        for (voided, transaction) in some {
            by.entry(voided.uuid()).or_default().push(*transaction);
        }
        let keys: Vec<_> = by.keys().copied().collect();
        let mut found: HashMap<Uuid, TransactionId> = HashMap::new();
        let mut rows = snapshot.stream_of(subject.id, VOIDED, Keys::Ids(&keys));
        while let Some(row) = rows.try_next().await? {
            found.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        drop(rows);
        let wrong = some.iter().find(|(voided, _)| !found.contains_key(&voided.uuid()));
        if let Some((voided, transaction)) = wrong {
            return Ok(Some(Fault::new("voids", voided, transaction, "no row")));
        }
        // The row names one of them; of two that stand far from each other the other is not known.
        let other = some.iter().find(|(voided, _)| {
            let told = by.get(&voided.uuid()).map_or(&[][..], Vec::as_slice);
            found.get(&voided.uuid()).is_some_and(|by| told.len() == 1 && !told.contains(by))
        });
        if let Some((voided, transaction)) = other
            && let Some(found) = found.get(&voided.uuid())
            && !voids.contains(&(*voided, *found))
        {
            return Ok(Some(Fault::new("voids", voided, transaction, found)));
        }
    }
    let stray = snapshot.rows(STRAY, [id(subject.id)]).await?.pop();
    let stray: Option<TransactionId> = stray.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(stray.map(|voided| Fault::new("voids", voided, "transactions", "none that it names")))
}
