//! What callers said of points that they gave: the references of opening balances, and why points
//! were pending. The points stay, in transactions.

use super::veil::Key;
use super::{no_hash, placeholder};
use crate::db::{Answers, Look, Question, Writes, row};
use crate::{Result, TransactionId};

row! {
    struct OpeningKey {
        transaction_id: TransactionId,
    }
}

row! {
    struct PendingKey {
        transaction_id: TransactionId,
    }
}

row! {
    struct ClearedOpening {
        transaction_id: TransactionId,
        reference: String,
        arguments_hash: Vec<u8>,
    }
}

const OPENINGS: &str = "
    SELECT o.transaction_id
    FROM {rows} AS k EACH openings AS o
    WHERE o.program_id = $1 AND o.transaction_id = k.id";
const PENDINGS: &str = "
    SELECT n.transaction_id
    FROM {rows} AS k EACH pendings AS n
    WHERE n.program_id = $1 AND n.transaction_id = k.id";
const CLEAR_OPENINGS: &str = "
    UPDATE openings
    SET reference = r.reference, arguments_hash = r.arguments_hash
    FROM {rows} AS r
    WHERE openings.program_id = $1
        AND openings.transaction_id {in: SELECT k.transaction_id FROM {rows} AS k}
        AND openings.transaction_id = r.transaction_id";
const CLEAR_PENDINGS: &str = "
    UPDATE pendings
    SET reason = ''
    WHERE program_id = $1 AND transaction_id {in: SELECT r.transaction_id FROM {rows} AS r}";

/// What was said of transactions.
pub(super) struct Given {
    openings: Question<OpeningKey>,
    pendings: Question<PendingKey>,
}

impl Given {
    pub(super) fn ask(look: &mut Look, keys: &[Key]) -> Self {
        let openings = look.ask_over(OPENINGS, keys);
        Self { openings, pendings: look.ask_over(PENDINGS, keys) }
    }

    pub(super) fn clear(&self, answers: &Answers, writes: &mut Writes) -> Result<()> {
        for OpeningKey { transaction_id } in answers.rows(self.openings)? {
            let (reference, arguments_hash) = (placeholder(transaction_id), no_hash());
            let cleared = ClearedOpening { transaction_id, reference, arguments_hash };
            writes.run(CLEAR_OPENINGS, &cleared);
        }
        for key in answers.rows(self.pendings)? {
            writes.run(CLEAR_PENDINGS, &key);
        }
        Ok(())
    }
}
