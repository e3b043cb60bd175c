//! Withdrawing messages whose occasion has not come: a clock that was wrong had them written.

use crate::db::{Look, Question, row};
use crate::operation::Operation;
use crate::{MemberId, MessageId, Timestamp};

row! {
    /// A message about an occasion later than the program's now.
    pub(crate) struct EarlyMessage {
        id: MessageId,
        pub(crate) member_id: MemberId,
    }
}

row! {
    struct Withdrawn {
        id: MessageId,
        withdrawn_at: Timestamp,
    }
}

const EARLY: &str = "
    SELECT m.id, m.member_id
    FROM who AS k EACH messages AS m
    WHERE m.program_id = $1 AND m.member_id = k.id AND m.occurred_at > (SELECT now FROM p)
        AND m.withdrawn_at IS NULL";
const WITHDRAW: &str = "
    UPDATE messages
    SET withdrawn_at = r.withdrawn_at
    FROM {rows} AS r
    WHERE messages.program_id = $1 AND messages.id {in: SELECT k.id FROM {rows} AS k}
        AND messages.id = r.id AND messages.withdrawn_at IS NULL";

/// Asks for messages to the members in `who` that came too early.
pub(crate) fn ask_early(look: &mut Look) -> Question<EarlyMessage> {
    look.ask(EARLY)
}

/// Takes a message out of the outbox. Whoever has sent it already cannot take it back.
pub(crate) fn withdraw(operation: &mut Operation<'_>, message: &EarlyMessage) {
    let withdrawn_at = operation.recorded_at();
    operation.run(WITHDRAW, &Withdrawn { id: message.id, withdrawn_at });
}
