//! A row of a members file.

use crate::import::lines::Place;
use perennial_core::members::MemberKind;

/// A member, or contacts of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) place: Place,
    pub(crate) external_id: String,
    pub(crate) kind: Option<MemberKind>,
    /// In the order of [`TEXTS`].
    pub(crate) texts: [Option<String>; TEXTS.len()],
    pub(crate) contacts: Vec<ContactRow>,
}

/// What a member has as text, as the API calls it.
pub(super) const TEXTS: [&str; 5] = ["name", "email", "locale", "country", "referralCode"];

/// Somebody who acts for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContactRow {
    /// Where it is in the row, such as `contacts.0`, if the row carries contacts.
    pub(crate) path: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) locale: Option<String>,
}
