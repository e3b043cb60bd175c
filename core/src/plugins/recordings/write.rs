//! Writing a recording down, with what came of the call.

use crate::db::row;
use crate::hash::Sha256Hex;
use crate::operation::Operation;
use crate::runtime::Fault;
use crate::{EventId, MemberId, PurchaseId, RunId, Timestamp};
use perennial_contract::recording::{Ended, Recording};

/// The most bytes of a recording; of a longer one it is kept that there was one.
const BYTES_MAX: usize = 1 << 20;
/// The outcome of what answered, and was carried out.
const OK: &str = "OK";

/// A recorded call that is not written yet.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    recording: Recording,
    outcome: &'static str,
}

/// What a call was about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Occasion {
    Event(EventId),
    Purchase(PurchaseId),
}

row! {
    struct RecordingRow in "plugin_recordings" {
        plugin_id: String,
        id: RunId,
        member_id: MemberId,
        event_id: Option<EventId>,
        purchase_id: Option<PurchaseId>,
        about: String,
        hook: &'static str,
        outcome: &'static str,
        digest: Sha256Hex,
        items: usize,
        fuel: Option<u64>,
        data: Option<String>,
        recorded_at: Timestamp,
    }
}

impl Recorded {
    pub(super) fn of(recording: Recording) -> Self {
        let outcome = match &recording.ended {
            Ended::Answered { .. } => OK,
            Ended::Failed { kind, .. } => kind.name(),
        };
        Self { recording, outcome }
    }

    /// The same of an answer that was not carried out, because the plugin may not have what it asks for.
    pub(in crate::plugins) fn refused(mut self, fault: &Fault) -> Self {
        self.recording.refused = Some(fault.message.clone());
        Self { outcome: fault.kind.name(), ..self }
    }

    pub(crate) fn write(
        &self,
        operation: &mut Operation<'_>,
        (member, occasion): (MemberId, Occasion),
    ) {
        let Self { recording, outcome } = self;
        let (event_id, purchase_id) = match occasion {
            Occasion::Event(event) => (Some(event), None),
            Occasion::Purchase(purchase) => (None, Some(purchase)),
        };
        let (items, fuel) = match &recording.ended {
            Ended::Answered { answer, fuel, .. } => (answer.len(), Some(*fuel)),
            Ended::Failed { .. } => (0, None),
        };
        let data = serde_json::to_string(recording).ok();
        operation.insert(&RecordingRow {
            plugin_id: recording.plugin.clone(),
            id: RunId::new(),
            member_id: member,
            event_id,
            purchase_id,
            about: recording.call.about().to_owned(),
            hook: recording.call.hook(),
            outcome,
            digest: Sha256Hex(recording.digest.clone()),
            items,
            fuel,
            data: data.filter(|data| data.len() <= BYTES_MAX),
            recorded_at: operation.recorded_at(),
        });
    }
}
