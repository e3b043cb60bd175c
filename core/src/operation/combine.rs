//! The combiner: requests that arrive while a commit is in flight are written together by the next
//! one. Nobody waits for a timer; the commit is the timer. Each request has its own result, and a
//! refused one does not touch its neighbours.
//!
//! Lanes belong to programs, so that a slow plugin costs its own program only. A lane that is full
//! refuses, and whoever went away before the work began is forgotten.

use crate::context::Context;
use crate::{Actor, Code, Error, Kind, MemberId, ProgramId, Result};
use lru::LruCache;
use sea_orm::DbBackend;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The most requests that one transaction writes.
pub(crate) const BATCH_MAX: usize = 256;
/// The most requests that wait in a lane: some seconds of work.
const WAITING_MAX: usize = 4_096;
/// Writers of a program at a time on PostgreSQL; a member always has the same one. SQLite has one
/// writer.
const LANES: usize = 2;
/// How many members are known by id with the lane of the name that they came by before.
const MEMBERS_KNOWN: NonZeroUsize = NonZeroUsize::new(16_384).expect("above zero");

/// A kind of request that is decided together with others of its kind.
pub(crate) trait Combined: Send + Sync + Sized + 'static {
    type Answer: Send + 'static;

    /// What such requests are, in the plural, such as "purchases".
    const NAME: &'static str;

    /// What two requests of one member have in common, so that a node does not outrun itself.
    fn comes_by(&self) -> ComesBy<'_>;

    /// Whose account was changed.
    fn member(answer: &Self::Answer) -> MemberId;

    /// Decides as many of the requests as there is time for in one commit, in order, the first at
    /// least; each has its own result.
    fn decide(
        context: &Context,
        program: ProgramId,
        requests: &[(Actor, Self)],
    ) -> impl Future<Output = Result<Vec<Result<Self::Answer>>>> + Send;
}

/// How a request names the member that it is about.
pub(crate) enum ComesBy<'a> {
    Id(MemberId),
    /// The id of something that always is the same member's.
    Key(Uuid),
    /// Any other name, which always is the same member's.
    Name(&'a str),
}

/// Queues of requests, by program and member.
pub(crate) struct Combiner<R: Combined> {
    lanes: Mutex<HashMap<(ProgramId, usize), SharedLane<R>>>,
    /// Lanes are chosen by names. A member that is named by id takes the lane of its name once that
    /// was seen.
    lanes_of_members: Mutex<LruCache<MemberId, usize>>,
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
        Self { lanes: Mutex::default(), lanes_of_members: Mutex::new(LruCache::new(MEMBERS_KNOWN)) }
    }
}

impl<R: Combined> Combiner<R> {
    /// Has one request decided, together with others that are waiting. Fails with `UNAVAILABLE`
    /// when too many of the program wait.
    pub(crate) async fn decide(
        self: &Arc<Self>,
        context: &Arc<Context>,
        actor: Actor,
        request: R,
    ) -> Result<R::Answer> {
        let (answer, answered) = oneshot::channel();
        let (program, index) = (actor.program(), self.index(context, &request.comes_by()));
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
            let draining = Draining { combiner: Arc::clone(self), program, index, lane };
            tokio::spawn(drain(Arc::clone(context), draining));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(Error::internal("the combiner ended without an answer")))
    }

    fn index(&self, context: &Context, by: &ComesBy<'_>) -> usize {
        if context.db.backend() == DbBackend::Sqlite {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        match by {
            ComesBy::Id(id) => {
                if let Some(index) = locked(&self.lanes_of_members).get(id) {
                    return *index;
                }
                id.hash(&mut hasher);
            }
            ComesBy::Key(id) => id.hash(&mut hasher),
            ComesBy::Name(name) => name.hash(&mut hasher),
        }
        usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
    }

    fn remember(&self, request: &R, index: usize, answer: &Result<R::Answer>) {
        if let (ComesBy::Name(_), Ok(answer)) = (request.comes_by(), answer) {
            locked(&self.lanes_of_members).put(R::member(answer), index);
        }
    }
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
    combiner: Arc<Combiner<R>>,
    program: ProgramId,
    index: usize,
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
    for (answer, ((_, request), sender)) in answers.into_iter().zip(jobs.by_ref()) {
        draining.combiner.remember(&request, draining.index, &answer);
        // Nobody listens when the caller went away; the request is decided all the same.
        drop(sender.send(answer));
    }
    let left: Vec<_> =
        jobs.map(|((actor, request), answer)| Job { actor, request, answer }).collect();
    draining.put_back(left.into_iter());
}

/// Decides as many of the requests as there is time for. If they fail together by a defect, each is
/// decided alone: whichever has met it costs nobody else an answer.
pub(crate) async fn decide_together<R: Combined>(
    context: &Context,
    program: ProgramId,
    requests: &[(Actor, R)],
) -> Result<Vec<Result<R::Answer>>> {
    let error = match R::decide(context, program, requests).await {
        Ok(answers) => return Ok(answers),
        Err(error) => error,
    };
    let (code, detail) = (error.code().as_str(), error.detail());
    tracing::error!(code, detail, "a batch of {} failed", R::NAME);
    if error.kind() != Kind::Internal || requests.len() == 1 {
        return Err(error);
    }
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        let alone = R::decide(context, program, std::slice::from_ref(request)).await;
        let lost = || Err(Error::internal("a request has no answer"));
        answers.push(alone.and_then(|mut answers| answers.pop().unwrap_or_else(lost)));
    }
    Ok(answers)
}

impl<R: Combined> std::fmt::Debug for Combiner<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combiner").field("of", &R::NAME).finish_non_exhaustive()
    }
}
