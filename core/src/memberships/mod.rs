//! Memberships: who belongs to which group. A group is a member that people belong to – an
//! organization or a household – so it has all that a member has; what is here says whose account
//! gets what a person's purchases earn, and who may spend what the group has.
//! `docs/decisions/0031-a-group-is-a-member.md` says why.
//!
//! | what | file |
//! | --- | --- |
//! | joining, changing the terms, leaving | `act.rs`, `joining.rs`, with what is known in `look.rs` |
//! | how a membership accrues and accrued, instant by instant | `terms.rs` |
//! | to whom a purchase accrues | `accruing.rs` |
//! | who may spend for a group | `spending.rs` |
//! | reading, by operators and by the person itself | `read.rs`, `own.rs` |
//! | what becomes of memberships when two members are one | `merging.rs` |
//!
//! A membership moves the versions of both accounts, so that whatever was decided by it is decided
//! again.

mod accruing;
mod act;
mod joining;
mod look;
mod merging;
mod model;
mod own;
mod read;
mod spending;
mod terms;

pub(crate) use accruing::{Groups, ask_groups};
pub(crate) use merging::{hand_over, part};
pub use model::{Accrual, ChangeMembership, GROUPS_MAX, JoinGroup, LeaveGroup, Membership};
pub use own::OwnGroup;
pub use read::Of;
pub(crate) use spending::{Spenders, SpendersQuestion, ask_spenders};

use crate::context::Context;

/// The service. Get it from [`crate::Loyalty::memberships`].
#[derive(Clone, Copy, Debug)]
pub struct Memberships<'a> {
    pub(crate) context: &'a Context,
}
