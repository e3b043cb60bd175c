//! In which order points paid: what was spent together was spent one after the other, and ids are made
//! in their order. In its reverse they come back.

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::{Result, TransactionId};
use futures::TryStreamExt;

const ROWS: &str = "
    SELECT s.transaction_id, s.part_id, CAST(s.seq AS BIGINT)
    FROM spend_parts AS s
    WHERE s.program_id = $1
    ORDER BY s.transaction_id, s.part_id";

/// How many rows there are, and the first that is wrong.
#[derive(Default)]
pub(super) struct Order {
    pub(super) rows: u64,
    pub(super) fault: Option<Fault>,
}

pub(super) async fn compare(snapshot: &mut Snapshot, subject: &Subject) -> Result<Order> {
    let mut order = Order::default();
    let mut before: Option<(TransactionId, i64)> = None;
    let mut rows = snapshot.stream(ROWS, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        let (first, part): (TransactionId, TransactionId) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let seq: i64 = row.try_get_by_index(2)?;
        order.rows += 1;
        let expected = match before {
            Some((of, number)) if of == first => number + 1,
            _ => 1,
        };
        before = Some((first, expected));
        if order.fault.is_none() && seq != expected {
            let shown = |seq: i64| format!("seq {seq} of what was spent by {first}");
            order.fault = Some(Fault::new("spend_parts", part, shown(expected), shown(seq)));
        }
    }
    Ok(order)
}
