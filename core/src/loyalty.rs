//! The facade: one value that holds the connections and hands out a service per domain.

use crate::backtests::Backtests;
use crate::cards::Cards;
use crate::changes::Changes;
use crate::context::{Context, Unusable};
use crate::db::Database;
use crate::directory::Directory;
use crate::edits::{Edits, NewEdit};
use crate::erasures::Erasures;
use crate::events::Events;
use crate::exports::Exports;
use crate::holds::Holds;
use crate::ledger::Ledger;
use crate::members::Members;
use crate::memberships::Memberships;
use crate::merging::Merging;
use crate::messages::Messages;
use crate::operation::Combiner;
use crate::pending::PendingPoints;
use crate::plugins::{Plugins, Runtime};
use crate::programs::{Programs, stored};
use crate::purchases::{NewPurchase, Purchases, Recorded};
use crate::reappraisals::Reappraisals;
use crate::records::Records;
use crate::returns::{NewReturn, Returns};
use crate::rewards::{Redeeming, Rewards};
use crate::server_clock::ServerClock;
use crate::timers::Timers;
use crate::tokens::Tokens;
use crate::{Clock, Code, Doubt, Error, Result, Signer};
use std::sync::Arc;

/// The loyalty platform over one database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Loyalty {
    context: Arc<Context>,
    recorder: Arc<Combiner<NewPurchase>>,
    returning: Arc<Combiner<NewReturn>>,
    editing: Arc<Combiner<NewEdit>>,
    redeeming: Arc<Combiner<Redeeming>>,
}

/// What a process that can serve has to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    /// All but these programs.
    ReadyBut(Vec<Unusable>),
    /// No program was applied yet.
    WithoutPrograms,
    /// The machine's clock is not believed. Purchases are recorded, on the server's clock; it is
    /// the operator who has to look, and not the load balancer.
    InDoubt(Doubt),
}

impl Loyalty {
    /// Over a migrated database. `runtime` runs plugins.
    pub fn new(db: Database, runtime: Arc<dyn Runtime>) -> Self {
        let context = Arc::new(Context::new(db, runtime, stored, &Recorded));
        Self {
            context,
            recorder: Arc::default(),
            returning: Arc::default(),
            editing: Arc::default(),
            redeeming: Arc::default(),
        }
    }

    /// Has the seals signed that the worker of this process makes. Later calls change nothing.
    pub fn sign_seals_with(&self, signer: Arc<dyn Signer>) {
        self.context.sign_with(signer);
    }

    pub fn programs(&self) -> Programs<'_> {
        Programs { context: &self.context }
    }

    pub fn members(&self) -> Members<'_> {
        Members { context: &self.context }
    }

    pub fn exports(&self) -> Exports<'_> {
        Exports { context: &self.context }
    }

    pub fn erasures(&self) -> Erasures<'_> {
        Erasures { context: &self.context }
    }

    pub fn memberships(&self) -> Memberships<'_> {
        Memberships { context: &self.context }
    }

    pub fn cards(&self) -> Cards<'_> {
        Cards { context: &self.context }
    }

    pub fn merging(&self) -> Merging<'_> {
        Merging { context: &self.context }
    }

    pub fn purchases(&self) -> Purchases<'_> {
        Purchases { context: &self.context, recorder: &self.recorder }
    }

    pub fn returns(&self) -> Returns<'_> {
        Returns { context: &self.context, combiner: &self.returning }
    }

    pub fn edits(&self) -> Edits<'_> {
        Edits { context: &self.context, combiner: &self.editing }
    }

    pub fn backtests(&self) -> Backtests<'_> {
        Backtests { context: &self.context }
    }

    pub fn pending(&self) -> PendingPoints<'_> {
        PendingPoints { context: &self.context }
    }

    pub fn holds(&self) -> Holds<'_> {
        Holds { context: &self.context }
    }

    pub fn ledger(&self) -> Ledger<'_> {
        Ledger { context: &self.context }
    }

    pub fn rewards(&self) -> Rewards<'_> {
        Rewards { context: &self.context, combiner: &self.redeeming }
    }

    pub fn directory(&self) -> Directory<'_> {
        Directory { context: &self.context }
    }

    pub fn records(&self) -> Records<'_> {
        Records { context: &self.context }
    }

    pub fn messages(&self) -> Messages<'_> {
        Messages { context: &self.context }
    }

    pub fn timers(&self) -> Timers<'_> {
        Timers { context: &self.context }
    }

    pub fn events(&self) -> Events<'_> {
        Events { context: &self.context }
    }

    pub fn changes(&self) -> Changes<'_> {
        Changes { context: &self.context }
    }

    pub fn plugins(&self) -> Plugins<'_> {
        Plugins { context: &self.context }
    }

    pub fn reappraisals(&self) -> Reappraisals<'_> {
        Reappraisals { context: &self.context }
    }

    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { context: &self.context }
    }

    pub fn server_clock(&self) -> ServerClock<'_> {
        ServerClock { context: &self.context }
    }

    pub fn db(&self) -> &Database {
        &self.context.db
    }

    /// Whether this process can serve: the database answers and takes writes, and the worker, if
    /// one was started, is alive. Fails with `UNAVAILABLE` or with what the database says.
    pub async fn ready(&self) -> Result<Readiness> {
        let has_programs = self.context.db.probe().await?;
        if !self.context.health.is_alive() {
            let why = "the worker has not completed a round for too long";
            return Err(Error::new(Code::Unavailable, why));
        }
        if let Some(doubt) = Clock.doubt() {
            return Ok(Readiness::InDoubt(doubt));
        }
        for program in self.context.unusable.ids() {
            // It may have been mended since, by whatever node.
            drop(self.context.current(program).await);
        }
        let unusable = self.context.unusable.all();
        Ok(match (has_programs, unusable.is_empty()) {
            (false, _) => Readiness::WithoutPrograms,
            (true, true) => Readiness::Ready,
            (true, false) => Readiness::ReadyBut(unusable),
        })
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }
}
