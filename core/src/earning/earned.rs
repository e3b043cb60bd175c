//! What awards come to: cut at the ceiling of their type, and added up by the terms on which they are
//! given.

use super::Award;
use crate::accounts::{PointType, Terms};
use crate::definition::Definition;
use crate::{Points, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pending: Points,
    /// What the awards exceed the ceiling of the type by.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: Points,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(super) fn is_zero(points: &Points) -> bool {
    *points == Points::ZERO
}

/// Adds awards up that are given at `at`, in their order: what is beyond the ceiling of a type is cut from the last ones.
pub(super) fn add_up(
    definition: &Definition,
    awards: &[(Award, Terms)],
    at: Timestamp,
) -> Result<(Vec<Earned>, BTreeMap<PointType, OfType>)> {
    let mut earned: Vec<Earned> = Vec::new();
    let mut by_type: BTreeMap<PointType, OfType> = BTreeMap::new();
    for (award, terms) in awards {
        let of_type = by_type.entry(terms.point_type.clone()).or_default();
        let most = definition.points_of(&terms.point_type).purchase_max;
        let points = award.points.min(most.minus(of_type.points)?);
        of_type.points = of_type.points.plus(points)?;
        of_type.cut = of_type.cut.plus(award.points.minus(points)?)?;
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
