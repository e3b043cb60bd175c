//! What becomes of memberships when two members are one, and when they are two again. A membership
//! goes with whose it is. Where both belonged to the same group, the survivor's stays and the
//! other's ends; where both accrued to a group, only the survivor's purchases go on doing so. An
//! unmerge gives back what was moved and takes up again what was ended.
//!
//! What two merges have made one ends by the other of them when the one is undone: two people of two
//! groups, who are one by now, and the groups as well, are one person of each group again, and two
//! people again when they are parted.

use crate::db::row;
use crate::operation::Operation;
use crate::{MemberId, Timestamp};

row! {
    struct MergedRow {
        from_id: MemberId,
        into_id: MemberId,
        at: Timestamp,
    }
}

row! {
    struct PartedRow {
        from_id: MemberId,
        into_id: MemberId,
        origin_id: MemberId,
    }
}

/// What is done to the memberships of one of their two ends: of people who are one, or of groups.
struct OfEnd {
    moves: &'static str,
    ends: &'static str,
    parts_doubles: &'static str,
    takes_up: &'static str,
    returns: &'static str,
}

/// The statements of the end `$own`, beside which there is `$other`; with what is set besides where
/// one is moved, and where it goes back, and by what else the person accrues by then.
macro_rules! of_end {
    ($own:literal, $other:literal, $moved:literal, $returned:literal, $elsewhere:literal) => {
        OfEnd {
            // One membership of a person and a group holds at a time.
            moves: concat!(
                "
    UPDATE memberships
    SET ", $own, "_id = r.into_id,
        ", $own, "_origin_id = COALESCE(memberships.", $own, "_origin_id, r.from_id)", $moved, "
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.", $own, "_id = r.from_id
        AND (memberships.left_at IS NOT NULL OR NOT EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.", $own, "_id = r.into_id
                AND o.", $other, "_id = memberships.", $other, "_id AND o.left_at IS NULL
        ))"
            ),
            ends: concat!(
                "
    UPDATE memberships
    SET left_at = CASE WHEN memberships.joined_at > r.at THEN memberships.joined_at ELSE r.at END,
        ended_by = r.from_id
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.", $own, "_id = r.from_id
        AND memberships.left_at IS NULL AND EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.", $own, "_id = r.into_id
                AND o.", $other, "_id = memberships.", $other, "_id AND o.left_at IS NULL
        )"
            ),
            // Of those that would be taken up as the same all but one are ended by the merge that made
            // them the same.
            parts_doubles: concat!(
                "
    UPDATE memberships
    SET ", $other, "_id = memberships.", $other, "_origin_id, ", $other, "_origin_id = NULL,
        ended_by = memberships.", $other, "_origin_id,
        accrual = COALESCE(memberships.origin_accrual, memberships.accrual),
        origin_accrual = NULL, origin_until = NULL
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.", $own, "_id = r.origin_id
        AND memberships.ended_by = r.origin_id AND r.origin_id = r.into_id
        AND memberships.", $other, "_origin_id IS NOT NULL AND EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.", $own, "_id = r.origin_id
                AND o.", $other, "_id = memberships.", $other, "_id
                AND o.ended_by = r.origin_id AND o.id <> memberships.id
                AND (o.", $other, "_origin_id IS NULL OR o.id < memberships.id)
        )"
            ),
            // What the member's own merge ended. A person accrues to one group at the most.
            takes_up: concat!(
                "
    UPDATE memberships
    SET left_at = NULL, ended_by = NULL,
        accrual = CASE WHEN EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.left_at IS NULL AND ", $elsewhere, "
            ) THEN 'MEMBER' ELSE memberships.accrual END
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.", $own, "_id = r.origin_id
        AND memberships.ended_by = r.origin_id AND r.origin_id = r.into_id
        AND (memberships.", $other, "_origin_id IS NULL OR NOT EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.", $own, "_id = r.origin_id
                AND o.", $other, "_id = memberships.", $other, "_id
                AND o.ended_by = r.origin_id AND o.id <> memberships.id
                AND (o.", $other, "_origin_id IS NULL OR o.id < memberships.id)
        ))"
            ),
            returns: concat!(
                "
    UPDATE memberships
    SET ", $own, "_id = r.into_id,
        ", $own, "_origin_id = CASE WHEN r.origin_id <> r.into_id THEN r.origin_id END", $returned, "
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.", $own, "_id = r.from_id
        AND memberships.", $own, "_origin_id = r.origin_id"
            ),
        }
    };
}

/// Of people who both accrued to a group one goes on, and an unmerge says so again, unless the
/// person went on to another since.
const OF_PERSON: OfEnd = of_end!(
    "person",
    "group",
    ",
        accrual = CASE WHEN memberships.left_at IS NULL AND EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.person_id = r.into_id AND o.left_at IS NULL
                    AND o.accrual <> 'MEMBER'
            ) THEN 'MEMBER' ELSE memberships.accrual END,
        origin_accrual = COALESCE(memberships.origin_accrual, memberships.accrual),
        origin_until = CASE WHEN memberships.left_at IS NULL
                AND memberships.accrual <> 'MEMBER' AND EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.person_id = r.into_id AND o.left_at IS NULL
                    AND o.accrual <> 'MEMBER'
            ) THEN r.at ELSE memberships.origin_until END",
    ",
        accrual = CASE
            WHEN r.origin_id <> r.into_id OR memberships.left_at IS NOT NULL
                THEN memberships.accrual
            ELSE COALESCE(memberships.origin_accrual, memberships.accrual)
        END,
        origin_accrual = CASE WHEN r.origin_id <> r.into_id THEN memberships.origin_accrual END,
        origin_until = CASE WHEN r.origin_id <> r.into_id THEN memberships.origin_until END",
    "o.person_id = r.from_id
                    AND o.person_origin_id = r.origin_id
                    AND COALESCE(o.origin_accrual, o.accrual) <> 'MEMBER'"
);
const OF_GROUP: OfEnd = of_end!(
    "group",
    "person",
    "",
    "",
    "o.person_id = memberships.person_id
                    AND o.accrual <> 'MEMBER'"
);

/// Makes the memberships of one member another's, in the operation that makes the one the other.
pub(crate) fn hand_over(operation: &mut Operation<'_>, from_id: MemberId, into_id: MemberId) {
    let row = MergedRow { from_id, into_id, at: operation.decided_at() };
    // What is moved is out of the way of what ends.
    for OfEnd { moves, ends, .. } in [OF_PERSON, OF_GROUP] {
        operation.run(moves, &row);
        operation.run(ends, &row);
    }
}

/// Gives a member back what came from it, or from one that was merged into it and goes along.
pub(crate) fn part(
    operation: &mut Operation<'_>,
    (from_id, into_id): (MemberId, MemberId),
    origin_id: MemberId,
) {
    let row = PartedRow { from_id, into_id, origin_id };
    for OfEnd { parts_doubles, takes_up, returns, .. } in [OF_PERSON, OF_GROUP] {
        operation.run(parts_doubles, &row);
        operation.run(takes_up, &row);
        operation.run(returns, &row);
    }
}
