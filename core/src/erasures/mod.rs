//! Erasures: a member asks to be forgotten. What is personal goes, everywhere; the books stay, and
//! say of nobody whose they were.
//!
//! 1. *Begin* (`begin.rs`): one operation, under the version of the member's account. Holds are
//!    released, debts remitted, points expired; who the member is goes, and so do tokens and timers.
//!    From here on whatever names the member is refused with `MEMBER_ERASED`, and a change that was
//!    being decided meanwhile is decided again, and refused.
//!    Whoever was merged into the member goes with it, for they are one.
//! 2. *Clear*: what else is kept of the member, in parts of bounded size. Of transactions
//!    (`veil.rs`, `given.rs`) the personal part gives way to a digest that nobody can take for anything's, so
//!    that what was sealed is still what is there; of purchases (`purchases.rs`) the amounts stay,
//!    of messages (`messages.rs`) that there were some; all else is deleted (`rows.rs`).
//! 3. *Finish*: it is answered. Whatever cut it off before, the worker goes on with it.
//!
//! Each part can be done again, by whomever, and by several at a time.
//! `docs/decisions/0023-what-is-forgotten.md` tells why it is like this, `docs/privacy.md` what
//! operators have to know.

mod begin;
mod each;
mod finish;
mod given;
mod messages;
mod plugins;
mod purchases;
mod rows;
mod veil;

pub(crate) use finish::Erasing;

use crate::context::Context;
use crate::db::row;
use crate::{Actor, MemberId, ProgramId, Result, Scope, Timestamp};
use std::fmt::Display;

row! {
    /// Whose rows a statement is about.
    struct MemberKey {
        member_id: MemberId,
    }
}

/// A member who was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub member: MemberId,
    /// By the program's clock.
    pub erased_at: Timestamp,
}

/// The service. Get it from [`crate::Loyalty::erasures`].
#[derive(Clone, Copy, Debug)]
pub struct Erasures<'a> {
    pub(crate) context: &'a Context,
}

impl Erasures<'_> {
    /// Erases a member: returns when nothing personal is left. A repeat returns the same. Whoever
    /// was cut off repeats it, or leaves the rest to the worker. Fails with `MEMBER_NOT_FOUND`.
    pub async fn erase(self, actor: &Actor, member: MemberId) -> Result<Erasure> {
        actor.require(Scope::MembersErase)?;
        let begun = begin::begin(self.context, actor, member).await?;
        if !begun.is_finished {
            for member in begun.who {
                clear(self.context, actor.program(), member).await?;
            }
        }
        Ok(begun.erasure)
    }
}

/// Takes away what is left of a member who is nobody any more.
async fn clear(context: &Context, program: ProgramId, member: MemberId) -> Result<()> {
    veil::all(context, program, member).await?;
    purchases::all(context, program, member).await?;
    messages::all(context, program, member).await?;
    rows::all(context, program, member).await?;
    finish::finish(context, program, member).await
}

/// Stands where the hash of a request was: no request has it, whatever it asks for.
fn no_hash() -> Vec<u8> {
    vec![0]
}

/// Stands where somebody chose a name that has to be unique: nobody can choose it, for it begins
/// with a space.
fn placeholder(id: impl Display) -> String {
    format!(" {id}")
}
