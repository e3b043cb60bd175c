//! `sdk/README.md` tells partners the bounds that there are.

use super::{assert_tidy, read};
use perennial_contract::limits;
use std::path::Path;

/// The rows of the guide's table, written from the constants.
fn rows() -> Vec<String> {
    let kib = |bytes: usize| format!("{} KiB", bytes >> 10);
    let mib = |bytes: usize| format!("{} MiB", bytes >> 20);
    let millions = limits::FUEL / 1_000_000;
    let (guest, call) = (limits::GUEST_TIME.as_millis(), limits::CALL_TIMEOUT.as_secs());
    let (stack, calls) = (kib(limits::GUEST_STACK), kib(limits::STACK));
    let hours = limits::TIMER_STEP.as_secs() / 3600;
    let text = kib(limits::TEXT_BYTES);
    let (subject, body) = (kib(limits::SUBJECT_BYTES), kib(limits::BODY_BYTES));
    let (lines, line) = (limits::LOG_LINES, kib(limits::LOG_LINE_BYTES));
    assert_eq!(limits::ACTIONS, limits::PROPOSALS, "one row has both");
    vec![
        format!("| Work of one call | {millions} million units of fuel"),
        format!("| Time of one call | {guest} ms in the plugin's code; {call} s until the answer"),
        format!("| Memory | {} |", mib(limits::MEMORY)),
        format!(
            "| Stack | {stack} inside that memory for values whose address is taken, {calls} for"
        ),
        format!("| Actions of one answer, proposals of one answer | {} |", limits::ACTIONS),
        format!(
            "| State, timer data, record data, view | {} of JSON each |",
            kib(limits::JSON_BYTES)
        ),
        format!(
            "| One answer or log line as a whole, as passed to the platform | {} |",
            mib(limits::PASSED_BYTES)
        ),
        format!("| Reason, value of a parameter | {text} each |"),
        format!(
            "| Key, name of a timer, template, placeholder or record | 1 to {} bytes each |",
            limits::NAME_BYTES
        ),
        format!("| Parameters of one message or reason | {} |", limits::PARAMETERS),
        format!("| Events that one answer raises | {} |", limits::RAISED_EVENTS),
        format!(
            "| Tags that one answer changes, tags of a member | {}, {} |",
            limits::TAG_CHANGES,
            limits::TAGS
        ),
        format!("| Look-ups of one call | {} |", limits::LOOK_UPS),
        format!("| Service centers of one look-up | {} |", limits::CENTERS),
        format!(
            "| Rows of one look-up, and their size | {}, {} MiB; a larger row comes alone |",
            limits::LOOK_UP_ROWS,
            limits::LOOK_UP_BYTES >> 20
        ),
        format!(
            "| From the firing of a timer to the next timer that the plugin sets in response | at \
             least {hours} hour;"
        ),
        format!(
            "| Records of each type that `view` receives | the newest {}, the newest first |",
            limits::RECORDS_SHOWN
        ),
        format!(
            "| Template: subject, body, and either when it is filled | {subject}, {body}, {} |",
            kib(limits::RENDERED_BYTES)
        ),
        format!(
            "| Subscriptions of a manifest, events of its own | {}, {} |",
            limits::SUBSCRIPTIONS,
            limits::EVENTS
        ),
        format!(
            "| Templates of a manifest, languages of a template | {}, {} |",
            limits::TEMPLATES,
            limits::LANGUAGES
        ),
        format!(
            "| A file of `locales`, opening brackets of one of its texts | {}, {} |",
            kib(limits::LOCALE_BYTES),
            limits::BRACKETS
        ),
        format!("| Log of one call | {lines} lines of {line};"),
        format!("| Component | {} |", mib(limits::COMPONENT_BYTES)),
    ]
}

#[test]
fn the_guide_has_the_bounds_that_there_are() {
    let guide = read(Path::new("sdk/README.md"));
    let (_, table) = guide.split_once("| Limit | Bound |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let mut rows = rows();
    let mut wrong: Vec<_> = table
        .lines()
        .skip(2)
        .filter(|line| !rows.iter().any(|row| line.starts_with(row.as_str())))
        .map(|line| format!("sdk/README.md says what is not so: {line}"))
        .collect();
    rows.retain(|row| !table.contains(row.as_str()));
    wrong.extend(rows.into_iter().map(|row| format!("sdk/README.md lacks: {row}")));
    assert_tidy(&wrong);
}
