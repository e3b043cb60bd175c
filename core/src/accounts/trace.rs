//! What a transaction left behind in an account: the lot that it made and what became of it, or the
//! lots that it took from. It is what a correction has to know.

use super::PointType;
use super::made::{Made, MadeQuestions, ask_made_and_lost};
use super::state::States;
use super::used::{UsedLot, UsedQuestions, ask_used};
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, MemberId, Points, PurchaseId, Result, Timestamp, TransactionId};
use serde_json::Value;

row! {
    struct TraceKey {
        id: TransactionId,
    }
}

row! {
    /// A transaction with its entry of the wallet.
    #[derive(Clone, Debug)]
    pub(crate) struct TracedRow {
        pub(crate) id: TransactionId,
        pub(crate) account_id: AccountId,
        pub(crate) kind: String,
        pub(crate) explanation: Option<Value>,
        pub(crate) purchase_id: Option<PurchaseId>,
        pub(crate) point_type: PointType,
        pub(crate) points: Points,
    }
}

row! {
    /// The account of the program's own on the other side.
    struct OtherSideRow {
        system_account: String,
    }
}

const NAMED: &str = "
    SELECT t.id, COALESCE(m.merged_into, t.account_id) AS account_id, t.kind, t.explanation,
        t.purchase_id
    FROM {rows} AS k EACH transactions AS t
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    WHERE t.program_id = $1 AND t.id = k.id";
const TRACED: &str = "
    SELECT k.id, k.account_id, k.kind, k.explanation, k.purchase_id, e.point_type,
        e.amount AS points
    FROM named_transaction AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id AND e.seq = 1";
const OTHER_SIDE: &str = "
    SELECT e.system_account
    FROM traced AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id AND e.seq = 2";
const LOST: &str = "
    SELECT id, account_id, transaction_id, earned_at
    FROM made
    UNION
    SELECT id, account_id, transaction_id, earned_at
    FROM used_lots";
const WHO: &str = "
    SELECT account_id AS id
    FROM traced
    UNION
    SELECT account_id
    FROM payers";

/// The questions about a transaction in a look. Its account is named in `who`.
#[derive(Clone, Copy)]
pub(crate) struct TraceQuestions {
    transaction: Question<TracedRow>,
    other_side: Question<OtherSideRow>,
    made: MadeQuestions,
    used: UsedQuestions,
}

/// What a transaction left behind.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) transaction: TracedRow,
    pub(crate) system_account: String,
    /// The lot that it made.
    pub(crate) made: Option<Made>,
    /// The lots that it took from, as they are now, with what may be given back.
    pub(crate) used: Vec<UsedLot>,
}

impl Trace {
    pub(crate) fn member(&self) -> MemberId {
        self.transaction.account_id.into()
    }
}

/// Asks what a transaction left behind, and names whose account that is in `who`.
pub(crate) fn ask_trace(look: &mut Look, transaction: TransactionId) -> TraceQuestions {
    look.table_over("named_transaction", NAMED, &[TraceKey { id: transaction }]);
    look.table("traced", TRACED);
    look.table("spent", "SELECT id, account_id FROM traced");
    let used = ask_used(look);
    look.table("who", WHO);
    look.table("sources", "SELECT id, account_id FROM traced");
    TraceQuestions {
        transaction: look.ask("SELECT * FROM traced"),
        other_side: look.ask(OTHER_SIDE),
        made: ask_made_and_lost(look, LOST),
        used,
    }
}

impl TraceQuestions {
    /// The answer; none if there is no such transaction. What is due at `now` counts as expired.
    pub(crate) fn read(
        self,
        answers: &Answers,
        now: Timestamp,
        states: &States,
    ) -> Result<Option<Trace>> {
        let Some(transaction) = answers.rows(self.transaction)?.pop() else { return Ok(None) };
        let made = self.made.read(answers, now, states)?.remove(&transaction.id);
        let mut used = self.used.read(answers)?.remove(&transaction.id).unwrap_or_default();
        if transaction.kind == "EXPIRE" {
            let mut lost = self.made.lost.read(answers)?;
            for part in &mut used {
                part.points = lost.bring_back(part.lot.id, part.points)?;
            }
            used.retain(|part| part.points.is_positive());
        }
        Ok(Some(Trace {
            transaction,
            system_account: answers
                .rows(self.other_side)?
                .pop()
                .map(|row| row.system_account)
                .unwrap_or_default(),
            made,
            used,
        }))
    }
}
