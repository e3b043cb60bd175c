//! The combiner: purchases that arrive while a commit is in flight are written together by the next
//! one. Nobody waits for a timer; the commit is the timer. Each purchase has its own result, and a
//! refused one does not touch its neighbours.
//!
//! Lanes belong to programs, so that a slow plugin costs its own program only. A lane that is full
//! refuses, and whoever went away before the work began is forgotten.

use super::{NewPurchase, Receipt, record};
use crate::context::Context;
use crate::members::MemberRef;
use crate::{Actor, Code, Error, MemberId, ProgramId, Result};
use lru::LruCache;
use sea_orm::DbBackend;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The most purchases that one transaction writes.
pub(super) const BATCH_MAX: usize = 256;
/// The most purchases that wait in a lane: some seconds of work.
const WAITING_MAX: usize = 4_096;
/// Writers of a program at a time on PostgreSQL; a member always has the same one. SQLite has one
/// writer.
const LANES: usize = 2;
/// How many members are known by id with the lane of their external id.
const MEMBERS_KNOWN: NonZeroUsize = NonZeroUsize::new(16_384).expect("above zero");

/// Queues of purchases, by program and member.
#[derive(Debug)]
pub(crate) struct Recorder {
    lanes: Mutex<HashMap<(ProgramId, usize), SharedLane>>,
    /// Lanes are chosen by external ids. A member that is named by id takes the lane of its
    /// external id once that was seen.
    lanes_of_members: Mutex<LruCache<MemberId, usize>>,
}

type SharedLane = Arc<Mutex<Lane>>;

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Job>,
    is_draining: bool,
}

#[derive(Debug)]
struct Job {
    actor: Actor,
    purchase: NewPurchase,
    answer: oneshot::Sender<Result<Receipt>>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { lanes: Mutex::default(), lanes_of_members: Mutex::new(LruCache::new(MEMBERS_KNOWN)) }
    }
}

impl Recorder {
    /// Records one purchase, together with others that are waiting. Fails with `UNAVAILABLE` when
    /// too many of the program wait.
    pub(super) async fn record(
        self: &Arc<Self>,
        context: &Arc<Context>,
        actor: Actor,
        purchase: NewPurchase,
    ) -> Result<Receipt> {
        let (answer, answered) = oneshot::channel();
        let (program, index) = (actor.program(), self.index(context, &purchase.member));
        let lane = Arc::clone(locked(&self.lanes).entry((program, index)).or_default());
        let is_first = {
            let mut lane = locked(&lane);
            if lane.queue.len() >= WAITING_MAX {
                return Err(full());
            }
            lane.queue.push_back(Job { actor, purchase, answer });
            !std::mem::replace(&mut lane.is_draining, true)
        };
        if is_first {
            // A task of its own: the caller may go away, the others' answers may not.
            let draining = Draining { recorder: Arc::clone(self), program, index, lane };
            tokio::spawn(drain(Arc::clone(context), draining));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(Error::internal("the recorder ended without an answer")))
    }

    fn index(&self, context: &Context, member: &MemberRef) -> usize {
        if context.db.backend() == DbBackend::Sqlite {
            return 0;
        }
        if let MemberRef::Id(id) = member
            && let Some(index) = locked(&self.lanes_of_members).get(id)
        {
            return *index;
        }
        let mut hasher = DefaultHasher::new();
        member.hash(&mut hasher);
        usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
    }

    fn remember(&self, purchase: &NewPurchase, index: usize, receipt: &Result<Receipt>) {
        if let (MemberRef::ExternalId(_), Ok(receipt)) = (&purchase.member, receipt) {
            locked(&self.lanes_of_members).put(receipt.member, index);
        }
    }
}

fn full() -> Error {
    let why = "too many purchases of this program are waiting to be recorded; send it again in a \
               second";
    Error::new(Code::Unavailable, why)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks the lane free again even if a batch panics; whoever waits gets an error then, and the next
/// call starts anew.
struct Draining {
    recorder: Arc<Recorder>,
    program: ProgramId,
    index: usize,
    lane: SharedLane,
}

impl Draining {
    /// The next batch; none, and the lane free, when the queue is empty.
    fn take(&self) -> Option<Vec<Job>> {
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
    fn put_back(&self, jobs: impl DoubleEndedIterator<Item = Job>) {
        let mut lane = locked(&self.lane);
        jobs.rev().for_each(|job| lane.queue.push_front(job));
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut lane = locked(&self.lane);
            lane.is_draining = false;
            lane.queue.clear();
        }
    }
}

async fn drain(context: Arc<Context>, draining: Draining) {
    while let Some(jobs) = draining.take() {
        answer(&context, &draining, jobs).await;
    }
}

async fn answer(context: &Context, draining: &Draining, jobs: Vec<Job>) {
    let (mut purchases, mut senders) = (Vec::new(), Vec::new());
    for job in jobs {
        purchases.push((job.actor, job.purchase));
        senders.push(job.answer);
    }
    let answers = match record::record_some(context, draining.program, &purchases).await {
        Ok(answers) => answers,
        Err(error) => {
            tracing::error!(
                code = error.code().as_str(),
                detail = error.detail(),
                "a batch of purchases failed"
            );
            let failed = || Error::new(error.code(), error.message());
            senders.iter().map(|_| Err(failed())).collect()
        }
    };
    let mut jobs = purchases.into_iter().zip(senders);
    for (answer, ((_, purchase), sender)) in answers.into_iter().zip(jobs.by_ref()) {
        draining.recorder.remember(&purchase, draining.index, &answer);
        // Nobody listens when the caller went away; the purchase is recorded all the same.
        drop(sender.send(answer));
    }
    let left: Vec<_> =
        jobs.map(|((actor, purchase), answer)| Job { actor, purchase, answer }).collect();
    draining.put_back(left.into_iter());
}
