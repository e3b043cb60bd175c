//! Exports: all that is kept about a member, as lines of JSON, for whom asks for it.
//!
//! The first line says what it is, each line after it is a row of a table, and the last says how
//! many there were: a document without it was cut off. Ids, instants and JSON are written as the API
//! writes them. What a table has of the member is said in `sections.rs`; what is left out is other
//! people, and hashes.
//!
//! It is read in one snapshot, and never held: rows come as the database finds them, and wait for
//! whoever reads them.

mod column;
mod read;
mod sections;

pub use read::Export;
pub use sections::tables;

use crate::context::Context;
use crate::members::MemberRef;
use crate::{Actor, Result, Scope};
use std::sync::Arc;

/// The service. Get it from [`crate::Loyalty::exports`].
#[derive(Clone, Copy, Debug)]
pub struct Exports<'a> {
    pub(crate) context: &'a Arc<Context>,
}

impl Exports<'_> {
    /// Begins to export a member. Fails with `MEMBER_NOT_FOUND`, with `MEMBER_ERASED`, and with
    /// `UNAVAILABLE` when too many are being exported.
    pub async fn member(self, actor: &Actor, member: &MemberRef) -> Result<Export> {
        actor.require(Scope::MembersExport)?;
        member.check()?;
        read::begin(self.context, actor, member).await
    }
}
