//! What each table has of a member. A table that is about members and is not here is missing from
//! what a member is given: a test asks the database which tables there are.
//!
//! `$1` is the program and `$2` the member, `$3` the member's id as text. Left out are the program
//! and the member, which are the same in every row, hashes, and the ids of other people.

mod buying;
mod plugins;
mod points;
mod profile;

use super::column::Column;

/// The rows of a table that are about a member.
pub(super) struct Section {
    pub(super) table: &'static str,
    pub(super) columns: &'static [Column],
    /// From FROM on.
    from: &'static str,
}

/// The tables of which an export has rows.
pub fn tables() -> impl Iterator<Item = &'static str> {
    all().map(|section| section.table)
}

impl Section {
    pub(super) fn select(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(Column::selected).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.from)
    }

    /// Whether it asks for the member's id as text.
    pub(super) fn names_member(&self) -> bool {
        self.from.contains("$3")
    }
}

/// All of them, in the order of the document.
pub(super) fn all() -> impl Iterator<Item = &'static Section> {
    [profile::SECTIONS, points::SECTIONS, buying::SECTIONS, plugins::SECTIONS].into_iter().flatten()
}
