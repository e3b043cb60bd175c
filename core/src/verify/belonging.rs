//! Who belongs to which group, and may spend what it has: as the events tell, which are sealed.

use super::Subject;
use super::report::Fault;
use crate::db::{Snapshot, id};
use crate::sealing::EventRow;
use crate::{MemberId, MembershipId, Result, Timestamp};
use futures::TryStreamExt;
use sea_orm::QueryResult;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

/// With the member whose event tells of it.
const ROWS: &str = "
    SELECT g.id, g.group_id, g.person_id, g.group_origin_id, g.person_origin_id,
        COALESCE(g.origin_accrual, g.accrual), CAST(g.may_spend AS BIGINT), g.joined_at,
        CAST(CASE WHEN g.left_at IS NULL THEN 0 ELSE 1 END AS BIGINT)
    FROM memberships AS g
    WHERE g.program_id = $1
    ORDER BY g.id";
/// Whose memberships went with a merge, or ended by it.
const MERGED: &str = "
    SELECT g.from_id, g.into_id
    FROM merges AS g
    WHERE g.program_id = $1
    UNION
    SELECT m.id, m.merged_into
    FROM members AS m
    WHERE m.program_id = $1 AND m.merged_into IS NOT NULL";
const ERASED: &str = "
    SELECT z.member_id, z.member_id
    FROM erasures AS z
    WHERE z.program_id = $1";

/// What an event tells of a membership.
pub(super) enum Step {
    Joined(MembershipId, Terms),
    Changed(MembershipId, String, bool, Option<Timestamp>),
    Left(MembershipId),
    /// One that does not name it, as events of earlier builds.
    Unnamed,
}

/// How a membership is by what was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    group: MemberId,
    person: MemberId,
    accrual: String,
    may_spend: bool,
    joined_at: Timestamp,
    is_left: bool,
}

/// Memberships as events tell, in the order of the journal. Some hundred bytes of each.
#[derive(Default)]
pub(super) struct Belonging {
    told: BTreeMap<MembershipId, Terms>,
    is_unnamed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    membership_id: Option<MembershipId>,
    group_id: MemberId,
    accrual: Option<String>,
    may_spend: Option<bool>,
    joined_at: Option<Timestamp>,
}

/// What an event tells of a membership, if it does.
pub(super) fn step(event: &EventRow) -> Option<Step> {
    if !matches!(event.name.as_str(), "group-joined" | "membership-changed" | "group-left") {
        return None;
    }
    let Ok(Data { membership_id: Some(id), group_id, accrual, may_spend, joined_at }) =
        serde_json::from_str(&event.data)
    else {
        return Some(Step::Unnamed);
    };
    Some(match (event.name.as_str(), accrual, may_spend, joined_at) {
        ("group-joined", Some(accrual), Some(may_spend), Some(joined_at)) => Step::Joined(
            id,
            Terms {
                group: group_id,
                person: event.member_id,
                accrual,
                may_spend,
                joined_at,
                is_left: false,
            },
        ),
        ("membership-changed", Some(accrual), Some(may_spend), joined_at) => {
            Step::Changed(id, accrual, may_spend, joined_at)
        }
        ("group-left", ..) => Step::Left(id),
        _ => Step::Unnamed,
    })
}

impl Belonging {
    pub(super) fn follow(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Joined(id, terms) => {
                    self.told.insert(id, terms);
                }
                Step::Changed(id, accrual, may_spend, joined_at) => {
                    if let Some(terms) = self.told.get_mut(&id) {
                        (terms.accrual, terms.may_spend) = (accrual, may_spend);
                        terms.joined_at = joined_at.unwrap_or(terms.joined_at);
                    }
                }
                Step::Left(id) => {
                    if let Some(terms) = self.told.get_mut(&id) {
                        terms.is_left = true;
                    }
                }
                Step::Unnamed => self.is_unnamed = true,
            }
        }
    }

    /// How many rows there are, and the first that is not as it was told.
    pub(super) async fn compare(
        mut self,
        snapshot: &mut Snapshot,
        subject: &Subject,
    ) -> Result<(u64, Option<Fault>)> {
        let (merged, erased) =
            (pairs(snapshot, subject, MERGED).await?, pairs(snapshot, subject, ERASED).await?);
        let (mut many, mut fault) = (0, None);
        let mut rows = snapshot.stream(ROWS, [id(subject.id)]);
        while let Some(row) = rows.try_next().await? {
            many += 1;
            let row = Row::of(&row)?;
            let told = self.told.remove(&row.id);
            if fault.is_none() && !self.is_unnamed && !row.of_any(&erased) {
                fault = row.fault(told, row.of_any(&merged));
            }
        }
        // Those of somebody who was erased are gone, also if they were another's by then.
        let is_kept = |terms: &Terms| {
            let is_of = |members: &HashSet<MemberId>| {
                members.contains(&terms.group) || members.contains(&terms.person)
            };
            !is_of(&erased) && (erased.is_empty() || !is_of(&merged))
        };
        let mut left = self.told.into_iter().filter(|_| !self.is_unnamed);
        let gone = left
            .find(|(_, terms)| is_kept(terms))
            .map(|(id, terms)| Fault::new("memberships", id, terms.shown(), "no row"));
        Ok((many, fault.or(gone)))
    }
}

async fn pairs(snapshot: &mut Snapshot, subject: &Subject, sql: &str) -> Result<HashSet<MemberId>> {
    let mut all = HashSet::new();
    let mut rows = snapshot.stream(sql, [id(subject.id)]);
    while let Some(row) = rows.try_next().await? {
        all.extend([row.try_get_by_index::<MemberId>(0)?, row.try_get_by_index(1)?]);
    }
    Ok(all)
}

/// A row, with the group and the person of now and of before a merge.
struct Row {
    id: MembershipId,
    groups: [Option<MemberId>; 2],
    people: [Option<MemberId>; 2],
    accrual: String,
    /// As it is stored: 1 if the person may.
    may_spend: i64,
    joined_at: Timestamp,
    is_left: bool,
}

impl Row {
    fn of(row: &QueryResult) -> Result<Self> {
        let (may_spend, is_left): (i64, i64) = (row.try_get_by_index(6)?, row.try_get_by_index(8)?);
        Ok(Self {
            id: row.try_get_by_index(0)?,
            groups: [row.try_get_by_index(1)?, row.try_get_by_index(3)?],
            people: [row.try_get_by_index(2)?, row.try_get_by_index(4)?],
            accrual: row.try_get_by_index(5)?,
            may_spend,
            joined_at: row.try_get_by_index(7)?,
            is_left: is_left != 0,
        })
    }

    fn of_any(&self, members: &HashSet<MemberId>) -> bool {
        self.groups.iter().chain(&self.people).flatten().any(|member| members.contains(member))
    }

    /// A merge ends memberships and makes purchases accrue elsewhere, and no event tells of that; it
    /// lets nobody spend.
    fn fault(&self, told: Option<Terms>, is_merged: bool) -> Option<Fault> {
        let Some(told) = told else {
            let expected = "an event that tells of it";
            return Some(Fault::new("memberships", self.id, expected, self.shown()));
        };
        let may_spend = i64::from(told.may_spend);
        let is_same = self.groups.contains(&Some(told.group))
            && self.people.contains(&Some(told.person))
            && self.joined_at == told.joined_at
            && match is_merged {
                true => may_spend >= self.may_spend && self.is_left >= told.is_left,
                false => {
                    may_spend == self.may_spend
                        && told.is_left == self.is_left
                        && told.accrual == self.accrual
                }
            };
        (!is_same).then(|| Fault::new("memberships", self.id, told.shown(), self.shown()))
    }

    fn shown(&self) -> String {
        let shown = |of: [Option<MemberId>; 2]| of[0].map_or_else(String::new, |id| id.to_string());
        show(
            (&shown(self.people), &shown(self.groups)),
            &self.accrual,
            (self.may_spend != 0, self.is_left, self.joined_at),
        )
    }
}

impl Terms {
    fn shown(&self) -> String {
        show(
            (&self.person.to_string(), &self.group.to_string()),
            &self.accrual,
            (self.may_spend, self.is_left, self.joined_at),
        )
    }
}

fn show(
    (person, group): (&str, &str),
    accrual: &str,
    (may_spend, is_left, joined_at): (bool, bool, Timestamp),
) -> String {
    let spends = if may_spend { "may spend" } else { "may not spend" };
    let left = if is_left { ", has left" } else { "" };
    format!("{person} in {group} since {joined_at}, {accrual}, {spends}{left}")
}
