//! Memberships: who belongs to which group. The admin schema changes and lists them; the storefront
//! schema shows a person its groups.

mod act;
pub(crate) mod admin;
pub(crate) mod storefront;

pub(crate) use act::MembershipMutation;

use async_graphql::Enum;
use perennial_core::memberships;

/// Whose account gets what the purchases of a person earn who belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "memberships::Accrual")]
pub(crate) enum Accrual {
    /// The person's.
    Member,
    /// The group's.
    Group,
    /// Both: each gets all of it.
    Both,
}
