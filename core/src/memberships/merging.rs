//! What becomes of memberships when two members are one, and when they are two again. A membership
//! goes with whose it is. Where both belonged to the same group, the survivor's stays and the
//! other's ends; where both accrued to a group, only the survivor's purchases go on doing so. An
//! unmerge gives back what was moved and takes up again what was ended.

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

/// One membership of a person and a group holds at a time.
const MOVE_OF_PERSON: &str = "
    UPDATE memberships
    SET person_id = r.into_id,
        person_origin_id = COALESCE(memberships.person_origin_id, r.from_id),
        accrual = CASE WHEN memberships.left_at IS NULL AND EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.person_id = r.into_id AND o.left_at IS NULL
                    AND o.accrual <> 'MEMBER'
            ) THEN 'MEMBER' ELSE memberships.accrual END,
        origin_accrual = COALESCE(memberships.origin_accrual, memberships.accrual)
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.person_id = r.from_id
        AND (memberships.left_at IS NOT NULL OR NOT EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.person_id = r.into_id
                AND o.group_id = memberships.group_id AND o.left_at IS NULL
        ))";
const END_OF_PERSON: &str = "
    UPDATE memberships
    SET left_at = CASE WHEN memberships.joined_at > r.at THEN memberships.joined_at ELSE r.at END,
        ended_by = r.from_id
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.person_id = r.from_id
        AND memberships.left_at IS NULL AND EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.person_id = r.into_id
                AND o.group_id = memberships.group_id AND o.left_at IS NULL
        )";
const MOVE_OF_GROUP: &str = "
    UPDATE memberships
    SET group_id = r.into_id,
        group_origin_id = COALESCE(memberships.group_origin_id, r.from_id)
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.group_id = r.from_id
        AND (memberships.left_at IS NOT NULL OR NOT EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.group_id = r.into_id
                AND o.person_id = memberships.person_id AND o.left_at IS NULL
        ))";
const END_OF_GROUP: &str = "
    UPDATE memberships
    SET left_at = CASE WHEN memberships.joined_at > r.at THEN memberships.joined_at ELSE r.at END,
        ended_by = r.from_id
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.group_id = r.from_id
        AND memberships.left_at IS NULL AND EXISTS (
            SELECT 1
            FROM memberships AS o
            WHERE o.program_id = $1 AND o.group_id = r.into_id
                AND o.person_id = memberships.person_id AND o.left_at IS NULL
        )";

/// Takes up what the member's merge ended. It accrues to one group at the most: to another if that
/// comes back with it, or if the person went on to another since.
const TAKE_UP_OF_PERSON: &str = "
    UPDATE memberships
    SET left_at = NULL, ended_by = NULL,
        accrual = CASE WHEN EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.person_id = r.from_id
                    AND o.person_origin_id = r.origin_id AND o.left_at IS NULL
                    AND COALESCE(o.origin_accrual, o.accrual) <> 'MEMBER'
            ) THEN 'MEMBER' ELSE memberships.accrual END
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.person_id = r.origin_id
        AND memberships.ended_by = r.origin_id AND r.origin_id = r.into_id";
const RETURN_OF_PERSON: &str = "
    UPDATE memberships
    SET person_id = r.into_id,
        person_origin_id = CASE WHEN r.origin_id <> r.into_id THEN r.origin_id END,
        accrual = CASE
            WHEN r.origin_id <> r.into_id OR memberships.left_at IS NOT NULL
                THEN memberships.accrual
            ELSE COALESCE(memberships.origin_accrual, memberships.accrual)
        END,
        origin_accrual = CASE WHEN r.origin_id <> r.into_id THEN memberships.origin_accrual END
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.person_id = r.from_id
        AND memberships.person_origin_id = r.origin_id";
const TAKE_UP_OF_GROUP: &str = "
    UPDATE memberships
    SET left_at = NULL, ended_by = NULL,
        accrual = CASE WHEN EXISTS (
                SELECT 1
                FROM memberships AS o
                WHERE o.program_id = $1 AND o.person_id = memberships.person_id
                    AND o.left_at IS NULL AND o.accrual <> 'MEMBER'
            ) THEN 'MEMBER' ELSE memberships.accrual END
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.group_id = r.origin_id
        AND memberships.ended_by = r.origin_id AND r.origin_id = r.into_id";
const RETURN_OF_GROUP: &str = "
    UPDATE memberships
    SET group_id = r.into_id,
        group_origin_id = CASE WHEN r.origin_id <> r.into_id THEN r.origin_id END
    FROM {rows} AS r
    WHERE memberships.program_id = $1 AND memberships.group_id = r.from_id
        AND memberships.group_origin_id = r.origin_id";

/// Makes the memberships of one member another's, in the operation that makes the one the other.
pub(crate) fn hand_over(operation: &mut Operation<'_>, from_id: MemberId, into_id: MemberId) {
    let row = MergedRow { from_id, into_id, at: operation.program().now };
    // What is moved is out of the way of what ends.
    for sql in [MOVE_OF_PERSON, END_OF_PERSON, MOVE_OF_GROUP, END_OF_GROUP] {
        operation.run(sql, &row);
    }
}

/// Gives a member back what came from it, or from one that was merged into it and goes along.
pub(crate) fn part(
    operation: &mut Operation<'_>,
    (from_id, into_id): (MemberId, MemberId),
    origin_id: MemberId,
) {
    let row = PartedRow { from_id, into_id, origin_id };
    for sql in [TAKE_UP_OF_PERSON, RETURN_OF_PERSON, TAKE_UP_OF_GROUP, RETURN_OF_GROUP] {
        operation.run(sql, &row);
    }
}
