//! What an operator did to a member's points under an idempotency key: a transaction, or a request
//! that waits for another operator.

use super::approvals::{Requested, ask_requested};
use crate::db::{Answers, Look, Question, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::{ApprovalId, MemberId, Result, TransactionId};

row! {
    pub(super) struct AdjustmentRow in "adjustments" {
        transaction_id: TransactionId,
        member_id: MemberId,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
    }
}

const POSTED: &str = "
    SELECT a.transaction_id, a.member_id, a.idempotency_key, a.arguments_hash, k.is_survivor
    FROM request AS k EACH adjustments AS a
    WHERE a.program_id = $1 AND a.member_id = k.member_id AND a.idempotency_key = k.key";
const FIRST_POSTED: &str = "
    SELECT transaction_id, member_id, idempotency_key, arguments_hash
    FROM posted
    ORDER BY is_survivor
    LIMIT 1";

/// What was done under a key.
#[derive(Clone, Copy)]
pub(super) enum Keyed {
    Posted(TransactionId),
    Requested(ApprovalId),
}

/// The questions about a key.
#[derive(Clone, Copy)]
pub(super) struct KeyedQuestions {
    posted: Question<AdjustmentRow>,
    requested: Question<Requested>,
}

/// Asks for what was done under the key that a look has as `request`.
pub(super) fn ask_keyed(look: &mut Look) -> KeyedQuestions {
    look.table("posted", POSTED);
    KeyedQuestions { posted: look.ask(FIRST_POSTED), requested: ask_requested(look) }
}

impl KeyedQuestions {
    /// None when the key is new; of a request that was approved, what it posted. Fails with
    /// `IDEMPOTENCY_KEY_REUSED`.
    pub(super) fn read(self, found: &Answers, key: &IdempotencyKey) -> Result<Option<Keyed>> {
        if let Some(posted) = found.rows(self.posted)?.pop() {
            key.check(&posted.arguments_hash)?;
            return Ok(Some(Keyed::Posted(posted.transaction_id)));
        }
        let Some(requested) = found.rows(self.requested)?.pop() else {
            return Ok(None);
        };
        key.check(&requested.arguments_hash)?;
        Ok(Some(Keyed::Requested(requested.id)))
    }
}

impl AdjustmentRow {
    pub(super) fn of(
        transaction_id: TransactionId,
        member_id: MemberId,
        key: &IdempotencyKey,
    ) -> Self {
        let (idempotency_key, arguments_hash) = (key.key.clone(), key.arguments_hash.clone());
        Self { transaction_id, member_id, idempotency_key, arguments_hash }
    }
}
