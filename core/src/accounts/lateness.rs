//! Looking for what was reported late is about.

use super::PointType;
use super::late::{Ended, Late};
use super::lost::{LostQuestions, ask_lost};
use super::rows::{LotRow, select_lots};
use super::state::States;
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, LotId, Points, Result, Timestamp, TransactionId};
use std::collections::HashMap;

/// The questions about what happened since an instant that is over.
#[derive(Clone, Copy)]
pub(crate) struct LateQuestions {
    moved: Question<ActiveRow>,
    bought: Question<BoughtRow>,
    ended: Question<EndedRow>,
    lots: Question<LotRow>,
    lost: LostQuestions,
    defers: bool,
}

row! {
    struct SinceKey {
        since: Timestamp,
    }
}

row! {
    /// When points moved by which a member is active: of one type, if it was time that moved them.
    struct ActiveRow {
        account_id: AccountId,
        active_at: Timestamp,
        point_type: Option<PointType>,
    }
}

row! {
    struct BoughtRow {
        account_id: AccountId,
        active_at: Timestamp,
    }
}

row! {
    struct EndedRow {
        lot_id: LotId,
        expired_by: TransactionId,
        points: Points,
    }
}

const SINCE: &str = "
    SELECT r.since
    FROM {rows} AS r";
/// Whoever was merged into an account is it now.
const SELVES: &str = "
    SELECT k.id, k.id AS self_id
    FROM who AS k
    UNION
    SELECT k.id, m.id
    FROM who AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = k.id";
/// Whomever each of these was ever merged into, though it is not any more, expired what was theirs.
const KEEPERS: &str = "
    SELECT id, self_id
    FROM selves
    UNION
    SELECT k.id, g.into_id
    FROM keepers AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.self_id";
const MOVES: &str = "
    SELECT t.id, k.id AS account_id, t.effective_at
    FROM selves AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.self_id AND t.kind IN (
            'EARN', 'OPENING', 'PENDING', 'SPEND'
        )
        AND t.effective_at >= (SELECT since FROM late)";
const MOVED: &str = "
    SELECT k.account_id, k.effective_at AS active_at,
        CASE WHEN e.system_account = 'PENDING' THEN e.point_type END AS point_type
    FROM moves AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id AND e.seq = 2";
const BOUGHT: &str = "
    SELECT k.id AS account_id, b.purchased_at AS active_at
    FROM selves AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.member_id = k.self_id AND b.is_counted = 1
        AND b.purchased_at >= (SELECT since FROM late)";
const EXPIRED: &str = "
    SELECT t.id, k.id AS account_id, t.effective_at
    FROM keepers AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.self_id AND t.kind = 'EXPIRE'
        AND t.effective_at > (SELECT since FROM late)";
const TAKEN: &str = "
    SELECT u.transaction_id, u.lot_id, u.amount, k.account_id, k.effective_at
    FROM expired_since AS k EACH lot_uses AS u
    WHERE u.program_id = $1 AND u.transaction_id = k.id";
/// What ended by itself: what somebody ends by hand lasts until then.
const ENDED: &str = "
    SELECT k.account_id, k.lot_id, k.transaction_id AS expired_by, k.amount AS points
    FROM taken_since AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id AND l.slides = 1
        AND l.expires_at <= k.effective_at
        AND NOT EXISTS (
            SELECT 1
            FROM lot_returns AS g
            WHERE g.program_id = $1 AND g.used_by = k.transaction_id AND g.lot_id = k.lot_id
        )";
const LOTS: &str = select_lots!(
    "ended_since AS k",
    "l.program_id = $1 AND l.account_id = k.account_id AND l.id = k.lot_id"
);

/// Asks for what happened to the accounts in `who` since an instant. What has ended is not written
/// down if that is deferred, which is for operations that spend nothing.
pub(crate) fn ask_late(look: &mut Look, since: Timestamp, defers: bool) -> LateQuestions {
    look.table_over("late", SINCE, &[SinceKey { since }]);
    ask(look, defers)
}

/// The same since an instant that a select finds, as `since`; of nothing where it finds none.
pub(crate) fn ask_late_since(look: &mut Look, since: &'static str) -> LateQuestions {
    look.table("late", since);
    ask(look, false)
}

fn ask(look: &mut Look, defers: bool) -> LateQuestions {
    look.table("selves", SELVES);
    look.table("keepers", KEEPERS);
    look.table("moves", MOVES);
    look.table("expired_since", EXPIRED);
    look.table("taken_since", TAKEN);
    look.table("ended_since", ENDED);
    look.table("ended_lots", LOTS);
    LateQuestions {
        moved: look.ask(MOVED),
        bought: look.ask(BOUGHT),
        ended: look.ask("SELECT lot_id, expired_by, points FROM ended_since"),
        lots: look.ask("SELECT * FROM ended_lots"),
        lost: ask_lost(look, "SELECT id, account_id, transaction_id, earned_at FROM ended_lots"),
        defers,
    }
}

impl LateQuestions {
    /// Tells the states what happened to them.
    pub(crate) fn read(self, answers: &Answers, states: &mut States) -> Result<()> {
        for state in states.values_mut() {
            state.late = Some(Late { defers: self.defers, ..Late::default() });
        }
        let mut active = |account: AccountId, of, at| {
            let state = states.get_mut(&account.into());
            if let Some(late) = state.and_then(|state| state.late.as_mut()) {
                late.active.push((of, at));
            }
        };
        for row in answers.rows(self.moved)? {
            active(row.account_id, row.point_type, row.active_at);
        }
        for row in answers.rows(self.bought)? {
            active(row.account_id, None, row.active_at);
        }
        let lots = answers.rows(self.lots)?.into_iter();
        let lots: HashMap<_, _> = lots.map(|row| (row.id, row)).collect();
        let mut lost = self.lost.read(answers)?;
        for EndedRow { lot_id, expired_by, points } in answers.rows(self.ended)? {
            let Some(row) = lots.get(&lot_id) else { continue };
            let Some(state) = states.get_mut(&row.account_id.into()) else { continue };
            let points = lost.bring_back(lot_id, points)?;
            if points == Points::ZERO {
                continue;
            }
            let lot = row.clone().lot();
            let Some((late, at)) = state.late.as_mut().zip(lot.expires_at) else { continue };
            match late.ended.iter_mut().find(|ended| ended.expired_by == expired_by) {
                Some(ended) => ended.lots.push((lot, points)),
                None => late.ended.push(Ended {
                    expired_by,
                    point_type: lot.point_type.clone(),
                    at,
                    lots: vec![(lot, points)],
                }),
            }
        }
        Ok(())
    }
}
