//! What a guest may do to whoever runs it, and what has to come of it: the table that each host is
//! shown to keep. `plugins/host/tests/it/hostile.rs` calls the hooks through the host and looks at
//! the fault; `tests/it/hostile_plugins/` lets the same guests loose on members and looks at what is
//! left: in each case nothing of the answer, and a neighbour that was served.

use At::{Appraise, OnEvent, View};
use perennial_core::plugins::FaultKind::{
    self, Garbage, NotAllowed, OutOfFuel, OutOfMemory, Refused, Trap,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    OnEvent,
    Appraise,
    View,
}

#[derive(Debug)]
pub(crate) struct Case {
    /// Of the plugin `hostile`; `grow-table` is a guest made by hand.
    pub(crate) mode: &'static str,
    pub(crate) at: At,
    /// For people.
    pub(crate) does: &'static str,
    /// What it is judged to be; whether its answer asks for what is not granted the platform judges,
    /// behind the host.
    pub(crate) fault: FaultKind,
    /// Part of what the operator reads.
    pub(crate) says: &'static str,
}

const fn case(
    at: At,
    mode: &'static str,
    does: &'static str,
    fault: FaultKind,
    says: &'static str,
) -> Case {
    Case { mode, at, does, fault, says }
}

pub(crate) const GROW_TABLE: &str = "grow-table";

pub(crate) const CASES: &[Case] = &[
    // It never comes to an answer.
    case(OnEvent, "loop", "loops", OutOfFuel, "used up its 50000000 units of fuel"),
    case(
        OnEvent,
        "allocate",
        "allocates without end",
        OutOfMemory,
        "bytes of memory; at most 16777216 are allowed",
    ),
    case(
        OnEvent,
        GROW_TABLE,
        "grows a table without end",
        OutOfMemory,
        "table elements; at most 10000 are allowed",
    ),
    case(OnEvent, "recurse", "calls itself without end", Trap, "endless recursion"),
    case(OnEvent, "trap", "panics", Trap, "the sky is falling"),
    case(
        OnEvent,
        "trap-behind-its-log",
        "panics when no line of its log is left",
        Trap,
        "the sky is falling",
    ),
    case(
        OnEvent,
        "clock",
        "asks for the time",
        Trap,
        "a plugin has no clock, the time of the call is `cx.now`",
    ),
    case(OnEvent, "flood-log", "logs without end", OutOfFuel, "used up its 50000000 units of fuel"),
    case(OnEvent, "refuse", "refuses", Refused, "refused with `no-mood`: not today"),
    // It answers with what is no answer.
    case(
        OnEvent,
        "huge-output",
        "answers with more than may be passed",
        Garbage,
        "its answer, or a line that it logged, is larger than 1024 KiB",
    ),
    case(
        OnEvent,
        "too-many-actions",
        "asks for one action too many",
        Garbage,
        "65 actions; at most 64 are allowed",
    ),
    case(
        OnEvent,
        "far-too-many-actions",
        "asks for a thousand actions",
        Garbage,
        "1000 actions; at most 64 are allowed",
    ),
    case(
        OnEvent,
        "duplicate-key",
        "uses the key of an action twice",
        Garbage,
        "action 2 (`k`): its key is used twice",
    ),
    case(OnEvent, "empty-key", "uses no key", Garbage, "action 1 (``), its key is empty"),
    case(
        OnEvent,
        "negative-points",
        "awards less than nothing",
        Garbage,
        "-5 points; at least 1 is required",
    ),
    case(OnEvent, "deduct-nothing", "takes nothing", Garbage, "0 points; at least 1 is required"),
    case(
        OnEvent,
        "no-tag",
        "tags a member with what is no tag",
        Garbage,
        "the tag `Much too Loud`: use lower-case letters, digits and hyphens",
    ),
    case(
        OnEvent,
        "garbage-json",
        "keeps a state that is no JSON",
        Garbage,
        "action 1 (`lie`), the state is not JSON: EOF",
    ),
    case(
        OnEvent,
        "zero-character",
        "keeps a character that no database takes",
        Garbage,
        "the state contains the character U+0000",
    ),
    case(
        OnEvent,
        "large-json",
        "keeps too much",
        Garbage,
        "the state has 100002 bytes; at most 65536 are allowed",
    ),
    case(
        OnEvent,
        "garbage-timer-data",
        "sets a timer with data that are no JSON",
        Garbage,
        "its data is not JSON",
    ),
    case(
        OnEvent,
        "instant-outside-calendar",
        "sets a timer for no instant",
        Garbage,
        "it is due outside the calendar",
    ),
    case(
        OnEvent,
        "no-such-day",
        "sets a timer for no day",
        Garbage,
        "`2026-02-30`, which is not a day",
    ),
    case(
        OnEvent,
        "long-reason",
        "gives a reason as long as a book",
        Garbage,
        "its reason has 10000 bytes; at most 2048 are allowed",
    ),
    case(
        OnEvent,
        "broken-text",
        "answers with a text that is not UTF-8",
        Garbage,
        "broke the contract: ",
    ),
    // It asks for what it may not have.
    case(
        OnEvent,
        "too-many-points",
        "awards more than its manifest asks for",
        NotAllowed,
        "points, more than points-per-event-max, 100",
    ),
    case(
        OnEvent,
        "deduct",
        "takes points, which its manifest does not ask for",
        NotAllowed,
        "the answer deducts 1 points, more than deducts-per-event-max, 0: write",
    ),
    case(
        OnEvent,
        "raise",
        "raises an event that its manifest does not declare",
        NotAllowed,
        "declares no event `sighed` under [events]",
    ),
    case(
        OnEvent,
        "tag",
        "tags a member, which its manifest does not ask for",
        NotAllowed,
        "the manifest does not ask for the capability `tags`",
    ),
    case(
        OnEvent,
        "untag",
        "takes a tag away, which its manifest does not ask for",
        NotAllowed,
        "the manifest does not ask for the capability `tags`",
    ),
    case(
        OnEvent,
        "look-up-centers",
        "looks up the service network, which its manifest does not ask for",
        NotAllowed,
        "the manifest does not ask for the capability `directory`",
    ),
    case(
        OnEvent,
        "unknown-template",
        "sends what is not among its texts",
        NotAllowed,
        "the manifest has no message template `spam`",
    ),
    case(
        OnEvent,
        "template-bomb",
        "fills a text until it bursts",
        NotAllowed,
        "the filled template exceeds 65536 bytes",
    ),
    case(
        OnEvent,
        "foreign-record",
        "writes a record that is not its to write",
        NotAllowed,
        "the manifest does not ask to write records `equipment`",
    ),
    case(
        OnEvent,
        "record-of-another",
        "writes a record of another member",
        NotAllowed,
        "the toy `theirs` is another member's",
    ),
    case(
        OnEvent,
        "timer-about-record-of-another",
        "wants to be woken about a record of another member",
        NotAllowed,
        "the toy `theirs` is another member's",
    ),
    case(
        OnEvent,
        "contact-of-another",
        "writes to a contact of another member",
        NotAllowed,
        "is not a contact of this member that the plugin was shown",
    ),
    case(
        OnEvent,
        "foreign-contact",
        "writes to a contact that nobody has",
        NotAllowed,
        "`con_of_somebody_else` is not a contact of this member",
    ),
    case(
        OnEvent,
        "long-record-id",
        "names a record by what is no id",
        NotAllowed,
        "the record's external id: use 1 to 128 printable",
    ),
    case(
        OnEvent,
        "unknown-effect",
        "asks for an effect that there is not",
        NotAllowed,
        "this platform knows no effect `launch-missiles`",
    ),
    // The same where a purchase waits for it, and where somebody looks.
    case(
        OnEvent,
        "look-up-flood",
        "looks up without end",
        NotAllowed,
        "it looks up more than 20 times in one call",
    ),
    case(
        OnEvent,
        "look-up-unshown",
        "looks up records that it is not shown",
        NotAllowed,
        "it looks up records `equipment`, and is shown none of these",
    ),
    case(
        OnEvent,
        "look-up-purchases",
        "looks up purchases without the capability",
        NotAllowed,
        "the manifest does not ask for the capability `purchases`",
    ),
    case(Appraise, "loop", "loops", OutOfFuel, "appraise: used up"),
    case(Appraise, "allocate", "allocates without end", OutOfMemory, "appraise: asked for"),
    case(Appraise, "trap", "panics", Trap, "the sky is falling"),
    case(
        Appraise,
        "negative-points",
        "proposes less than nothing",
        Garbage,
        "proposal 1 (`proposal:1`), -5 points",
    ),
    case(
        Appraise,
        "duplicate-key",
        "uses the key of a proposal twice",
        Garbage,
        "proposal 2 (`k`): its key is used twice",
    ),
    case(
        Appraise,
        "too-many-actions",
        "proposes a thousand times",
        Garbage,
        "1000 proposals; at most 64 are allowed",
    ),
    case(
        Appraise,
        "too-many-points",
        "proposes more than its manifest asks for",
        NotAllowed,
        "it proposes more than its points-per-event-max of 100",
    ),
    case(
        Appraise,
        "look-up-flood",
        "looks up without end",
        NotAllowed,
        "it looks up more than 20 times in one call",
    ),
    case(
        Appraise,
        "look-up-unshown",
        "looks up records that it is not shown",
        NotAllowed,
        "it looks up records `equipment`, and is shown none of these",
    ),
    case(View, "loop", "loops", OutOfFuel, "view: used up"),
    case(View, "allocate", "allocates without end", OutOfMemory, "view: asked for"),
    case(View, "trap", "panics", Trap, "the sky is falling"),
    case(View, "garbage-json", "shows what is no JSON", Garbage, "the view is not JSON: EOF"),
    case(
        View,
        "zero-character",
        "shows a character that no database takes",
        Garbage,
        "the view contains the character U+0000",
    ),
    case(View, "large-json", "shows too much", Garbage, "the view has 100002 bytes"),
    case(
        View,
        "look-up-flood",
        "looks up without end",
        NotAllowed,
        "it looks up more than 20 times in one call",
    ),
    case(
        View,
        "look-up-unshown",
        "looks up records that it is not shown",
        NotAllowed,
        "it looks up records `equipment`, and is shown none of these",
    ),
];

pub(crate) fn at(at: At) -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(move |case| case.at == at)
}
