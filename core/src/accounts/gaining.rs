//! What members get within the caps of the program, and what they were given before.
//!
//! The ledger says what was given, so there is no sum that could be wrong: what the caps of a
//! period are about is read with the state, under its version, and what is given since is added in
//! memory. Programs whose caps are about no period ask nothing.

use super::gained::Gained;
use super::policy::caps::{Cap, Caps, Within};
use super::room::Room;
use super::state::{MemberState, States};
use crate::db::{Answers, Look, Question, row};
use crate::{AccountId, Error, PointType, Points, Result, Timestamp};
use jiff::tz::TimeZone;

/// The question of what accounts were given within some time.
#[derive(Clone, Copy)]
pub(crate) struct GainedQuestion {
    given: Question<GivenRow>,
    known: Within,
}

row! {
    struct WithinKey {
        since: Timestamp,
        until: Timestamp,
    }
}

row! {
    struct GivenRow {
        account_id: AccountId,
        point_type: PointType,
        given_at: Timestamp,
        points: Points,
        taken: Points,
    }
}

const COUNTED: &str = "
    SELECT r.since, r.until
    FROM {rows} AS r";
const EARNED: &str = "
    SELECT t.id, t.account_id, t.purchase_id, t.effective_at
    FROM who AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.account_id = k.id AND t.kind IN ('EARN', 'PENDING')
        AND t.effective_at >= (SELECT since FROM counted)
        AND t.effective_at < (SELECT until FROM counted)";
/// Points that ceased to be pending come from elsewhere: they were given when they were promised.
const ISSUED: &str = "
    SELECT k.id, k.account_id, k.purchase_id, k.effective_at, e.point_type, -e.amount AS points
    FROM earned_lately AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id AND e.seq = 2
        AND e.system_account = 'ISSUED'";
/// With what returns and corrections took back of it.
const GIVEN: &str = "
    SELECT k.account_id, k.point_type, k.effective_at AS given_at, k.points, CAST(COALESCE((
            SELECT SUM(r.points_taken)
            FROM return_earnings AS r
            WHERE r.program_id = $1 AND r.purchase_id = k.purchase_id AND r.transaction_id = k.id
        ), 0) + COALESCE((
            SELECT SUM(r.points_taken)
            FROM returns AS r
            WHERE r.program_id = $1 AND r.purchase_id = k.purchase_id AND NOT EXISTS (
                    SELECT 1
                    FROM purchase_earnings AS n
                    WHERE n.program_id = $1 AND n.purchase_id = k.purchase_id
                )
        ), 0) + COALESCE((
            SELECT e.amount
            FROM voids AS v
            CROSS JOIN entries AS e
            WHERE v.program_id = $1 AND v.voided_id = k.id AND v.transaction_id <> k.id
                AND e.program_id = $1 AND e.transaction_id = v.transaction_id AND e.seq = 2
        ), 0) AS BIGINT) AS taken
    FROM issued AS k";

/// Asks what the accounts in `who` were given within some time.
pub(crate) fn ask_gained(look: &mut Look, known: Within) -> GainedQuestion {
    let key = WithinKey { since: known.since, until: known.until };
    look.table_over("counted", COUNTED, &[key]);
    look.table("earned_lately", EARNED);
    look.table("issued", ISSUED);
    GainedQuestion { given: look.ask(GIVEN), known }
}

impl GainedQuestion {
    /// Tells the states what their accounts were given.
    pub(crate) fn read(self, answers: &Answers, states: &mut States) -> Result<()> {
        for state in states.values_mut() {
            state.gained = Some(Gained::nothing(self.known));
        }
        for row in answers.rows(self.given)? {
            let stays = row.points.minus(row.taken)?.max(Points::ZERO);
            if let Some(state) = states.get_mut(&row.account_id.into()) {
                state.gain(&row.point_type, row.given_at, stays);
            }
        }
        Ok(())
    }
}

impl MemberState {
    /// What the member may still get of a type of points at an instant, by its caps, if so many that
    /// count are going to be taken back.
    pub(crate) fn room(
        &self,
        (point_type, taken): (&PointType, Points),
        caps: &Caps,
        (at, zone): (Timestamp, &TimeZone),
    ) -> Result<Room> {
        let mut room = Room::that(caps.refuses);
        for (cap, most) in &caps.most {
            let used = match (cap, cap.period(at, zone)?) {
                (Cap::Balance, _) => self.held_in_all(point_type)?.minus(taken)?,
                (_, Some(period)) => self.gained_within(point_type, period)?.minus(taken)?,
                (_, None) => Points::ZERO,
            };
            // Who owes has room for that, too.
            let left = most.get().saturating_sub(used.get());
            room.add(*cap, *most, Points::new(left));
        }
        Ok(room)
    }

    fn gained_within(&self, point_type: &PointType, period: Within) -> Result<Points> {
        let gained = self.gained.as_ref();
        let gained = gained.ok_or_else(|| Error::internal("caps without a look at what was given"));
        gained?.within(point_type, period)
    }

    /// What can be spent, what is reserved and what is pending.
    fn held_in_all(&self, point_type: &PointType) -> Result<Points> {
        let (held, pending) = (self.held(point_type), self.pending(point_type));
        let there = self.balance(point_type).minus(self.ended(point_type)?)?;
        there.plus(held)?.plus(pending)
    }

    /// Adds what is given to what is known of it.
    pub(crate) fn gain(&mut self, point_type: &PointType, at: Timestamp, points: Points) {
        if let Some(gained) = &mut self.gained {
            gained.add(point_type.clone(), at, points);
        }
    }
}
