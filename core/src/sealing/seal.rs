//! Sealing the next block of a program.

use super::block::{columns, message};
use super::named::Named;
use super::rows::{JournalRow, SealRow};
use super::{Block, FIRST_PREVIOUS, ITEMS_MAX};
use crate::context::Context;
use crate::db::{TryError, Writes, row};
use crate::journal::{Item, unpack};
use crate::{ProgramId, Result};

row! {
    struct LastRow {
        number: i64,
        last_position: i64,
        hash: Vec<u8>,
    }
}

const LAST: &str = "
    SELECT z.number, z.last_position, z.hash
    FROM seals AS z
    WHERE z.program_id = $1 AND z.number > 0
    ORDER BY z.number DESC
    LIMIT 1";
const FIRST: &str = "
    SELECT j.position
    FROM journal AS j
    WHERE j.program_id = $1 AND j.position > COALESCE((SELECT last_position FROM last_seal), 0)
    ORDER BY j.position
    LIMIT 1";
/// A row that begins behind a thousand items is not of the block, and where much waits there are many.
const NEXT: &str = "
    SELECT j.position, j.count, j.kinds, j.items
    FROM journal AS j
    WHERE j.program_id = $1 AND j.position >= (SELECT position FROM first_unsealed)
        AND j.position < (SELECT position FROM first_unsealed) + 1000";

/// Items that stand in the journal from a position on.
struct Next {
    first_position: i64,
    items: Vec<Item>,
}

/// Seals the next block of what the journal of a program has placed, however little it is: whole
/// rows of the journal, as many as fit. Returns how many items, none when there are none or another
/// node was first.
pub(crate) async fn seal(context: &Context, program: ProgramId) -> Result<usize> {
    let mut look = context.look(program);
    look.table("last_seal", LAST);
    look.table("first_unsealed", FIRST);
    let last = look.ask::<LastRow>("SELECT number, last_position, hash FROM last_seal");
    let next = look.ask::<JournalRow>(NEXT);
    let answers = context.show(look).await?;
    let last = answers.rows(last)?.pop();
    let Some(next) = block_of(answers.rows(next)?)? else { return Ok(0) };
    let mut look = context.look(program);
    let named = Named::ask(&mut look, &next.items);
    let found = named.read(&context.show(look).await?)?;
    let digests = next.items.iter().flat_map(|item| found.digest(item)).collect();
    let mut writes = Writes::to(program);
    writes.insert(&sealed(context, program, last, &next, digests));
    match context.db.commit(writes).await {
        Ok(()) => Ok(next.items.len()),
        Err(TryError::Outrun(_)) => Ok(0),
        Err(TryError::Failed(error)) => Err(error),
    }
}

/// The items of as many rows as fit into a block; of one at least. Where somebody removed rows the
/// block ends, and the next begins behind the gap, so that the chain goes on and shows it.
fn block_of(mut rows: Vec<JournalRow>) -> Result<Option<Next>> {
    rows.sort_unstable_by_key(|row| row.position);
    let Some(first_position) = rows.first().map(|row| row.position) else { return Ok(None) };
    let (mut items, mut end) = (Vec::new(), first_position);
    for row in rows {
        let of_row = unpack(&row.items)?;
        let is_full = !items.is_empty() && items.len() + of_row.len() > ITEMS_MAX;
        if is_full || row.position != end {
            break;
        }
        items.extend(of_row);
        end += row.count;
    }
    Ok(Some(Next { first_position, items }))
}

fn sealed(
    context: &Context,
    program: ProgramId,
    last: Option<LastRow>,
    next: &Next,
    digests: Vec<u8>,
) -> SealRow {
    let (before, previous_hash) =
        last.map_or((0, FIRST_PREVIOUS.to_vec()), |last| (last.number, last.hash));
    let count = i64::try_from(next.items.len()).unwrap_or(i64::MAX);
    let block = Block {
        program,
        number: before + 1,
        first_position: next.first_position,
        last_position: next.first_position + count - 1,
        sealed_at: context.now(),
        previous_hash: &previous_hash,
        digests: &digests,
    };
    let hash = block.hash();
    let signer = context.signer();
    let (signed_by, signature) = columns(signer.and_then(|signer| signer.sign(&message(&hash))));
    SealRow {
        number: block.number,
        first_position: block.first_position,
        last_position: block.last_position,
        count,
        sealed_at: block.sealed_at,
        hash: hash.to_vec(),
        signed_by,
        signature,
        previous_hash,
        digests,
    }
}
