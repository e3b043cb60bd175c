//! Making a request: what an operator asks for is written down and waits.

use crate::accounts::PointType;
use crate::db::{Look, Question, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::operation::{Adjusting, Operation};
use crate::{Actor, ApprovalId, MemberId, Points, Result, Timestamp};
use std::time::Duration;

row! {
    struct RequestRow in "approvals" {
        id: ApprovalId,
        member_id: MemberId,
        point_type: PointType,
        points: Points,
        reason: String,
        counts_as_earned: bool,
        expires_at: Option<Timestamp>,
        effective_at: Option<Timestamp>,
        idempotency_key: String,
        arguments_hash: ArgumentsHash,
        requested_at: Timestamp,
        requested_by: String,
        decide_by: Timestamp,
    }
}

row! {
    /// A request that was made under a key.
    pub(in crate::ledger) struct Requested {
        pub(in crate::ledger) id: ApprovalId,
        pub(in crate::ledger) arguments_hash: ArgumentsHash,
    }
}

const REQUESTED: &str = "
    SELECT a.id, a.arguments_hash, k.is_survivor
    FROM request AS k EACH approvals AS a
    WHERE a.program_id = $1 AND a.member_id = k.member_id AND a.idempotency_key = k.key";
const FIRST_REQUESTED: &str = "
    SELECT id, arguments_hash
    FROM requested
    ORDER BY is_survivor
    LIMIT 1";

/// Asks for the request under the key that a look has as `request`.
pub(in crate::ledger) fn ask_requested(look: &mut Look) -> Question<Requested> {
    look.table("requested", REQUESTED);
    look.ask(FIRST_REQUESTED)
}

/// Writes down what is asked for instead of doing it. It waits at most until what it would give
/// is over. Fails as [`Operation::state`].
pub(in crate::ledger) fn request(
    operation: &mut Operation<'_>,
    actor: &Actor,
    member_id: MemberId,
    adjusting: &Adjusting<'_>,
    within: Duration,
    key: &IdempotencyKey,
) -> Result<ApprovalId> {
    let (id, now) = (ApprovalId::new(), operation.program().now);
    let latest = now.plus(within);
    operation.change(member_id)?.touch();
    operation.insert(&RequestRow {
        id,
        member_id,
        point_type: adjusting.point_type.clone(),
        points: adjusting.points,
        reason: adjusting.reason.to_owned(),
        counts_as_earned: adjusting.counts_as_earned,
        expires_at: adjusting.expires_at,
        effective_at: adjusting.effective_at,
        idempotency_key: key.key.clone(),
        arguments_hash: key.arguments_hash.clone(),
        requested_at: now,
        requested_by: actor.subject().to_string(),
        decide_by: adjusting.expires_at.map_or(latest, |over| over.min(latest)),
    });
    Ok(id)
}
