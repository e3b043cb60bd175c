//! What services hold: connections, clock, plugin runtime, and what is kept in memory of each
//! program.

mod bought;
mod cache;
mod claims;
mod enabled;
mod health;
mod patience;
mod program;
mod traffic;
mod turns;
mod unusable;

pub(crate) use bought::Bought;
use cache::{ComponentCache, ProgramCache};
pub(crate) use claims::{Claim, Claims, Numbers, number};
pub(crate) use enabled::Before;
pub use enabled::{Enabled, FaultReport, RolledBack, Status};
use health::Health;
pub(crate) use patience::{Patience, Waiting};
pub use program::Program;
use traffic::Traffic;
pub(crate) use turns::Turn;
use turns::TurnsOfPlugins;
pub use unusable::Unusable;
use unusable::UnusablePrograms;

use crate::db::{Answers, Database, Look, TryError};
use crate::definition::{Assemble, Definition};
use crate::runtime::Runtime;
use crate::signing::Signer;
use crate::{Clock, Code, Error, ProgramId, Result, Timestamp};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, MutexGuard, Notify};

/// What services hold. One for a process.
pub(crate) struct Context {
    pub(crate) db: Database,
    pub(crate) runtime: Arc<dyn Runtime>,
    /// Which plugins purchases do not wait for.
    pub(crate) patience: Patience,
    /// Whose events plugins were called with last.
    pub(crate) turns_of_plugins: TurnsOfPlugins,
    pub(crate) components: ComponentCache,
    pub(crate) health: Health,
    pub(crate) unusable: UnusablePrograms,
    pub(crate) numbers: Numbers,
    /// Members that a batch is about.
    pub(crate) claims: Claims,
    /// Members that batches of many wait for among themselves, before they wait for others.
    pub(crate) claims_of_many: Claims,
    pub(crate) traffic: Traffic,
    programs: ProgramCache,
    assemble: Assemble,
    /// What members have bought.
    pub(crate) bought: &'static dyn Bought,
    signer: OnceLock<Arc<dyn Signer>>,
    clock: Clock,
    work: Notify,
    turns: [Mutex<()>; TURNS],
}

/// How many programs can decide again at the same time.
const TURNS: usize = 16;

impl Context {
    pub(crate) fn new(
        db: Database,
        runtime: Arc<dyn Runtime>,
        assemble: Assemble,
        bought: &'static dyn Bought,
    ) -> Self {
        Self {
            db,
            runtime,
            patience: Patience::default(),
            turns_of_plugins: TurnsOfPlugins::default(),
            components: ComponentCache::default(),
            health: Health::default(),
            unusable: UnusablePrograms::default(),
            numbers: Numbers::default(),
            claims: Claims::default(),
            claims_of_many: Claims::default(),
            traffic: Traffic::default(),
            programs: ProgramCache::default(),
            assemble,
            bought,
            signer: OnceLock::new(),
            clock: Clock,
            work: Notify::new(),
            turns: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// The server's now. What happens to members follows the program's now, which a sandbox's test
    /// clock decides.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What signs seals; nothing in a process that has no key.
    pub(crate) fn signer(&self) -> Option<&dyn Signer> {
        self.signer.get().map(|signer| &**signer)
    }

    /// Hands over what signs seals, once.
    pub(crate) fn sign_with(&self, signer: Arc<dyn Signer>) {
        drop(self.signer.set(signer));
    }

    /// Reads a program file. Fails with `PROGRAM_FILE_INVALID`.
    pub(crate) fn assemble(&self, source: &str) -> Result<Definition> {
        (self.assemble)(source)
    }

    /// A look at a program's rows.
    pub(crate) fn look(&self, program: ProgramId) -> Look {
        Look::at(program, self.now())
    }

    /// Sends a look that a program's members are changed by: the answers, and the program at its
    /// own now. Outrun when the program itself changed since it was put in memory.
    pub(crate) async fn ask(
        &self,
        program: &Program,
        look: Look,
    ) -> Result<(Answers, Program), TryError> {
        let answers = look.send(&self.db).await?;
        let stamp = answers.stamp()?.ok_or_else(no_program)?;
        if stamp.version != program.version {
            self.programs.forget(program.id);
            return Err(TryError::Outrun("the program changed".to_owned()));
        }
        Ok((answers, Program { now: stamp.now, ..program.clone() }))
    }

    /// Sends a look that only shows something. The program's definition is as it was last seen.
    pub(crate) async fn show(&self, look: Look) -> Result<Answers> {
        look.send(&self.db).await
    }

    /// Tells the worker that there may be something to do.
    pub(crate) fn wake(&self) {
        self.work.notify_one();
    }

    /// The turn to decide again in a program; whoever holds the guard has it.
    pub(crate) async fn turn(&self, program: ProgramId) -> MutexGuard<'_, ()> {
        let index = usize::try_from(number(&program) % TURNS as u64).unwrap_or_default();
        self.turns[index].lock().await
    }

    /// Waits until there may be something to do.
    pub(crate) async fn work(&self) {
        self.work.notified().await;
    }
}

pub(crate) fn no_program() -> Error {
    Error::new(Code::ProgramNotFound, "there is no such program")
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("db", &self.db).finish_non_exhaustive()
    }
}
