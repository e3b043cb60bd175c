//! All that an unmerge has to know, in one look: who came with the member, and what came from them.

use crate::accounts::{Parting, PointType};
use crate::db::{Answers, Look, Question, row};
use crate::hash::ArgumentsHash;
use crate::idempotency::IdempotencyKey;
use crate::members::{MemberRef, not_found};
use crate::{HoldId, LotId, MemberId, Points, Result, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A member who is to be one of its own again, and what goes with it.
pub(super) struct Parted {
    pub(super) member: MemberId,
    /// Whom it was merged into, if it is.
    pub(super) survivor: Option<MemberId>,
    /// The arguments of the unmerge that an earlier request made under the key.
    pub(super) known: Option<ArgumentsHash>,
    /// It, and whoever was merged into it, with their external ids.
    pub(super) kin: BTreeMap<MemberId, String>,
    pub(super) parting: Parting,
    /// An open hold of the survivor's own that has reserved points that would go back.
    pub(super) mixed_hold: Option<HoldId>,
}

row! {
    struct NameKey {
        id: Option<MemberId>,
        external_id: Option<String>,
    }
}

row! {
    struct KeyRow {
        key: String,
    }
}

row! {
    struct TargetRow {
        id: MemberId,
        merged_into: Option<MemberId>,
    }
}

row! {
    /// The survivor, or one who was merged into it, and whom that one was merged into first.
    struct FamilyRow {
        id: MemberId,
        external_id: String,
        merged_to: Option<MemberId>,
    }
}

row! {
    struct KnownRow {
        arguments_hash: ArgumentsHash,
    }
}

row! {
    struct OwedRow {
        merged_at: Timestamp,
        owed: Value,
    }
}

row! {
    struct LotOriginRow {
        lot_id: LotId,
        origin_id: MemberId,
    }
}

row! {
    /// An open hold with a lot that it took from, and whose both were.
    struct HoldOriginRow {
        hold_id: HoldId,
        origin_id: MemberId,
        lot_origin_id: MemberId,
    }
}

row! {
    /// What a member has bought.
    struct BoughtRow {
        member_id: MemberId,
        purchases: i64,
        purchases_for_groups: i64,
        spent_minor: i64,
        first_at: Option<Timestamp>,
        last_at: Option<Timestamp>,
    }
}

row! {
    /// What a member has earned.
    struct EarnedRow {
        member_id: MemberId,
        point_type: PointType,
        points: Points,
    }
}

const TARGET: &str = "
    SELECT m.id, m.external_id, m.merged_into
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = k.id
    UNION
    SELECT m.id, m.external_id, m.merged_into
    FROM {rows} AS k EACH members AS m
    WHERE m.program_id = $1 AND m.external_id = k.external_id";
const FAMILY: &str = "
    SELECT m.id, m.external_id, m.merged_to
    FROM target AS k EACH members AS m
    WHERE m.program_id = $1 AND m.id = COALESCE(k.merged_into, k.id)
    UNION
    SELECT m.id, m.external_id, m.merged_to
    FROM target AS k EACH members AS m
    WHERE m.program_id = $1 AND m.merged_into = COALESCE(k.merged_into, k.id)";
const REQUEST: &str = "
    SELECT t.id AS member_id, r.key
    FROM target AS t CROSS JOIN {rows} AS r";
const KNOWN: &str = "
    SELECT u.arguments_hash
    FROM request AS k EACH unmerges AS u
    WHERE u.program_id = $1 AND u.member_id = k.member_id AND u.idempotency_key = k.key";
const OWED: &str = "
    SELECT g.merged_at, g.owed
    FROM target AS k EACH merges AS g
    WHERE g.program_id = $1 AND g.from_id = k.id";
const WHO: &str = "
    SELECT id
    FROM target
    UNION
    SELECT merged_into
    FROM target
    WHERE merged_into IS NOT NULL";
const LOTS: &str = "
    SELECT l.id, l.transaction_id
    FROM target AS k EACH lots AS l
    WHERE l.program_id = $1 AND l.account_id = k.merged_into AND l.remaining > 0";
/// What a purchase earned came from whose the purchase was, also by an edit that was recorded since.
const LOT_ORIGINS: &str = "
    SELECT k.id AS lot_id, COALESCE(b.member_id, t.account_id) AS origin_id
    FROM survivors_lots AS k EACH transactions AS t
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    WHERE t.program_id = $1 AND t.id = k.transaction_id";
const HOLDS: &str = "
    SELECT h.id, h.account_id, h.transaction_id, t.account_id AS origin_id
    FROM target AS k EACH holds AS h
    JOIN transactions AS t ON t.program_id = $1 AND t.id = h.transaction_id
    WHERE h.program_id = $1 AND h.account_id = k.merged_into AND h.ended_at IS NULL";
const HOLD_ORIGINS: &str = "
    SELECT k.id AS hold_id, k.origin_id, COALESCE(b.member_id, t.account_id) AS lot_origin_id
    FROM survivors_holds AS k EACH lot_uses AS u
    JOIN lots AS l ON l.program_id = $1 AND l.account_id = k.account_id AND l.id = u.lot_id
    JOIN transactions AS t ON t.program_id = $1 AND t.id = l.transaction_id
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    WHERE u.program_id = $1 AND u.transaction_id = k.transaction_id";
/// What `perennial verify` compares accounts with, of the family alone.
const BOUGHT: &str = "
    SELECT b.member_id, b.returned_at, b.purchased_at, b.total_minor - b.paid_minor AS money_minor,
        b.id, b.is_counted
    FROM family AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.member_id = k.id AND (b.is_counted = 1 OR b.accrual = 'GROUP')";
const BOUGHT_BACK: &str = "
    SELECT k.member_id, r.amount_minor - r.paid_minor AS money_minor
    FROM bought AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id AND k.is_counted = 1
    UNION ALL
    SELECT k.member_id, -i.added_minor AS money_minor
    FROM bought AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id AND k.is_counted = 1";
const STATISTICS: &str = "
    SELECT b.member_id,
        CAST(SUM(CASE WHEN b.returned_at IS NULL THEN b.is_counted ELSE 0 END) AS BIGINT)
            AS purchases,
        CAST(SUM(CASE WHEN b.returned_at IS NULL THEN 1 - b.is_counted ELSE 0 END) AS BIGINT)
            AS purchases_for_groups,
        CAST(SUM(b.is_counted * b.money_minor) - COALESCE((
            SELECT SUM(r.money_minor)
            FROM bought_back AS r
            WHERE r.member_id = b.member_id
        ), 0) AS BIGINT) AS spent_minor,
        MIN(CASE WHEN b.returned_at IS NULL AND b.is_counted = 1 THEN b.purchased_at END)
            AS first_at,
        MAX(CASE WHEN b.returned_at IS NULL AND b.is_counted = 1 THEN b.purchased_at END)
            AS last_at
    FROM bought AS b
    GROUP BY b.member_id";
/// What was pending counts for whose it was when it was promised, whoever had it when it could be
/// spent.
const EARNED: &str = "
    SELECT COALESCE(b.member_id, p.account_id, k.id) AS member_id, e.point_type, e.amount
    FROM family AS k EACH transactions AS t
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id
        AND e.account_id = t.account_id
    LEFT JOIN pendings AS g ON g.program_id = $1 AND g.earn_id = t.id
    LEFT JOIN transactions AS p ON p.program_id = $1 AND p.id = g.transaction_id
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = COALESCE(p.purchase_id, t.purchase_id)
    LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = t.id
    WHERE t.program_id = $1 AND t.account_id = k.id AND v.voided_id IS NULL
        AND (t.kind = 'EARN' OR (t.kind IN ('ADJUST', 'OPENING') AND e.amount > 0
            AND CAST(t.explanation ->> 'countsAsEarned' AS TEXT) IN ('true', '1')))
    UNION ALL
    SELECT k.id AS member_id, 'POINTS' AS point_type, r.points_pending - r.points AS amount
    FROM family AS k EACH purchases AS b
    JOIN returns AS r ON r.program_id = $1 AND r.purchase_id = b.id
    LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = b.transaction_id
    LEFT JOIN return_earnings AS o ON o.program_id = $1 AND o.purchase_id = r.purchase_id
        AND o.return_id = r.id
    WHERE b.program_id = $1 AND b.member_id = k.id AND v.voided_id IS NULL
        AND o.return_id IS NULL
    UNION ALL
    SELECT k.id AS member_id, e.point_type, r.points_pending - r.points AS amount
    FROM family AS k EACH purchases AS b
    JOIN return_earnings AS r ON r.program_id = $1 AND r.purchase_id = b.id
    JOIN purchase_earnings AS e ON e.program_id = $1 AND e.purchase_id = r.purchase_id
        AND e.transaction_id = r.transaction_id
    LEFT JOIN voids AS v ON v.program_id = $1 AND v.voided_id = r.transaction_id
    WHERE b.program_id = $1 AND b.member_id = k.id AND v.voided_id IS NULL";
const EARNED_IN_ALL: &str = "
    SELECT member_id, point_type, CAST(SUM(amount) AS BIGINT) AS points
    FROM earned
    GROUP BY member_id, point_type";

/// The questions of an unmerge.
#[derive(Clone, Copy)]
pub(super) struct KinQuestions {
    target: Question<TargetRow>,
    family: Question<FamilyRow>,
    known: Question<KnownRow>,
    owed: Question<OwedRow>,
    lots: Question<LotOriginRow>,
    holds: Question<HoldOriginRow>,
    bought: Question<BoughtRow>,
    earned: Question<EarnedRow>,
}

impl KinQuestions {
    pub(super) fn ask(look: &mut Look, member: &MemberRef, key: &IdempotencyKey) -> Self {
        let name = match member {
            MemberRef::Id(id) => NameKey { id: Some(*id), external_id: None },
            MemberRef::ExternalId(external_id) => {
                NameKey { id: None, external_id: Some(external_id.clone()) }
            }
        };
        look.table_over("target", TARGET, &[name]);
        look.table("family", FAMILY);
        look.table("who", WHO);
        look.table_over("request", REQUEST, &[KeyRow { key: key.key.clone() }]);
        look.table("survivors_lots", LOTS);
        look.table("survivors_holds", HOLDS);
        look.table("bought", BOUGHT);
        look.table("bought_back", BOUGHT_BACK);
        look.table("earned", EARNED);
        Self {
            target: look.ask("SELECT id, merged_into FROM target"),
            family: look.ask("SELECT id, external_id, merged_to FROM family"),
            known: look.ask(KNOWN),
            owed: look.ask(OWED),
            lots: look.ask(LOT_ORIGINS),
            holds: look.ask(HOLD_ORIGINS),
            bought: look.ask(STATISTICS),
            earned: look.ask(EARNED_IN_ALL),
        }
    }

    /// Fails with `MEMBER_NOT_FOUND`.
    pub(super) fn read(self, answers: &Answers) -> Result<Parted> {
        let target = answers.rows(self.target)?.pop();
        let TargetRow { id: member, merged_into: survivor } =
            target.ok_or_else(|| not_found().at("member"))?;
        let family = answers.rows(self.family)?;
        let kin = kin(member, &family);
        let mut parted = Parted {
            member,
            survivor,
            known: answers.rows(self.known)?.pop().map(|row| row.arguments_hash),
            kin,
            parting: Parting::default(),
            mixed_hold: None,
        };
        let last = answers.rows(self.owed)?.into_iter().max_by_key(|row| row.merged_at);
        for (point_type, points) in last.iter().filter_map(|row| row.owed.as_object()).flatten() {
            let points = Points::new(points.as_i64().unwrap_or_default());
            parted.parting.owed.insert(PointType::of_stored(point_type.clone()), points);
        }
        for row in answers.rows(self.lots)? {
            if parted.kin.contains_key(&row.origin_id) {
                parted.parting.lots.insert(row.lot_id);
            }
        }
        for row in answers.rows(self.holds)? {
            if parted.kin.contains_key(&row.origin_id) {
                parted.parting.holds.insert(row.hold_id);
            } else if parted.kin.contains_key(&row.lot_origin_id) {
                parted.mixed_hold = Some(row.hold_id);
            }
        }
        self.read_standing(answers, &mut parted)?;
        Ok(parted)
    }

    fn read_standing(self, answers: &Answers, parted: &mut Parted) -> Result<()> {
        let Parted { kin, parting, .. } = parted;
        for row in answers.rows(self.bought)? {
            if !kin.contains_key(&row.member_id) {
                let firsts = [parting.first_purchase_at, row.first_at];
                parting.first_purchase_at = firsts.into_iter().flatten().min();
                parting.last_purchase_at = parting.last_purchase_at.max(row.last_at);
                continue;
            }
            let standing = &mut parting.standing;
            standing.purchases += row.purchases;
            standing.purchases_for_groups += row.purchases_for_groups;
            standing.spent_minor += row.spent_minor;
            let firsts = [standing.first_purchase_at, row.first_at];
            standing.first_purchase_at = firsts.into_iter().flatten().min();
            standing.last_purchase_at = standing.last_purchase_at.max(row.last_at);
        }
        for row in answers.rows(self.earned)? {
            if kin.contains_key(&row.member_id) {
                let earned = parting.standing.earned.entry(row.point_type).or_default();
                *earned = earned.plus(row.points)?;
            }
        }
        Ok(())
    }
}

/// A member, and all who were merged into it, by whichever way.
fn kin(member: MemberId, family: &[FamilyRow]) -> BTreeMap<MemberId, String> {
    let mut kin = BTreeSet::from([member]);
    loop {
        let before = kin.len();
        let comes_with = |row: &&FamilyRow| row.merged_to.is_some_and(|to| kin.contains(&to));
        let found: Vec<_> = family.iter().filter(comes_with).map(|row| row.id).collect();
        kin.extend(found);
        if kin.len() == before {
            break;
        }
    }
    let is_kin = |row: &&FamilyRow| kin.contains(&row.id);
    family.iter().filter(is_kin).map(|row| (row.id, row.external_id.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_merged_into_one_who_goes_goes_along_and_nobody_else() {
        let ids: Vec<_> = (0..5).map(|_| MemberId::new()).collect();
        let row = |index: usize, to: Option<usize>| FamilyRow {
            id: ids[index],
            external_id: index.to_string(),
            merged_to: to.map(|to| ids[to]),
        };
        // 0 is the survivor; 2 and 3 came by way of 1.
        let family =
            [row(3, Some(2)), row(2, Some(1)), row(1, Some(0)), row(0, None), row(4, Some(0))];
        let names = |index: usize| kin(ids[index], &family).into_values().collect::<Vec<_>>();
        assert_eq!(names(1), ["1", "2", "3"]);
        assert_eq!(names(2), ["2", "3"]);
        assert_eq!(names(4), ["4"]);
    }
}
