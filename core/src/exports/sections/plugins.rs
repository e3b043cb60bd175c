//! What happened to the member, what was told it, and what plugins keep of it.

use super::Section;
use crate::exports::column::{any, event, hex, id, instant, number, text};
use crate::plugins::plugins_with;
use crate::{ContactId, EventId, MessageId, PurchaseId, RecordId, RunId, TimerId};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        table: "records",
        columns: &[
            id::<RecordId>("id", "o.id"),
            text("type", "o.record_type"),
            text("externalId", "o.external_id"),
            any("data", "o.data"),
            instant("createdAt", "o.created_at"),
            instant("updatedAt", "o.updated_at"),
        ],
        from: "records AS o WHERE o.program_id = $1 AND o.member_id = $2 ORDER BY o.id",
    },
    Section {
        table: "plugin_states",
        columns: &[
            text("plugin", "s.plugin_id"),
            text("subject", "s.subject"),
            any("data", "s.data"),
        ],
        from: concat!(
            "(",
            plugins_with!("plugin_states"),
            ") AS q CROSS JOIN plugin_states AS s WHERE s.program_id = $1 \
             AND s.plugin_id = q.plugin_id AND s.member_id = $2 ORDER BY s.plugin_id, s.subject"
        ),
    },
    Section {
        table: "timers",
        columns: &[
            id::<TimerId>("id", "x.id"),
            text("plugin", "x.plugin_id"),
            text("name", "x.name"),
            instant("dueAt", "x.due_at"),
            any("data", "x.data"),
            text("recordType", "x.record_type"),
            text("recordExternalId", "x.record_external_id"),
        ],
        from: concat!(
            "(",
            plugins_with!("timers"),
            ") AS q CROSS JOIN timers AS x WHERE x.program_id = $1 \
             AND x.plugin_id = q.plugin_id AND x.member_id = $2 ORDER BY x.id"
        ),
    },
    Section {
        table: "messages",
        columns: &[
            id::<MessageId>("id", "y.id"),
            id::<ContactId>("contactId", "y.contact_id"),
            text("plugin", "y.plugin_id"),
            id::<EventId>("eventId", "y.event_id"),
            text("template", "y.template"),
            text("locale", "y.locale"),
            text("subject", "y.subject"),
            text("body", "y.body"),
            any("parameters", "y.parameters"),
            instant("occurredAt", "y.occurred_at"),
            instant("withdrawnAt", "y.withdrawn_at"),
        ],
        from: "messages AS y WHERE y.program_id = $1 AND y.member_id = $2 ORDER BY y.id",
    },
    Section {
        table: "events",
        columns: &[
            id::<EventId>("id", "v.id"),
            number("number", "v.member_seq"),
            text("name", "v.name"),
            event("data", "v.data"),
            instant("occurredAt", "v.occurred_at"),
            instant("recordedAt", "v.recorded_at"),
        ],
        from: "events AS v WHERE v.program_id = $1 AND v.member_id = $2 ORDER BY v.member_seq",
    },
    Section {
        table: "deliveries",
        columns: &[
            text("plugin", "d.plugin_id"),
            id::<EventId>("eventId", "d.event_id"),
            number("attempts", "d.attempts"),
        ],
        from: concat!(
            "(",
            plugins_with!("deliveries"),
            ") AS q CROSS JOIN deliveries AS d WHERE d.program_id = $1 \
             AND d.plugin_id = q.plugin_id AND d.member_id = $2 ORDER BY d.plugin_id, d.member_seq"
        ),
    },
    Section {
        table: "parked_queues",
        columns: &[
            text("plugin", "d.plugin_id"),
            id::<EventId>("eventId", "d.event_id"),
            any("fault", "d.fault"),
            instant("parkedAt", "d.parked_at"),
        ],
        from: concat!(
            "(",
            plugins_with!("parked_queues"),
            ") AS q CROSS JOIN parked_queues AS d WHERE d.program_id = $1 \
             AND d.plugin_id = q.plugin_id AND d.member_id = $2 ORDER BY d.plugin_id"
        ),
    },
    Section {
        table: "parked_deliveries",
        columns: &[text("plugin", "d.plugin_id"), id::<EventId>("eventId", "d.event_id")],
        from: concat!(
            "(",
            plugins_with!("parked_deliveries"),
            ") AS q CROSS JOIN parked_deliveries AS d WHERE d.program_id = $1 \
             AND d.plugin_id = q.plugin_id AND d.member_id = $2 ORDER BY d.plugin_id, d.member_seq"
        ),
    },
    Section {
        table: "dead_letters",
        columns: &[
            text("plugin", "d.plugin_id"),
            id::<EventId>("eventId", "d.event_id"),
            any("fault", "d.fault"),
            text("reason", "d.reason"),
            instant("skippedAt", "d.skipped_at"),
        ],
        from: concat!(
            "(",
            plugins_with!("dead_letters"),
            ") AS q CROSS JOIN dead_letters AS d WHERE d.program_id = $1 \
             AND d.plugin_id = q.plugin_id AND d.member_id = $2 ORDER BY d.plugin_id, d.member_seq"
        ),
    },
    Section {
        table: "missed_appraisals",
        columns: &[
            text("plugin", "a.plugin_id"),
            id::<PurchaseId>("purchaseId", "a.purchase_id"),
            text("because", "a.because"),
            any("fault", "a.fault"),
            instant("missedAt", "a.missed_at"),
            text("outcome", "a.outcome"),
            number("points", "a.points"),
            any("cuts", "a.cuts"),
        ],
        from: "missed_appraisals AS a WHERE a.program_id = $1 AND a.member_id = $2 \
               ORDER BY a.purchase_id, a.plugin_id",
    },
    Section {
        table: "plugin_runs",
        columns: &[
            text("plugin", "u.plugin_id"),
            id::<EventId>("eventId", "u.event_id"),
            hex("digest", "u.digest"),
            number("actions", "u.actions"),
            any("log", "u.log"),
            instant("handledAt", "u.handled_at"),
        ],
        from: concat!(
            "events AS v CROSS JOIN (",
            plugins_with!("plugin_runs"),
            ") AS q JOIN plugin_runs AS u ON u.program_id = $1 AND u.plugin_id = q.plugin_id \
             AND u.event_id = v.id WHERE v.program_id = $1 AND v.member_id = $2 \
             ORDER BY v.member_seq, u.plugin_id"
        ),
    },
    Section {
        table: "plugin_recordings",
        columns: &[
            id::<RunId>("id", "run.id"),
            text("plugin", "run.plugin_id"),
            text("hook", "run.hook"),
            text("about", "run.about"),
            text("outcome", "run.outcome"),
            text("data", "run.data"),
            instant("recordedAt", "run.recorded_at"),
        ],
        from: "plugin_recordings AS run WHERE run.program_id = $1 AND run.member_id = $2 ORDER BY run.id",
    },
    Section {
        table: "timer_returns",
        columns: &[id::<EventId>("eventId", "g.event_id"), instant("returnedAt", "g.returned_at")],
        from: "events AS v JOIN timer_returns AS g ON g.program_id = $1 AND g.event_id = v.id \
               WHERE v.program_id = $1 AND v.member_id = $2 ORDER BY v.member_seq",
    },
    Section {
        table: "program_plugins",
        columns: &[text("plugin", "e.plugin_id"), any("fault", "e.fault")],
        from: "program_plugins AS e CROSS JOIN members AS m WHERE e.program_id = $1 \
               AND m.program_id = $1 AND m.id = $2 AND e.fault ->> 'member' = $3 \
               ORDER BY e.plugin_id",
    },
];
