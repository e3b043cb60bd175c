//! What awards come to: cut at the ceiling of their type, and added up by the terms on which they are
//! given.

use super::Award;
use crate::accounts::{Cap, Cut, PointType, Room, Terms, add_cuts};
use crate::definition::Definition;
use crate::{Points, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Points that are earned on the same terms, and so become one lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    pub terms: Terms,
    pub points: Points,
    /// Why, for people.
    pub reasons: Vec<String>,
}

/// What a purchase earns of one type of points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfType {
    pub points: Points,
    /// How many of them cannot be spent yet.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub pending: Points,
    /// What the awards exceed the ceiling of the type by.
    #[serde(default, skip_serializing_if = "Points::is_zero")]
    pub cut: Points,
    /// The same by what cut it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
}

/// Adds awards up that are given at `at`, in their order: what is beyond the ceiling of a type, and
/// what the member has no room for, is cut from the last ones. Fails with `CAP_REACHED` where the
/// program refuses what a cap would cut.
pub(super) fn add_up(
    definition: &Definition,
    awards: &[(Award, Terms)],
    at: Timestamp,
    room_of: impl Fn(&PointType) -> Result<Room>,
) -> Result<(Vec<Earned>, BTreeMap<PointType, OfType>)> {
    let mut earned: Vec<Earned> = Vec::new();
    let mut by_type: BTreeMap<PointType, OfType> = BTreeMap::new();
    let mut rooms = rooms(definition, awards, room_of)?;
    for (award, terms) in awards {
        let of_type = by_type.entry(terms.point_type.clone()).or_default();
        let (points, cuts) = match rooms.get_mut(&terms.point_type) {
            Some(room) => room.cut(award.points)?,
            None => (award.points, Vec::new()),
        };
        of_type.points = of_type.points.plus(points)?;
        of_type.cut = of_type.cut.plus(award.points.minus(points)?)?;
        add_cuts(&mut of_type.cuts, cuts)?;
        if points == Points::ZERO {
            continue;
        }
        if terms.pending_until(at, &definition.zone)?.is_some() {
            of_type.pending = of_type.pending.plus(points)?;
        }
        match earned.iter_mut().find(|earned| earned.terms == *terms) {
            Some(same) => {
                same.points = same.points.plus(points)?;
                same.reasons.push(award.reason.clone());
            }
            None => {
                let reasons = vec![award.reason.clone()];
                earned.push(Earned { terms: terms.clone(), points, reasons });
            }
        }
    }
    Ok((earned, by_type))
}

/// What a purchase may give of each type, checked against all that it would give.
fn rooms(
    definition: &Definition,
    awards: &[(Award, Terms)],
    room_of: impl Fn(&PointType) -> Result<Room>,
) -> Result<BTreeMap<PointType, Room>> {
    let mut rooms = BTreeMap::new();
    for (_, Terms { point_type, .. }) in awards {
        if let Entry::Vacant(entry) = rooms.entry(point_type.clone()) {
            let most = definition.points_of(point_type).purchase_max;
            let room = room_of(point_type)?.after(Cap::Purchase, most);
            let of_type = awards.iter().filter(|(_, terms)| terms.point_type == *point_type);
            let asked = of_type.map(|(award, _)| award.points.min(most));
            room.check(point_type, Points::sum(asked)?.min(most))?;
            entry.insert(room);
        }
    }
    Ok(rooms)
}
