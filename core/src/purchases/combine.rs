//! The combiner: purchases that arrive while a commit is in flight are written together by the next
//! one. Nobody waits for a timer; the commit is the timer. Each purchase has its own answer, and a
//! refused one does not touch its neighbours.

use super::{NewPurchase, Receipt, record};
use crate::context::Context;
use crate::{Actor, Error, ProgramId, Result};
use sea_orm::DbBackend;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// The most purchases that one transaction writes.
pub(super) const BATCH_MAX: usize = 256;
/// Writers at a time on PostgreSQL; a member always has the same one. SQLite has one writer.
const LANES: usize = 2;

/// Queues of purchases, by member.
#[derive(Debug)]
pub(crate) struct Recorder {
    lanes: [Arc<Mutex<Lane>>; LANES],
}

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
        Self { lanes: std::array::from_fn(|_| Arc::default()) }
    }
}

impl Recorder {
    /// Records one purchase, together with others that are waiting.
    pub(super) async fn record(
        &self,
        context: &Arc<Context>,
        actor: Actor,
        purchase: NewPurchase,
    ) -> Result<Receipt> {
        let (answer, answered) = oneshot::channel();
        let lane = self.lane(context, &actor, &purchase);
        let is_first = {
            let mut lane = lane.lock().unwrap_or_else(PoisonError::into_inner);
            lane.queue.push_back(Job { actor, purchase, answer });
            !std::mem::replace(&mut lane.is_draining, true)
        };
        if is_first {
            // A task of its own: the caller may go away, the others' answers may not.
            tokio::spawn(drain(Arc::clone(context), Draining(Arc::clone(lane))));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(Error::internal("the recorder ended without an answer")))
    }

    fn lane(&self, context: &Context, actor: &Actor, purchase: &NewPurchase) -> &Arc<Mutex<Lane>> {
        if context.db.backend() == DbBackend::Sqlite {
            return &self.lanes[0];
        }
        let mut hasher = DefaultHasher::new();
        (actor.program(), &purchase.member).hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default();
        &self.lanes[index]
    }
}

/// Marks the lane free again even if a batch panics; whoever waits gets an error then, and the next
/// call starts anew.
struct Draining(Arc<Mutex<Lane>>);

impl Draining {
    fn lane(&self) -> std::sync::MutexGuard<'_, Lane> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next batch; none, and the lane free, when the queue is empty.
    fn take(&self) -> Option<Vec<Job>> {
        let mut lane = self.lane();
        if lane.queue.is_empty() {
            lane.is_draining = false;
            return None;
        }
        let count = lane.queue.len().min(BATCH_MAX);
        Some(lane.queue.drain(..count).collect())
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut lane = self.lane();
            lane.is_draining = false;
            lane.queue.clear();
        }
    }
}

async fn drain(context: Arc<Context>, draining: Draining) {
    while let Some(mut jobs) = draining.take() {
        while let Some(program) = jobs.first().map(|job| job.actor.program()) {
            let (batch, others) = jobs.into_iter().partition(|job| job.actor.program() == program);
            jobs = others;
            answer(&context, program, batch).await;
        }
    }
}

async fn answer(context: &Context, program: ProgramId, jobs: Vec<Job>) {
    let (mut purchases, mut senders) = (Vec::new(), Vec::new());
    for job in jobs {
        purchases.push((job.actor, job.purchase));
        senders.push(job.answer);
    }
    let answers = match record::record_many(context, program, &purchases).await {
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
    for (sender, answer) in senders.into_iter().zip(answers) {
        // Nobody listens when the caller went away; the purchase is recorded all the same.
        drop(sender.send(answer));
    }
}
