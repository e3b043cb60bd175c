//! Progress of long work, on a terminal only; elsewhere what is printed at the end is enough.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Of the reading of a file that finds out which rows belong together.
pub(super) fn of_bytes(total: u64) -> ProgressBar {
    bar("reading {wide_bar} {bytes}/{total_bytes}, {eta} left", Some(total))
}

/// Of what is done row by row, such as `importing`.
pub(super) fn of_rows(what: &str, total: u64) -> ProgressBar {
    bar(&format!("{what} {{wide_bar}} {{human_pos}}/{{human_len}} rows, {{eta}} left"), Some(total))
}

/// Of what nobody knows the number of, such as `members`.
pub(super) fn counting(what: &str) -> ProgressBar {
    bar(&format!("{{human_pos}} {what}, {{elapsed}}"), None)
}

fn bar(template: &str, total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
