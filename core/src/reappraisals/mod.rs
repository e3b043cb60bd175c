//! Re-appraisals: a purchase is recorded whether or not a plugin can say what it is worth, and the
//! plugin is asked again when it can be.
//!
//! | what | file |
//! | --- | --- |
//! | that a plugin was not heard, written with the purchase | `purchases/missed.rs` |
//! | asking again, when it is due | `due.rs`, `look.rs` |
//! | what the purchase earns besides | `effect.rs` |
//! | what becomes of it | `ending.rs` |
//! | what operators see | `read.rs` |
//!
//! The plugin is asked about the purchase as it was recorded, at its own instant, and about its member
//! as it stands now. What it proposes is cut at what the purchase has left of the program's ceiling and
//! caps, given on the terms of each account that the purchase accrues to, and hangs on its lines like
//! all that it earned: a return takes it back. A purchase that was edited, or of which something came
//! back, is left to an operator: of what is gone nobody knows what it would have earned.

mod due;
mod effect;
mod ending;
mod look;
mod read;

pub(crate) use due::{Reappraising, is_idle};

use crate::page::{Page, PageRequest};
use crate::purchases::MissedAppraisal;
use crate::{Actor, PurchaseId, Result, Scope};

/// The service. Get it from [`crate::Loyalty::reappraisals`].
#[derive(Clone, Copy, Debug)]
pub struct Reappraisals<'a> {
    pub(crate) context: &'a crate::context::Context,
}

impl Reappraisals<'_> {
    /// The purchases about which a plugin was not heard, the newest first.
    pub async fn of_plugin(
        self,
        actor: &Actor,
        plugin: &str,
        page: PageRequest<PurchaseId>,
    ) -> Result<Page<MissedAppraisal>> {
        actor.require(Scope::Admin)?;
        read::of_plugin(self.context, actor.program(), plugin, page).await
    }

    /// Has a plugin asked again about a purchase that it failed at. Fails with
    /// `APPRAISAL_NOT_MISSED`.
    pub async fn retry(self, actor: &Actor, plugin: &str, purchase: PurchaseId) -> Result<()> {
        actor.require(Scope::Admin)?;
        ending::retry(self.context, actor.program(), plugin, purchase).await?;
        self.context.wake();
        Ok(())
    }
}
