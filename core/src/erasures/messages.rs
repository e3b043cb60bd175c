//! Messages: that there was one stays, as an empty row that no list shows, for the journal lists it.
//! The id of the event that it was about goes with the text: nobody can guess that, so what was
//! sealed of the message tells nobody anything.

use crate::context::Context;
use crate::db::{TryError, Writes, row};
use crate::operation::decide;
use crate::{EventId, MemberId, MessageId, ProgramId, Result, Timestamp};

row! {
    /// Where a page begins.
    #[derive(Clone, Copy)]
    struct After {
        member_id: MemberId,
        after_id: MessageId,
        none: EventId,
    }
}

row! {
    struct Key {
        id: MessageId,
    }
}

row! {
    struct Cleared {
        id: MessageId,
        none: EventId,
        withdrawn_at: Timestamp,
    }
}

/// The limit of `PAGE`.
const PAGE_MAX: usize = 1_000;
const PAGE: &str = "
    SELECT m.id
    FROM {rows} AS k EACH messages AS m
    WHERE m.program_id = $1 AND m.member_id = k.member_id AND m.id > k.after_id
        AND m.event_id <> k.none
    ORDER BY m.id
    LIMIT 1000";
const CLEAR: &str = "
    UPDATE messages
    SET contact_id = NULL, plugin_id = '', event_id = r.none, template = '', locale = '',
        subject = '', body = '', parameters = '{}', occurred_at = 0, withdrawn_at = r.withdrawn_at
    FROM {rows} AS r
    WHERE messages.program_id = $1 AND messages.id {in: SELECT k.id FROM {rows} AS k}
        AND messages.id = r.id";

pub(super) async fn all(context: &Context, program: ProgramId, member: MemberId) -> Result<()> {
    let mut after =
        Some(After { member_id: member, after_id: MessageId::FIRST, none: EventId::NONE });
    while let Some(from) = after {
        after =
            decide(context, program, "erasing messages", |_| page(context, program, from)).await?;
    }
    Ok(())
}

/// Returns where the next page begins.
async fn page(
    context: &Context,
    program: ProgramId,
    after: After,
) -> Result<Option<After>, TryError> {
    let mut look = context.look(program);
    let keys = look.ask_over::<_, Key>(PAGE, &[after]);
    let keys = context.show(look).await?.rows(keys)?;
    let Some(last) = keys.last() else { return Ok(None) };
    let next = After { after_id: last.id, ..after };
    let mut writes = Writes::to(program);
    let withdrawn_at = context.now();
    for key in &keys {
        writes.run(CLEAR, &Cleared { id: key.id, none: EventId::NONE, withdrawn_at });
    }
    context.db.commit(writes).await?;
    Ok(Some(next).filter(|_| keys.len() == PAGE_MAX))
}
