//! What commands print: results on standard output, everything else on standard error.

use serde::Serialize;
use std::fmt::Display;
use std::io::Write;

/// A line of the result. A reader that went away, as in `perennial … | head`, is no failure.
pub(crate) fn line(text: impl Display) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// A result: `text` for people, `value` when a program reads.
pub(crate) fn result(as_json: bool, value: &impl Serialize, text: impl FnOnce() -> String) {
    match serde_json::to_string(value) {
        Ok(json) if as_json => line(json),
        _ => line(text()),
    }
}

/// Something to know that is no part of the result.
pub(crate) fn note(text: impl Display) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Why the command failed, with what to do where that is known. A failure of ours shows its private half here: whoever runs the
/// binary is the operator.
pub(crate) fn error(error: &anyhow::Error) {
    note(format!("error: {error:#}"));
    let Some(core) = error.chain().find_map(|cause| cause.downcast_ref::<perennial_core::Error>())
    else {
        return;
    };
    if let Some(detail) = core.detail() {
        note(format!("cause: {detail}"));
    }
    note(format!("hint: {} [{}]", core.code().help(), core.code().as_str()));
}
