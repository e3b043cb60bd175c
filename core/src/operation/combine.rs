//! The combiner: requests that arrive while a commit is in flight are written together by the next
//! one. Nobody waits for a timer; the commit is the timer. Each request has its own result, and a
//! refused one does not touch its neighbours.
//!
//! Lanes belong to programs, so that a slow plugin costs its own program only. A lane that is full
//! refuses, and whoever went away before the work began is forgotten.

use super::together::{Combined, decide_together};
use crate::context::Context;
use crate::{Actor, Code, Error, ProgramId, Result};
use sea_orm::DbBackend;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The most requests that one transaction writes.
pub(crate) const BATCH_MAX: usize = 256;
/// The most requests that wait in a lane: some seconds of work.
const WAITING_MAX: usize = 4_096;
/// Writers of a program at a time on PostgreSQL; a member always has the same one. SQLite has one
/// writer.
const LANES: usize = 2;

/// Queues of requests, by program and member.
pub(crate) struct Combiner<R: Combined> {
    lanes: Mutex<HashMap<(ProgramId, usize), SharedLane<R>>>,
}

type SharedLane<R> = Arc<Mutex<Lane<R>>>;

struct Lane<R: Combined> {
    queue: VecDeque<Job<R>>,
    is_draining: bool,
}

struct Job<R: Combined> {
    actor: Actor,
    request: R,
    answer: oneshot::Sender<Result<R::Answer>>,
}

impl<R: Combined> Default for Lane<R> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), is_draining: false }
    }
}

impl<R: Combined> Default for Combiner<R> {
    fn default() -> Self {
        Self { lanes: Mutex::default() }
    }
}

impl<R: Combined> Combiner<R> {
    /// Has one request decided, together with others that are waiting. Fails with `UNAVAILABLE`
    /// when too many of the program wait.
    pub(crate) async fn decide(
        &self,
        context: &Arc<Context>,
        actor: Actor,
        request: R,
    ) -> Result<R::Answer> {
        let (answer, answered) = oneshot::channel();
        let program = actor.program();
        let index = lane_of(context, program, &request);
        let lane = Arc::clone(locked(&self.lanes).entry((program, index)).or_default());
        let is_first = {
            let mut lane = locked(&lane);
            if lane.queue.len() >= WAITING_MAX {
                return Err(full::<R>());
            }
            lane.queue.push_back(Job { actor, request, answer });
            !std::mem::replace(&mut lane.is_draining, true)
        };
        if is_first {
            // A task of its own: the caller may go away, the others' answers may not.
            let draining = Draining { program, lane };
            tokio::spawn(drain(Arc::clone(context), draining));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(Error::internal("the combiner ended without an answer")))
    }
}

fn lane_of(context: &Context, program: ProgramId, request: &impl Combined) -> usize {
    if context.db.backend() == DbBackend::Sqlite {
        return 0;
    }
    let number = request.comes_by().number(context, program);
    // The people of a group take one lane, for they meet on its account.
    let number = context.numbers.group_of(number).unwrap_or(number);
    usize::try_from(number % LANES as u64).unwrap_or_default()
}

fn full<R: Combined>() -> Error {
    let why = format!(
        "too many {} of this program are waiting to be recorded; send it again in a second",
        R::NAME
    );
    Error::new(Code::Unavailable, why)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks the lane free again even if a batch panics; whoever waits gets an error then, and the next
/// call starts anew.
struct Draining<R: Combined> {
    program: ProgramId,
    lane: SharedLane<R>,
}

impl<R: Combined> Draining<R> {
    /// The next batch; none, and the lane free, when the queue is empty.
    fn take(&self) -> Option<Vec<Job<R>>> {
        let mut lane = locked(&self.lane);
        // Nobody would read the answer, and nothing is promised yet.
        lane.queue.retain(|job| !job.answer.is_closed());
        if lane.queue.is_empty() {
            lane.is_draining = false;
            return None;
        }
        let count = lane.queue.len().min(BATCH_MAX);
        Some(lane.queue.drain(..count).collect())
    }

    /// Puts jobs back for which a batch had no time.
    fn put_back(&self, jobs: impl DoubleEndedIterator<Item = Job<R>>) {
        let mut lane = locked(&self.lane);
        jobs.rev().for_each(|job| lane.queue.push_front(job));
    }
}

impl<R: Combined> Drop for Draining<R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut lane = locked(&self.lane);
            lane.is_draining = false;
            lane.queue.clear();
        }
    }
}

async fn drain<R: Combined>(context: Arc<Context>, draining: Draining<R>) {
    while let Some(jobs) = draining.take() {
        answer(&context, &draining, jobs).await;
    }
}

async fn answer<R: Combined>(context: &Context, draining: &Draining<R>, jobs: Vec<Job<R>>) {
    let (mut requests, mut senders) = (Vec::new(), Vec::new());
    for job in jobs {
        requests.push((job.actor, job.request));
        senders.push(job.answer);
    }
    let answers = match decide_together(context, draining.program, &requests).await {
        Ok(answers) => answers,
        Err(error) => requests.iter().map(|_| Err(error.again())).collect(),
    };
    let mut jobs = requests.into_iter().zip(senders);
    for (answer, (_, sender)) in answers.into_iter().zip(jobs.by_ref()) {
        // Nobody listens when the caller went away; the request is decided all the same.
        drop(sender.send(answer));
    }
    let left: Vec<_> =
        jobs.map(|((actor, request), answer)| Job { actor, request, answer }).collect();
    draining.put_back(left.into_iter());
}

impl<R: Combined> std::fmt::Debug for Combiner<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combiner").field("of", &R::NAME).finish_non_exhaustive()
    }
}
