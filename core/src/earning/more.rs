//! What a purchase gives that has become another: what it would give by itself, and which of its awards
//! are new. Pure.

use super::{Award, Judged, OfType};
use crate::accounts::{PointType, Room};
use crate::definition::Definition;
use crate::{Points, Result, Timestamp};
use std::collections::BTreeMap;

impl Judged<'_> {
    /// What it gives of each type under the caps of one purchase, whatever else its member got.
    pub(crate) fn by_type(
        &self,
        definition: &Definition,
        at: Timestamp,
    ) -> Result<BTreeMap<PointType, OfType>> {
        let room_of = |of: &PointType| Ok(Room::of_one(&definition.points_of(of).caps));
        let appraisal = self.appraise(definition, None, at, room_of)?;
        let mut all = appraisal.others;
        if self.awards.iter().any(|(award, _)| award.point_type.is_main()) {
            let (points, pending) = (appraisal.points, appraisal.pending);
            let (cut, cuts) = (appraisal.cut, appraisal.cuts);
            all.insert(PointType::main(), OfType { points, pending, cut, cuts });
        }
        Ok(all)
    }

    /// So many points of each type as awards: of what each gives that it did not give `before`, then
    /// of all that it gives, the first awards first.
    pub(crate) fn more(
        &self,
        before: Option<&Self>,
        points: &BTreeMap<PointType, Points>,
    ) -> Result<Self> {
        let mut left = points.clone();
        let mut more = self.nothing();
        let gave = |award: &Award| before.map_or(Points::ZERO, |before| before.gives(award));
        for is_new in [true, false] {
            for ((award, _), (given, _)) in self.awards.iter().zip(&mut more.awards) {
                let Some(left) = left.get_mut(&award.point_type) else { continue };
                let given_before = if is_new { gave(award) } else { given.points };
                let most = award.points.minus(given_before)?.max(Points::ZERO).min(*left);
                given.points = given.points.plus(most)?;
                *left = left.minus(most)?;
            }
        }
        // What an order keeps that gives less by now.
        for (given, _) in &mut more.awards {
            let rest = left.remove(&given.point_type).unwrap_or(Points::ZERO);
            given.points = given.points.plus(rest)?;
        }
        more.awards.retain(|(award, _)| award.points.is_positive());
        Ok(more)
    }

    fn gives(&self, award: &Award) -> Points {
        let mut awards = self.awards.iter().map(|(known, _)| known);
        let is_it =
            |known: &&Award| known.source == award.source && known.point_type == award.point_type;
        awards.find(is_it).map_or(Points::ZERO, |known| known.points)
    }

    /// The same awards of nothing.
    fn nothing(&self) -> Self {
        let of_nothing = |award: &Award| Award { points: Points::ZERO, ..award.clone() };
        let awards = self.awards.iter().map(|(award, rule)| (of_nothing(award), *rule));
        Self { awards: awards.collect(), failures: self.failures.clone() }
    }
}
