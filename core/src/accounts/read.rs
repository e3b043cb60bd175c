//! Reading states: questions of a look, about the accounts that its table `who` names.

use super::PointType;
use super::holds::{HeldRow, ask_holds, read_holds};
use super::rows::{AccountRow, LotRow, WalletRow, select_lots};
use super::state::States;
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, MemberId, Points, Result, Timestamp};

/// Which lots and holds are read with a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lots {
    /// Those of accounts of which something is over: enough to look, earn and expire.
    IfDue,
    /// All that are open: to spend.
    All,
}

/// The questions about states in a look.
#[derive(Clone, Copy)]
pub(crate) struct StateQuestions {
    accounts: Question<AccountRow>,
    wallets: Question<WalletRow>,
    lots: Question<LotRow>,
    holds: Question<HeldRow>,
    which: Lots,
}

row! {
    /// Points of an account, one lot of them, and when they expire.
    pub(crate) struct ExpiringRow {
        account_id: AccountId,
        point_type: PointType,
        at: Timestamp,
        points: Points,
    }
}

const ACCOUNTS: &str = "
    SELECT a.id, a.kind, a.version, a.event_seq, a.purchases, a.purchases_for_groups, a.spent_minor,
        a.first_purchase_at, a.last_purchase_at, a.tier, a.tier_since, a.next_expiry_at, a.erased_at,
        a.parked
    FROM who AS k EACH accounts AS a
    WHERE a.program_id = $1 AND a.id = k.id";
/// With what can be done with the card, of a gift card's.
const WITH_CARDS: &str = "
    SELECT k.*, CASE WHEN k.kind = 'GIFT_CARD' THEN (
            SELECT MAX(c.status)
            FROM cards AS c
            WHERE c.program_id = $1 AND c.account_id = k.id AND c.status <> 'REPLACED'
        ) END AS card
    FROM standing AS k";
const WALLETS: &str = "
    SELECT w.account_id, w.point_type, w.balance, w.owed, w.pending, w.held, w.earned,
        w.lasts_until
    FROM who AS k EACH wallets AS w
    WHERE w.program_id = $1 AND w.account_id = k.id";
const OPEN_LOTS: &str =
    select_lots!("who AS k", "l.program_id = $1 AND l.account_id = k.id AND l.remaining > 0");
const DUE: &str = "
    SELECT id
    FROM standing
    WHERE next_expiry_at <= (SELECT now FROM p)
    UNION
    SELECT account_id
    FROM kept
    WHERE lasts_until <= (SELECT now FROM p)";
const LOTS_IF_DUE: &str =
    select_lots!("expired AS k", "l.program_id = $1 AND l.account_id = k.id AND l.remaining > 0");
const EXPIRING: &str = "
    SELECT l.account_id, l.point_type, COALESCE(l.expires_at, w.lasts_until) AS at,
        l.remaining AS points
    FROM who AS k EACH lots AS l
    LEFT JOIN kept AS w ON w.account_id = l.account_id AND w.point_type = l.point_type
        AND l.slides = 1
    WHERE l.program_id = $1 AND l.account_id = k.id AND l.remaining > 0
        AND COALESCE(l.expires_at, w.lasts_until) > (SELECT now FROM p)
        AND l.pending_until IS NULL";

/// Asks for the states of the accounts in `who`.
pub(crate) fn ask_states(look: &mut Look, which: Lots) -> StateQuestions {
    look.table("standing", ACCOUNTS);
    look.table("kept", WALLETS);
    look.table("expired", DUE);
    StateQuestions {
        accounts: look.ask(WITH_CARDS),
        wallets: look.ask("SELECT * FROM kept"),
        lots: look.ask(match which {
            Lots::All => OPEN_LOTS,
            Lots::IfDue => LOTS_IF_DUE,
        }),
        holds: ask_holds(look, which == Lots::All),
        which,
    }
}

/// Asks for what expires of the accounts in `who`, and when.
pub(crate) fn ask_expiring(look: &mut Look) -> Question<ExpiringRow> {
    look.ask(EXPIRING)
}

impl StateQuestions {
    /// The states, by member. Accounts that do not exist are left out.
    pub(crate) fn read(self, answers: &Answers) -> Result<States> {
        let mut states: States = answers
            .rows(self.accounts)?
            .into_iter()
            .map(|row| (row.id.into(), row.state()))
            .collect();
        for row in answers.rows(self.wallets)? {
            if let Some(state) = states.get_mut(&row.account_id.into()) {
                let wallet = row.wallet();
                state.standing.earned.insert(row.point_type.clone(), row.earned);
                state.wallets.insert(row.point_type, wallet);
            }
        }
        for row in answers.rows(self.lots)? {
            if let Some(state) = states.get_mut(&row.account_id.into()) {
                state.lots.push(row.lot());
            }
        }
        for (account, hold) in read_holds(answers, self.holds)? {
            if let Some(state) = states.get_mut(&account.into()) {
                state.holds.push(hold);
            }
        }
        let now = answers.stamp()?.map(|stamp| stamp.now);
        for state in states.values_mut() {
            let is_due = now.is_some_and(|now| state.is_due(now));
            state.knows_lots = self.which == Lots::All || is_due;
            state.others_expire_at = state.next_expiry_at.filter(|_| !state.knows_lots);
        }
        Ok(states)
    }
}

/// Points that expire together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiring {
    pub at: Timestamp,
    pub points: Points,
}

impl ExpiringRow {
    /// Whose points these are, and of which type.
    pub(crate) fn of_member(self) -> (MemberId, PointType, Expiring) {
        let expiring = Expiring { at: self.at, points: self.points };
        (self.account_id.into(), self.point_type, expiring)
    }
}
