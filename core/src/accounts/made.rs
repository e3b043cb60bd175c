//! The lots that transactions made, and how much of each has expired: what is to be known before
//! points are taken back that came with one.

use super::lost::{LostQuestions, ask_lost};
use super::rows::{LotRow, select_lots};
use super::state::States;
use super::wallet::Lot;
use crate::db::{Answers, Look, Question, row};
use crate::{Points, Result, Timestamp, TransactionId};
use std::collections::HashMap;

/// The questions about what transactions made.
#[derive(Clone, Copy)]
pub(crate) struct MadeQuestions {
    lots: Question<LotRow>,
    pub(super) lost: LostQuestions,
    activated: Question<ActivatedRow>,
}

/// A lot with what expired of it, written down or not, less what was made good without it.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) lot: Lot,
    pub(crate) expired: Points,
    /// By which its points ceased to be pending, if they were.
    pub(crate) earned_by: Option<TransactionId>,
}

row! {
    /// By which the points of a transaction ceased to be pending.
    struct ActivatedRow {
        transaction_id: TransactionId,
        earn_id: Option<TransactionId>,
    }
}

const ACTIVATED: &str = "
    SELECT a.transaction_id, a.earn_id
    FROM sources AS k EACH pendings AS a
    WHERE a.program_id = $1 AND a.transaction_id = k.id";
const MADE: &str = select_lots!(
    "sources AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.transaction_id = k.id"
);
const LOST: &str = "SELECT id, account_id, transaction_id, earned_at FROM made";

/// Asks what the transactions in `sources`, a table of `id` and `account_id`, made.
pub(crate) fn ask_made(look: &mut Look) -> MadeQuestions {
    ask_made_and_lost(look, LOST)
}

/// The same, and what the lots that `lost` selects have lost, among them those in `made`.
pub(super) fn ask_made_and_lost(look: &mut Look, lost: &'static str) -> MadeQuestions {
    look.table("made", MADE);
    MadeQuestions {
        lots: look.ask("SELECT * FROM made"),
        lost: ask_lost(look, lost),
        activated: look.ask(ACTIVATED),
    }
}

impl MadeQuestions {
    /// The answer, by transaction. What is due at `now` counts as expired.
    pub(crate) fn read(
        self,
        answers: &Answers,
        now: Timestamp,
        states: &States,
    ) -> Result<HashMap<TransactionId, Made>> {
        let lost = self.lost.read(answers)?;
        let activated = answers.rows(self.activated)?.into_iter();
        let activated: HashMap<_, _> =
            activated.map(|row| (row.transaction_id, row.earn_id)).collect();
        let mut all = HashMap::new();
        for row in answers.rows(self.lots)? {
            let (account, lot) = (row.account_id, row.lot());
            let state = states.get(&account.into());
            let slides_until = state.and_then(|state| state.slides_until(&lot.point_type));
            let due = if lot.is_lost(now, slides_until) { lot.remaining } else { Points::ZERO };
            let written = lost.of(lot.id)?;
            let earned_by = activated.get(&lot.transaction).copied().flatten();
            all.insert(lot.transaction, Made { expired: written.plus(due)?, lot, earned_by });
        }
        Ok(all)
    }
}
