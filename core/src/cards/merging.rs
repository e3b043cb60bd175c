//! What becomes of cards when two members are one, and when they are two again: they go with the
//! account. A gift card that is unmerged was claimed by mistake, and is what it was.

use super::model::{Card, CardStatus};
use crate::db::row;
use crate::operation::Operation;
use crate::{CardId, MemberId, Points, Timestamp};

row! {
    struct MergedRow {
        from_id: MemberId,
        into_id: MemberId,
    }
}

row! {
    struct PartedRow {
        from_id: MemberId,
        into_id: MemberId,
        origin_id: MemberId,
    }
}

row! {
    struct ClaimedRow {
        id: CardId,
        from_id: MemberId,
        into_id: MemberId,
        ended_at: Timestamp,
        ended_points: Points,
    }
}

const MOVE: &str = "
    UPDATE cards
    SET account_id = r.into_id, origin_id = COALESCE(cards.origin_id, r.from_id)
    FROM {rows} AS r
    WHERE cards.program_id = $1 AND cards.account_id = r.from_id";
/// The card that is claimed, and those that it has replaced.
const CLAIM: &str = "
    UPDATE cards
    SET account_id = r.into_id, origin_id = COALESCE(cards.origin_id, r.from_id),
        status = CASE WHEN cards.id = r.id THEN 'CLAIMED' ELSE cards.status END,
        ended_at = CASE WHEN cards.id = r.id THEN r.ended_at ELSE cards.ended_at END,
        ended_points = CASE WHEN cards.id = r.id THEN r.ended_points ELSE cards.ended_points END
    FROM {rows} AS r
    WHERE cards.program_id = $1 AND cards.account_id = r.from_id";
const RETURN: &str = "
    UPDATE cards
    SET account_id = r.into_id,
        origin_id = CASE WHEN r.origin_id <> r.into_id THEN r.origin_id END,
        status = CASE
            WHEN cards.status = 'CLAIMED' AND r.origin_id = r.into_id THEN 'ACTIVE'
            ELSE cards.status
        END,
        ended_at = CASE
            WHEN cards.status = 'CLAIMED' AND r.origin_id = r.into_id THEN NULL
            ELSE cards.ended_at
        END,
        ended_points = CASE
            WHEN cards.status = 'CLAIMED' AND r.origin_id = r.into_id THEN NULL
            ELSE cards.ended_points
        END
    FROM {rows} AS r
    WHERE cards.program_id = $1 AND cards.account_id = r.from_id
        AND cards.origin_id = r.origin_id";

/// Makes the cards of one member another's, in the operation that makes the one the other.
pub(crate) fn hand_over(operation: &mut Operation<'_>, from_id: MemberId, into_id: MemberId) {
    operation.run(MOVE, &MergedRow { from_id, into_id });
}

/// Makes a gift card, which had so many points, a member's that is claimed; returns it as it is then.
/// Why it was issued stays said.
pub(crate) fn claimed(
    operation: &mut Operation<'_>,
    card: &Card,
    into_id: MemberId,
    points: Points,
) -> Card {
    let ended_at = operation.program().now.max(card.issued_at);
    let row = ClaimedRow {
        id: card.id,
        from_id: card.account_id,
        into_id,
        ended_at,
        ended_points: points,
    };
    operation.run(CLAIM, &row);
    Card {
        account_id: into_id,
        status: CardStatus::Claimed,
        ended_at: Some(ended_at),
        ended_points: Some(points),
        ..card.clone()
    }
}

/// Gives a member back the cards that came from it, or from one that was merged into it and goes
/// along.
pub(crate) fn part(
    operation: &mut Operation<'_>,
    (from_id, into_id): (MemberId, MemberId),
    origin_id: MemberId,
) {
    operation.run(RETURN, &PartedRow { from_id, into_id, origin_id });
}
