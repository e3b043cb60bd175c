//! What the platform does by itself, all the time: place what was committed, seal what was placed,
//! expire points, fire timers, deliver events.
//!
//! A round asks once, across all programs, what is due; only programs with something due are worked
//! on, each in a task of its own. Placing is a task of its own too: it is one short statement, and
//! those who follow a program should not wait for its plugins; and so is sealing. A program that cannot be read, or
//! whose work panics, stops nothing else: it is tried again in the next round.

mod watch;

use crate::context::{Context, Program};
use crate::due::{DueWork, show_lag};
use crate::erasures::Erasing;
use crate::journal;
use crate::ledger::{Inactivity, Sweep};
use crate::plugins::{Delivering, Freeing, Spreading, probe};
use crate::reappraisals::Reappraising;
use crate::sealing::{self, Gathering};
use crate::server_clock;
use crate::settling::Settling;
use crate::timers::Firing;
use crate::{Id, Loyalty, ProgramId, Result, Timestamp};
use sea_orm::ConnectionTrait;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The longest that anything due waits to be noticed when nothing else wakes the worker.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long the worker lets events gather before it looks for them again, for one rarely comes
/// alone. It delivers them together, with a claim, a briefing and a commit for all of them, and
/// leaves requests the database meanwhile.
const GATHER: Duration = Duration::from_millis(50);
/// How often tables are looked at for growth.
const COUNT_INTERVAL: Duration = Duration::from_secs(2);
/// How long counting may take: it reads a sample of each table that grew.
const COUNT_MAX: Duration = Duration::from_mins(10);
/// How often what is kept for a time only is looked through.
const FORGET_INTERVAL: Duration = Duration::from_hours(1);
/// How often quarantined plugins are looked at.
const PROBE_INTERVAL: Duration = Duration::from_secs(15);
/// The most programs that are worked on at a time.
const PROGRAMS_MAX: usize = 8;

/// The most parts of a kind of work that a program's turn does.
const PARTS_MAX: usize = 64;

/// What falls due by a program's clock.
pub(crate) static TIMED: &[&dyn DueWork] =
    &[&Sweep, &Inactivity, &Settling, &Spreading, &Firing, &Erasing, &Freeing];
/// What is done after that: it has no time of the program's.
static LAST: &[&dyn DueWork] = &[&Reappraising, &Delivering];

/// What a round found.
#[derive(Default)]
struct Round {
    /// Where something was committed that has no position in the journal.
    unplaced: Vec<ProgramId>,
    /// Where something was placed that is not sealed, and how many positions.
    unsealed: Vec<(ProgramId, i64)>,
    due: Vec<DueProgram>,
}

/// A program in which a round found something due.
struct DueProgram {
    id: ProgramId,
    work: Vec<&'static dyn DueWork>,
}

/// Works until it is dropped. Several nodes may work on one database; versions and claims keep them
/// out of each other's way.
pub async fn run(loyalty: Loyalty) {
    let context = loyalty.context();
    let mut working = Working::default();
    let _counting = AbortOnDrop(tokio::spawn(count_what_grew(Arc::clone(context))));
    let _keeping = AbortOnDrop(tokio::spawn(server_clock::keep(Arc::clone(context))));
    let _watching = AbortOnDrop(tokio::spawn(watch::watch(Arc::clone(context))));
    let _probing = AbortOnDrop(tokio::spawn(probe_plugins(Arc::clone(context))));
    let _forgetting = AbortOnDrop(tokio::spawn(forget_what_ended(loyalty.clone())));
    loop {
        match look(context).await {
            Ok(round) => {
                context.health.beat();
                working.place(context, round.unplaced);
                working.seal(context, round.unsealed);
                working.start(context, round.due);
            }
            Err(error) => {
                let (code, detail) = (error.code().as_str(), error.detail());
                tracing::error!(code, detail, "what is due cannot be read");
            }
        }
        working.rest(context).await;
    }
}

/// Tries quarantined plugins now and then.
async fn probe_plugins(context: Arc<Context>) {
    loop {
        if let Err(error) = probe::begin_due(&context).await {
            tracing::warn!(detail = error.detail(), "quarantined plugins cannot be tried");
        }
        tokio::time::sleep(PROBE_INTERVAL).await;
    }
}

/// Lets the next event of each quarantined plugin whose time has come show whether it can go on:
/// how many.
pub async fn probe(loyalty: &Loyalty) -> Result<usize> {
    probe::begin_due(loyalty.context()).await
}

/// Keeps the database's statistics up with tables that grow.
async fn count_what_grew(context: Arc<Context>) {
    loop {
        tokio::time::sleep(COUNT_INTERVAL).await;
        match tokio::time::timeout(COUNT_MAX, context.db.count_what_grew()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(detail = error.detail(), "tables that grew cannot be counted again");
            }
            Err(_) => tracing::warn!("tables that grew were not counted again in time"),
        }
    }
}

/// Deletes tokens that ended long ago, and recordings that are kept no longer.
async fn forget_what_ended(loyalty: Loyalty) {
    loop {
        tokio::time::sleep(FORGET_INTERVAL).await;
        if let Err(error) = loyalty.tokens().forget_ended().await {
            tracing::warn!(detail = error.detail(), "tokens that ended could not be forgotten");
        }
        if let Err(error) = loyalty.plugins().forget_recordings().await {
            tracing::warn!(detail = error.detail(), "old recordings could not be forgotten");
        }
    }
}

/// A task that ends with whoever started it.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Programs that are being worked on, and those in which commits are being placed or sealed.
#[derive(Default)]
struct Working {
    tasks: JoinSet<(ProgramId, usize)>,
    programs: HashSet<ProgramId>,
    placing: JoinSet<ProgramId>,
    being_placed: HashSet<ProgramId>,
    sealing: JoinSet<Sealed>,
    being_sealed: HashSet<ProgramId>,
    gathering: Gathering,
}

/// What came of sealing.
struct Sealed {
    program: ProgramId,
    /// Whether it was all that a round had found.
    is_all: bool,
}

impl Working {
    /// Places what was committed, but for programs in which that is still under way.
    fn place(&mut self, context: &Arc<Context>, unplaced: Vec<ProgramId>) {
        for id in unplaced {
            if self.being_placed.insert(id) {
                let context = Arc::clone(context);
                let placing = tokio::spawn(async move { journal::place(&context, id).await });
                self.placing.spawn(async move {
                    finished(id, placing.await);
                    id
                });
            }
        }
    }

    /// Seals what has gathered, but for programs in which that is still under way.
    fn seal(&mut self, context: &Arc<Context>, unsealed: Vec<(ProgramId, i64)>) {
        for (id, positions) in unsealed {
            let is_quiet = context.traffic.is_quiet();
            let due = self.gathering.due(id, positions, is_quiet, context.now());
            if due > 0 && self.being_sealed.insert(id) {
                let context = Arc::clone(context);
                let sealing = tokio::spawn(async move { seal_up_to(&context, id, due).await });
                self.sealing.spawn(async move {
                    let sealed = finished(id, sealing.await);
                    if sealed == 0 {
                        // Another node does it, or it cannot be done: not again at once.
                        tokio::time::sleep(INTERVAL).await;
                    }
                    Sealed { program: id, is_all: sealed > 0 && due == positions }
                });
            }
        }
        show_lag("seals", self.gathering.waited(context.now()));
    }

    fn start(&mut self, context: &Arc<Context>, due: Vec<DueProgram>) {
        for due in due {
            let (context, id) = (Arc::clone(context), due.id);
            let has_room = self.programs.len() < PROGRAMS_MAX;
            if has_room && self.programs.insert(id) {
                let work = tokio::spawn(async move { work_on(&context, &due).await });
                self.tasks.spawn(async move { (id, finished(id, work.await)) });
            }
        }
    }

    /// Until a program was worked on, somebody woke the worker, or the interval is over.
    async fn rest(&mut self, context: &Context) {
        tokio::select! {
            Some(Ok((program, done))) = self.tasks.join_next() => {
                self.programs.remove(&program);
                if done == 0 {
                    // What it lacks, such as another node's lease, will not be there at once.
                    drop(tokio::time::timeout(INTERVAL, context.work()).await);
                }
            }
            Some(Ok(program)) = self.placing.join_next() => {
                self.being_placed.remove(&program);
            }
            Some(Ok(Sealed { program, is_all })) = self.sealing.join_next() => {
                self.being_sealed.remove(&program);
                if is_all {
                    self.gathering.begin_anew(program);
                }
            }
            () = context.work() => {}
            () = tokio::time::sleep(INTERVAL) => return,
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// What came of working on a program; a panic ends that work alone.
fn finished(id: ProgramId, work: Result<Result<usize>, tokio::task::JoinError>) -> usize {
    match work {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            let (code, detail) = (error.code().as_str(), error.detail());
            tracing::error!(program = %id, code, detail, "what is due in a program cannot be done");
            0
        }
        Err(error) => {
            tracing::error!(program = %id, %error, "work on a program panicked");
            0
        }
    }
}

/// Seals so many positions of a program, block by block, until others have waited long enough. What
/// was placed meanwhile gathers.
async fn seal_up_to(context: &Context, program: ProgramId, positions: i64) -> Result<usize> {
    let most = usize::try_from(positions).unwrap_or_default();
    let mut all: usize = 0;
    for _ in 0..PARTS_MAX {
        let sealed = sealing::seal(context, program).await?;
        all = all.saturating_add(sealed);
        if sealed == 0 || all >= most {
            break;
        }
    }
    Ok(all)
}

/// Seals all that was placed in a program, without letting it gather: how many items.
pub async fn seal(loyalty: &Loyalty, program: ProgramId) -> Result<usize> {
    let mut all: usize = 0;
    loop {
        match sealing::seal(loyalty.context(), program).await? {
            0 => return Ok(all),
            sealed => all = all.saturating_add(sealed),
        }
    }
}

/// Does what a round found to be due in a program, until nothing of it is left or others have
/// waited long enough.
async fn work_on(context: &Context, due: &DueProgram) -> Result<usize> {
    let mut all: usize = 0;
    for work in &due.work {
        for _ in 0..PARTS_MAX {
            let program = context.program(due.id).await?;
            let part = work.work(context, &program).await?;
            all = all.saturating_add(part.done);
            if part.is_last {
                break;
            }
        }
    }
    Ok(all)
}

/// One round, all of it before it answers: how much was done.
pub async fn round(loyalty: &Loyalty) -> Result<usize> {
    let context = loyalty.context();
    let round = look(context).await?;
    let mut all: usize = 0;
    for program in round.unplaced {
        all = all.saturating_add(journal::place(context, program).await?);
    }
    for program in round.due {
        all = all.saturating_add(work_on(context, &program).await?);
    }
    Ok(all)
}

/// Does part of what has fallen due by a program's clock; returns how much it was.
pub(crate) async fn fall_due(context: &Context, program: &Program) -> Result<usize> {
    let mut done: usize = 0;
    for work in TIMED {
        done = done.saturating_add(work.work(context, program).await?.done);
    }
    Ok(done)
}

/// Has plugins do part of what waits for them; returns how much it was.
pub(crate) async fn deliver(context: &Context, program: &Program) -> Result<usize> {
    let mut done: usize = 0;
    for work in LAST {
        done = done.saturating_add(work.work(context, program).await?.done);
    }
    Ok(done)
}

/// What there is to do, from one statement across all programs.
async fn look(context: &Context) -> Result<Round> {
    let work: Vec<&'static dyn DueWork> = TIMED.iter().chain(LAST).copied().collect();
    let instants: Vec<_> = work.iter().map(|work| format!("({})", work.next())).collect();
    let text = format!(
        "SELECT p.id, p.version, p.test_clock_at, ({}), ({}), {} FROM programs AS p",
        journal::UNPLACED,
        sealing::UNSEALED,
        instants.join(", ")
    );
    let db = &context.db;
    let mut round = Round::default();
    let mut behind: Vec<Option<(Timestamp, Timestamp)>> = vec![None; work.len()];
    for row in db.read().query_all_raw(db.sql(&text, [])).await? {
        let id = ProgramId::from_uuid(row.try_get_by_index(0)?);
        let test_clock: Option<Timestamp> = row.try_get_by_index(2)?;
        let now = test_clock.unwrap_or_else(|| context.now());
        context.seen(id, row.try_get_by_index(1)?, now);
        let unplaced: Option<i64> = row.try_get_by_index(3)?;
        round.unplaced.extend(unplaced.map(|_| id));
        round.unsealed.push((id, row.try_get_by_index(4)?));
        let mut found = DueProgram { id, work: Vec::new() };
        for (index, behind) in behind.iter_mut().enumerate() {
            let at: Option<Timestamp> = row.try_get_by_index(5 + index)?;
            let Some(at) = at.filter(|at| *at <= now) else { continue };
            found.work.push(work[index]);
            if behind.is_none_or(|(first, _)| at < first) {
                *behind = Some((at, now));
            }
        }
        if !found.work.is_empty() {
            round.due.push(found);
        }
    }
    for (work, behind) in work.iter().zip(behind) {
        match behind {
            // It says itself how long that waited which has no time of its own.
            Some((at, _)) if at == Timestamp::EPOCH => {}
            Some((at, now)) => show_lag(work.name(), now.since(at)),
            None => show_lag(work.name(), Duration::ZERO),
        }
    }
    Ok(round)
}
