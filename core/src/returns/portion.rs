//! A line of a purchase, in the portions in which it was bought: what was recorded first, and on top
//! of it what edits of the order have added. What comes back comes off the top, so that what is left
//! is what was there before it was added. Pure.

use crate::{EditId, Points, Result, share};

/// A line of a purchase, with what came back of it before.
#[derive(Clone, Debug)]
pub(crate) struct LineState {
    pub(crate) position: i32,
    pub(crate) sku: String,
    pub(crate) category: Option<String>,
    /// What was bought first comes first.
    pub(crate) portions: Vec<Portion>,
    /// What edits have taken away of it: it is no part of the order any more.
    pub(crate) removed: Taken,
}

/// What of a line was bought at once.
#[derive(Clone, Debug)]
pub(crate) struct Portion {
    /// Its number among the purchase's portions.
    pub(crate) seq: i32,
    /// The edit that has added it; none for what was recorded first.
    pub(crate) edit: Option<EditId>,
    pub(crate) quantity: i64,
    pub(crate) amount_minor: i64,
    /// Its share of what the purchase earned by each of its transactions.
    pub(crate) points: Vec<Points>,
    /// What came back of it, and what edits have taken away.
    pub(crate) returned: Taken,
}

/// So much of a line, such as what came back of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) quantity: i64,
    pub(crate) amount_minor: i64,
}

/// What is taken of a portion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) seq: i32,
    pub(crate) position: i32,
    pub(crate) quantity: i64,
    pub(crate) amount_minor: i64,
    /// What it had earned by each of the purchase's transactions.
    pub(crate) points: Vec<Points>,
}

/// What was taken of the lines since they were as `before`.
pub(crate) fn parts_since(before: &[LineState], lines: &[LineState]) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for (line, before) in lines.iter().zip(before) {
        for (portion, before) in line.portions.iter().zip(&before.portions) {
            if portion.returned != before.returned {
                parts.push(portion.part_since(line.position, before.returned)?);
            }
        }
    }
    Ok(parts)
}

impl LineState {
    /// All that was ever bought.
    fn bought(&self) -> Taken {
        self.portions.iter().map(Portion::bought).sum()
    }

    /// What the order says now, what came back of it included.
    pub(crate) fn ordered(&self) -> Taken {
        self.bought().less(self.removed)
    }

    /// What came back, without what edits have taken away.
    pub(crate) fn came_back(&self) -> Taken {
        self.gone().less(self.removed)
    }

    pub(crate) fn left(&self) -> Taken {
        self.bought().less(self.gone())
    }

    fn gone(&self) -> Taken {
        self.portions.iter().map(|portion| portion.returned).sum()
    }

    /// Takes so much off the top; there has to be as much.
    pub(crate) fn take(&mut self, taken: Taken) {
        let mut missing = taken;
        for portion in self.portions.iter_mut().rev() {
            let left = portion.bought().less(portion.returned);
            let part = Taken {
                quantity: missing.quantity.min(left.quantity),
                amount_minor: missing.amount_minor.min(left.amount_minor),
            };
            portion.returned = portion.returned.and(part);
            missing = missing.less(part);
        }
    }

    /// Takes so much away, so that it is no part of the order any more.
    pub(crate) fn take_away(&mut self, taken: Taken) {
        self.take(taken);
        self.removed = self.removed.and(taken);
    }

    /// What so many of the items that are left cost, of what is left to be paid for them.
    pub(super) fn amount_of(&self, quantity: i64) -> i64 {
        let left = self.left();
        if quantity == 0 {
            return 0;
        }
        let of_left = share::up_to(Points::new(left.amount_minor), quantity, left.quantity);
        of_left.map_or(left.amount_minor, Points::get)
    }
}

impl Portion {
    pub(crate) const fn of(
        seq: i32,
        edit: Option<EditId>,
        quantity: i64,
        amount_minor: i64,
    ) -> Self {
        let returned = Taken { quantity: 0, amount_minor: 0 };
        Self { seq, edit, quantity, amount_minor, points: Vec::new(), returned }
    }

    pub(crate) const fn bought(&self) -> Taken {
        Taken { quantity: self.quantity, amount_minor: self.amount_minor }
    }

    fn part_since(&self, position: i32, before: Taken) -> Result<Part> {
        let since = |share: &Points| {
            self.points_of(*share, self.returned)?.minus(self.points_of(*share, before)?)
        };
        let Taken { quantity, amount_minor } = self.returned.less(before);
        let points = self.points.iter().map(since).collect::<Result<_>>()?;
        Ok(Part { seq: self.seq, position, quantity, amount_minor, points })
    }

    /// What is left of it has so much of a share: the one of this number.
    pub(crate) fn kept(&self, index: usize) -> Result<Points> {
        let share = self.points.get(index).copied().unwrap_or(Points::ZERO);
        share.minus(self.points_of(share, self.returned)?)
    }

    /// What so much of the portion had of a share.
    fn points_of(&self, share: Points, taken: Taken) -> Result<Points> {
        if self.amount_minor > 0 {
            share::up_to(share, taken.amount_minor, self.amount_minor)
        } else {
            share::up_to(share, taken.quantity, self.quantity)
        }
    }
}

impl Taken {
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            quantity: self.quantity + other.quantity,
            amount_minor: self.amount_minor + other.amount_minor,
        }
    }

    pub(crate) const fn less(self, other: Self) -> Self {
        Self {
            quantity: self.quantity - other.quantity,
            amount_minor: self.amount_minor - other.amount_minor,
        }
    }
}

impl std::iter::Sum for Taken {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::and)
    }
}
