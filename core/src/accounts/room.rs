//! What a member may still get of a type of points, and what is cut of what exceeds it. Pure.

use super::policy::caps::{Cap, Caps};
use crate::{Code, Error, PointType, Points, Result};
use serde::{Deserialize, Serialize};

/// How many points a cap took away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    pub cap: Cap,
    pub points: Points,
}

/// What a member may still get of a type of points, by each of its caps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    all: Vec<Left>,
    /// Whether what exceeds a cap is refused, if somebody asks for it.
    refuses: bool,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    cap: Cap,
    most: Points,
    left: Points,
}

impl Room {
    /// Without a cap yet; whether one refuses what exceeds it.
    pub(super) fn that(refuses: bool) -> Self {
        Self { all: Vec::new(), refuses }
    }

    /// For one purchase, whatever else its member got, and cut in any case.
    pub(crate) fn of_one(caps: &Caps) -> Self {
        let mut room = Self::that(false);
        for (_, most) in caps.most.iter().filter(|(cap, _)| *cap == Cap::Transaction) {
            room.add(Cap::Transaction, *most, *most);
        }
        room
    }

    /// Adds a cap of which something is left, behind the others.
    pub(crate) fn add(&mut self, cap: Cap, most: Points, left: Points) {
        self.all.push(Left { cap, most, left: left.max(Points::ZERO) });
    }

    /// The same behind another cap of which nothing is used yet, unless it says what is left of that.
    pub(crate) fn after(mut self, cap: Cap, most: Points) -> Self {
        if self.all.iter().all(|one| one.cap != cap) {
            self.all.insert(0, Left { cap, most, left: most });
        }
        self
    }

    /// The same if no more than this is left of a cap, where there is one.
    pub(crate) fn with_left(mut self, cap: Cap, left: Points) -> Self {
        for one in self.all.iter_mut().filter(|one| one.cap == cap) {
            one.left = one.left.min(left.max(Points::ZERO));
        }
        self
    }

    /// Takes what is given of so many points out of what is left, and says what each cap cut. A cap
    /// cuts what those before it have left.
    pub(crate) fn cut(&mut self, points: Points) -> Result<(Points, Vec<Cut>)> {
        let (mut given, mut cuts) = (points, Vec::new());
        for Left { cap, left, .. } in &self.all {
            let beyond = given.minus(given.min(*left))?;
            if beyond.is_positive() {
                given = *left;
                cuts.push(Cut { cap: *cap, points: beyond });
            }
        }
        for one in &mut self.all {
            one.left = one.left.minus(given)?;
        }
        Ok((given, cuts))
    }

    /// Fails with `CAP_REACHED` if so many points exceed a cap and the program refuses that. What
    /// exceeds the most that a purchase earns is cut in any case.
    pub(crate) fn check(&self, point_type: &PointType, asked: Points) -> Result<()> {
        for Left { cap, most, left } in self.all.iter().filter(|_| self.refuses) {
            if *cap != Cap::Purchase && asked > *left {
                let (of, meaning) = (point_type.id(), cap.meaning());
                let why = match point_type.is_main() {
                    true => String::new(),
                    false => format!(" of the type `{of}`"),
                };
                let why = format!(
                    "this gives {asked} points{why}, and {left} are left of the {most} {meaning}"
                );
                return Err(Error::new(Code::CapReached, why));
            }
        }
        Ok(())
    }
}

/// Adds cuts up by cap.
pub(crate) fn add_cuts(all: &mut Vec<Cut>, cuts: Vec<Cut>) -> Result<()> {
    for cut in cuts {
        match all.iter_mut().find(|known| known.cap == cut.cap) {
            Some(known) => known.points = known.points.plus(cut.points)?,
            None => all.push(cut),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn room(left: &[(Cap, i64)]) -> Room {
        let mut room = Room::default();
        for (cap, left) in left {
            room.add(*cap, Points::new(1000), Points::new(*left));
        }
        room
    }

    #[test]
    fn each_cap_cuts_what_those_before_it_left() {
        let mut room = room(&[(Cap::Transaction, 80), (Cap::Day, 50), (Cap::Balance, 60)]);
        let cuts = |cut: &[(Cap, i64)]| -> Vec<Cut> {
            cut.iter()
                .map(|(cap, points)| Cut { cap: *cap, points: Points::new(*points) })
                .collect()
        };
        let first = room.cut(Points::new(100)).unwrap();
        assert_eq!(first, (Points::new(50), cuts(&[(Cap::Transaction, 20), (Cap::Day, 30)])));
        let second = room.cut(Points::new(5)).unwrap();
        assert_eq!(second, (Points::ZERO, cuts(&[(Cap::Day, 5)])));
    }

    proptest! {
        #[test]
        fn portions_give_together_what_is_given_at_once(
            left in prop::collection::vec(-50_i64..500, 0..4),
            portions in prop::collection::vec(1_i64..200, 1..8),
        ) {
            let caps = [Cap::Transaction, Cap::Day, Cap::Year, Cap::Balance];
            let of: Vec<_> = caps.into_iter().zip(left.iter().copied()).collect();
            let mut at_once = room(&of);
            let total = portions.iter().sum();
            let (given, cuts) = at_once.cut(Points::new(total)).unwrap();
            let cut: i64 = cuts.iter().map(|cut| cut.points.get()).sum();
            prop_assert_eq!(given.get() + cut, total);
            let least = left.iter().copied().map(|left| left.max(0)).min().unwrap_or(total);
            prop_assert_eq!(given.get(), total.min(least));
            let mut in_portions = room(&of);
            let mut sum = 0;
            for portion in portions {
                sum += in_portions.cut(Points::new(portion)).unwrap().0.get();
            }
            prop_assert_eq!(sum, given.get());
        }
    }
}
