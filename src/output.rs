//! What commands print: results on standard output, everything else on standard error.

use perennial_core::Code;
use serde::Serialize;
use std::fmt::Display;
use std::io::Write;

/// A line of the result. A reader that stopped reading, as in `perennial … | head`, is not a
/// failure.
pub(crate) fn line(text: impl Display) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// A result: `text` for people, `value` as JSON for programs.
pub(crate) fn result(as_json: bool, value: &impl Serialize, text: impl FnOnce() -> String) {
    match serde_json::to_string(value) {
        Ok(json) if as_json => line(json),
        _ => line(text()),
    }
}

/// Information that is not part of the result.
pub(crate) fn note(text: impl Display) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Why the command failed, with what to do about it where that is known. The private half of an
/// error is shown here too, because the operator runs the binary.
pub(crate) fn error(error: &anyhow::Error) {
    note(format!("error: {error:#}"));
    let Some(core) = error.chain().find_map(|cause| cause.downcast_ref::<perennial_core::Error>())
    else {
        return;
    };
    if let Some(detail) = core.detail() {
        note(format!("cause: {detail}"));
    }
    let hint = match core.code() {
        // Whoever runs a command has no request to send again.
        Code::Unavailable => {
            "Run the command again; if another process uses the database's file, end it first."
        }
        code => code.help(),
    };
    note(format!("hint: {hint} [{}]", core.code().as_str()));
}
