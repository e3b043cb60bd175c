//! Every bound that a plugin's author can meet, by name. `sdk/README.md` lists them, which a test
//! compares.

use std::time::Duration;

/// Units of fuel, about one per WebAssembly instruction, that one call may use. A purchase handled
/// by the bundled plugins takes well under a hundredth of it.
pub const FUEL: u64 = 50_000_000;
/// Wall-clock time that one call may spend inside the guest; the backstop behind [`FUEL`].
pub const GUEST_TIME: Duration = Duration::from_millis(100);
/// For the start of an instance, and again until its answer, waits included; the backstop behind
/// [`GUEST_TIME`].
pub const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes of a guest's linear memory; of all of them together, where a component has several.
pub const MEMORY: usize = 16 << 20;
/// Bytes of the guest's own stack, inside its memory.
pub const GUEST_STACK: usize = 64 << 10;
/// Bytes of WebAssembly stack.
pub const STACK: usize = 512 << 10;
/// Bytes that the guest may pass to the host at once: its answer, or one log line.
pub const PASSED_BYTES: usize = 1 << 20;
/// Bytes of a component. An interpreter and what it interprets fit, for plugins in other languages.
pub const COMPONENT_BYTES: usize = 2 << 20;

/// Lines of a call's log, and bytes of each.
pub const LOG_LINES: usize = 50;
pub const LOG_LINE_BYTES: usize = 1 << 10;

pub const ACTIONS: usize = 64;
pub const PROPOSALS: usize = 64;
/// Events of its own that one answer raises.
pub const RAISED_EVENTS: usize = 8;
/// Tags that one answer adds and removes, and that a member has.
pub const TAG_CHANGES: usize = 20;
pub const TAGS: usize = 100;
/// Parameters of one message.
pub const PARAMETERS: usize = 32;
/// Keys, names and identifiers.
pub const NAME_BYTES: usize = 512;
/// Reasons, parameters and refusals.
pub const TEXT_BYTES: usize = 2 << 10;
/// State, timer data, record data and view, each.
pub const JSON_BYTES: usize = 64 << 10;
/// Questions of one call, rows of an answer, and bytes of it, but for one row that is larger.
pub const LOOK_UPS: usize = 20;
pub const LOOK_UP_ROWS: u32 = 100;
pub const LOOK_UP_BYTES: usize = 1 << 20;
/// Service centers of an answer.
pub const CENTERS: u32 = 50;
/// The least time from the firing of a timer to the next that the plugin sets because of it.
pub const TIMER_STEP: Duration = Duration::from_hours(1);
/// How long after its occasion a message is still worth sending. History that is brought in later has
/// occasions enough of which nobody wants to hear any more.
pub const MESSAGE_MOMENT: Duration = Duration::from_hours(7 * 24);
/// The most records of a type that `view` is shown: the newest.
pub const RECORDS_SHOWN: usize = 100;
/// The most points of anything: 2^53 - 1, because a double, which is what JSON is read into, has every
/// whole number up to here.
pub const POINTS: i64 = (1 << 53) - 1;

/// The most subscriptions of a manifest, and events of its own.
pub const SUBSCRIPTIONS: usize = 100;
pub const EVENTS: usize = 100;
/// The most templates of a manifest, and languages of each.
pub const TEMPLATES: usize = 100;
pub const LANGUAGES: usize = 50;
/// The most bytes of a file of `locales`, and opening brackets of one of its texts.
pub const LOCALE_BYTES: usize = 64 << 10;
pub const BRACKETS: usize = 100;
/// The most bytes of a subject, of a body, and of what either becomes when it is filled: what a
/// plugin says is read by people.
pub const SUBJECT_BYTES: usize = 1 << 10;
pub const BODY_BYTES: usize = 16 << 10;
pub const RENDERED_BYTES: usize = 64 << 10;
