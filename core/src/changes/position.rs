//! Where in a program's journal a change stands.

/// A place in a program's order of changes. The first change has 1, and no number is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub(super) i64);

impl Position {
    /// Before all changes.
    pub const START: Self = Self(0);

    /// None for a number that is not a position.
    pub fn new(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    pub const fn get(self) -> i64 {
        self.0
    }
}
