//! Where in a program's journal a change stands.

use std::fmt::{self, Display};
use std::str::FromStr;

/// A place in a program's order of changes. The first change has 1, and no number is left out.
///
/// It comes with a mark of the journal's row that it is in. A database that was restored to an
/// earlier state and went on has other rows at the same places: the mark tells whoever followed it
/// before, who would miss what stands there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub(super) number: i64,
    pub(super) mark: u32,
}

impl Position {
    /// Before all changes.
    pub const START: Self = Self { number: 0, mark: 0 };

    pub const fn number(self) -> i64 {
        self.number
    }
}

impl Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:08x}", self.number, self.mark)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, mark) = text.split_once('.').ok_or(())?;
        let number = number.parse().map_err(drop)?;
        let mark = u32::from_str_radix(mark, 16).map_err(drop)?;
        if number < 0 { Err(()) } else { Ok(Self { number, mark }) }
    }
}
