//! Parking: a plugin that fails on an event of a member stands still over that member, and over
//! nobody else. What happens to the member meanwhile waits behind that event, apart from the queue
//! of those who are served; so nobody looks at it in each round, and nothing overtakes it.
//!
//! Somebody says what becomes of it: the event is tried again, or skipped and kept as a dead letter.
//! Another version of the plugin, or another configuration, tries all of them again by itself.
//!
//! Parking, freeing and skipping are operations: the account knows which plugins stand still over
//! it, so whoever records an event at the same time knows where that is to wait.

mod free;
mod park;
mod read;
mod skip;

pub(crate) use free::Freeing;
pub(super) use free::{FREE_ALL, free, free_all};
pub(super) use park::park;
pub use read::{DeadLetter, ParkedQueue};
pub(super) use read::{dead_letters, parked_queues};
pub(super) use skip::{redeliver, skip};

use crate::db::row;
use crate::operation::Operation;
use crate::{Code, Error, EventId, MemberId, Result};

row! {
    /// A queue: what waits of a member for a plugin.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) struct QueueKey {
        pub(super) plugin_id: String,
        pub(super) member_id: MemberId,
    }
}

/// An event of a member, and a plugin that does not get past it.
#[derive(Clone, Debug)]
pub(super) struct Stuck<'a> {
    pub(super) plugin: &'a str,
    pub(super) member: MemberId,
    pub(super) event: EventId,
}

const BACK: &str = "
    INSERT INTO deliveries (program_id, plugin_id, member_id, member_seq, event_id, attempts,
        not_before)
    SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq, d.event_id, 0, 0
    FROM parked_deliveries AS d
    WHERE d.program_id = $1 AND d.plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND d.member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (d.plugin_id, d.member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)";
const EMPTY: &str = "
    DELETE FROM parked_deliveries
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)";
const END: &str = "
    DELETE FROM parked_queues
    WHERE program_id = $1 AND plugin_id {in: SELECT r.plugin_id FROM {rows} AS r}
        AND member_id {in: SELECT r.member_id FROM {rows} AS r}
        AND (plugin_id, member_id) IN (SELECT r.plugin_id, r.member_id FROM {rows} AS r)";

/// Puts what waits in a parked queue back among what is delivered. Of a member who was erased nothing
/// is left to deliver.
fn go_on(operation: &mut Operation<'_>, queue: &QueueKey) -> Result<()> {
    if !operation.is_erased(queue.member_id) {
        let state = operation.change(queue.member_id)?;
        state.touch();
        state.parked.remove(&queue.plugin_id);
        operation.run(BACK, queue);
    }
    end(operation, queue);
    Ok(())
}

/// Ends a parked queue, whatever waits in it.
fn end(operation: &mut Operation<'_>, queue: &QueueKey) {
    operation.run(EMPTY, queue);
    operation.run(END, queue);
}

fn not_parked(plugin: &str) -> Error {
    let why = format!("`{plugin}` does not stand still over that event");
    Error::new(Code::EventNotParked, why).at("eventId")
}
