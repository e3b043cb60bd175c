//! `docs/hostile-plugins.md` says what the tables say.

use super::cases::{At, at};
use super::door::REFUSED;
use super::kind;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# Hostile plugins

What every host of plugins has to show. Whoever writes another one, or changes this one, runs the same guests through it; this page is made from the tables that the tests go through, and a test keeps it true.

In each case that follows

- the guest is told apart: the outcome is of the class that stands here, and its message names the plugin, the hook and the reason;
- the neighbour is served: a plugin beside it handles the same event, prices the same purchase, or is shown of the same member;
- nothing of the answer is kept: no points, message, timer, record, state or run, also where the rest of the answer was sound.

The guests are `tests/plugins/hostile`, which does what its configuration says, and two that are made by hand, in `tests/plugins/hostile/made.rs`.
`tests/plugins/hostile/cases.rs` is the table: `plugins/host/tests/it/hostile.rs` goes through it in the host alone, `tests/it/hostile_plugins/` on both databases.
A case is a line there, and what the guest does is a line of the guest.
";
const TAIL: &str = "
## Of several events, and of several plugins

| what happens | what has to come of it | test |
| --- | --- | --- |
| plugins follow from one another without end | the chain ends at its bound, and the next purchase begins a chain of its own | `hostile_plugins::chains` |
| an event is delivered again after it was handled, or behind a later one | the answer was carried out once, and is not again | `hostile_plugins::repeated` |
| 500 plugins are enabled in one program, a tenth of them hostile | each of the others has handled the event, each of these is named | `hostile_plugins::crowd` |
| servers are killed while plugins work | the end is that of an undisturbed run | `faults::plugins` |
| a version fails over every event, and the next does not | what waits is handled, in order, from where it stopped | `hostile_plugins::mended` |
| a plugin names a timer like another's | each has its own | `hostile_plugins::on_event` |
| a guest loops while others are called, on one thread | they are answered | `hostile::spinners_do_not_stall_a_good_plugin` in `plugins/host` |
| a guest computes without end on fuel without end | the wall clock stops it | `hostile::the_wall_clock_stops_what_fuel_does_not` in `plugins/host` |
| more calls than there are slots, and calls that are let go | each has its turn, and no slot is lost | `hostile::more_calls_than_slots_wait_for_their_turn_and_a_dropped_call_frees_its_slot` in `plugins/host` |
";

#[test]
fn the_document_says_what_the_tables_say() {
    let mut text = HEAD.to_owned();
    for (title, hook) in [
        ("When something happens: `on-event`", At::OnEvent),
        ("When a purchase waits for it: `appraise`", At::Appraise),
        ("When somebody looks: `view`", At::View),
    ] {
        write!(text, "\n## {title}\n\n| the guest | outcome | says |\n| --- | --- | --- |\n")
            .unwrap();
        for case in at(hook) {
            writeln!(text, "| {} | `{}` | {} |", case.does, kind(case), case.says.trim()).unwrap();
        }
    }
    text += "\n## At the door\n\nA file is refused before anything of it runs, and nothing of it is installed.\n\n\
             | the file | code | says |\n| --- | --- | --- |\n";
    for refused in REFUSED {
        let code = refused.code.as_str();
        writeln!(text, "| {} | `{code}` | {} |", refused.does, refused.says).unwrap();
    }
    text += TAIL;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hostile-plugins.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let how = "UPDATE_DOCS=1 cargo test --test it -- hostile_plugins::document";
    assert!(found == text, "docs/hostile-plugins.md is not so: {how}\n{text}");
}
