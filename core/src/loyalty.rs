//! The facade: one value that holds the connections and hands out a service per domain.

use crate::db::Database;
use crate::directory::Directory;
use crate::events::Events;
use crate::ledger::Ledger;
use crate::members::Members;
use crate::messages::Messages;
use crate::plugins::{ComponentCache, Plugins, Runtime};
use crate::programs::{DefinitionCache, Programs};
use crate::purchases::{Purchases, Recorder};
use crate::records::Records;
use crate::rewards::Rewards;
use crate::timers::Timers;
use crate::{Clock, Timestamp};
use std::sync::Arc;
use tokio::sync::Notify;

/// The loyalty platform over one database. Cheap to clone.
#[derive(Clone)]
pub struct Loyalty(Arc<Inner>);

struct Inner {
    db: Database,
    clock: Clock,
    runtime: Arc<dyn Runtime>,
    definitions: DefinitionCache,
    components: ComponentCache,
    recorder: Recorder,
    work: Notify,
}

impl Loyalty {
    /// Over a migrated database. `runtime` runs plugins.
    pub fn new(db: Database, runtime: Arc<dyn Runtime>) -> Self {
        Self(Arc::new(Inner {
            db,
            clock: Clock,
            runtime,
            definitions: DefinitionCache::default(),
            components: ComponentCache::default(),
            recorder: Recorder::default(),
            work: Notify::new(),
        }))
    }

    pub fn programs(&self) -> Programs<'_> {
        Programs { loyalty: self }
    }

    pub fn members(&self) -> Members<'_> {
        Members { loyalty: self }
    }

    pub fn purchases(&self) -> Purchases<'_> {
        Purchases { loyalty: self }
    }

    pub fn ledger(&self) -> Ledger<'_> {
        Ledger { loyalty: self }
    }

    pub fn rewards(&self) -> Rewards<'_> {
        Rewards { loyalty: self }
    }

    pub fn directory(&self) -> Directory<'_> {
        Directory { loyalty: self }
    }

    pub fn records(&self) -> Records<'_> {
        Records { loyalty: self }
    }

    pub fn messages(&self) -> Messages<'_> {
        Messages { loyalty: self }
    }

    pub fn events(&self) -> Events<'_> {
        Events { loyalty: self }
    }

    pub fn timers(&self) -> Timers<'_> {
        Timers { loyalty: self }
    }

    pub fn plugins(&self) -> Plugins<'_> {
        Plugins { loyalty: self }
    }

    pub fn db(&self) -> &Database {
        &self.0.db
    }

    /// The machine's now. What happens to members follows the program's now, which a sandbox's test clock decides.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn runtime(&self) -> &dyn Runtime {
        &*self.0.runtime
    }

    pub(crate) fn definitions(&self) -> &DefinitionCache {
        &self.0.definitions
    }

    pub(crate) fn components(&self) -> &ComponentCache {
        &self.0.components
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// Tells the dispatcher that there may be something to deliver.
    pub(crate) fn wake(&self) {
        self.0.work.notify_one();
    }

    /// Waits until there may be something to deliver.
    pub(crate) async fn work(&self) {
        self.0.work.notified().await;
    }
}

impl std::fmt::Debug for Loyalty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loyalty").field("db", &self.0.db).finish_non_exhaustive()
    }
}
