//! What was voided: of each transaction that a sealed one says it makes good there is a row, so that
//! nobody takes it back and voids it again.

use super::Subject;
use super::report::Fault;
use crate::db::{Keys, Snapshot};
use crate::sealing::TransactionRow;
use crate::{Id, Result, TransactionId};
use futures::TryStreamExt;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// How many are looked for at a time.
const AT_ONCE: usize = 1_000;

const VOIDED: &str = "
    SELECT v.voided_id, v.transaction_id
    FROM {keys} AS k EACH voids AS v
    WHERE v.program_id = $1 AND v.voided_id = k.id";

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

/// Names what was voided and is not called so, or by another transaction.
pub(super) async fn compare(
    snapshot: &mut Snapshot,
    subject: &Subject,
    voids: &[Void],
) -> Result<Option<Fault>> {
    // Where what was voided had been two members', each has a transaction that makes it good, and
    // the row names one of them.
    let mut by: BTreeMap<TransactionId, Vec<TransactionId>> = BTreeMap::new();
    for (voided, transaction) in voids {
        by.entry(*voided).or_default().push(*transaction);
    }
    let all: Vec<_> = by.into_iter().collect();
    for some in all.chunks(AT_ONCE) {
        let keys: Vec<_> = some.iter().map(|(voided, _)| voided.uuid()).collect();
        let mut found: HashMap<TransactionId, TransactionId> = HashMap::new();
        let mut rows = snapshot.stream_of(subject.id, VOIDED, Keys::Ids(&keys));
        while let Some(row) = rows.try_next().await? {
            found.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        for (voided, by) in some {
            let transaction = found.get(voided);
            if transaction.is_none_or(|transaction| !by.contains(transaction)) {
                let expected = by.first().map(ToString::to_string).unwrap_or_default();
                let found = transaction.map_or("no row".to_owned(), ToString::to_string);
                return Ok(Some(Fault::new("voids", voided, expected, found)));
            }
        }
    }
    Ok(None)
}
