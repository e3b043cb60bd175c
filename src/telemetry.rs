//! The log, on standard error. `PERENNIAL_LOG` chooses what is shown, in the syntax of
//! `tracing-subscriber`'s filters.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Information from our own crates, and only warnings from libraries; not those of the driver about
/// parameters of an address, which may be a password.
const OURS: &str = "warn,sqlx_postgres::options=error,perennial=info,perennial_core=info,perennial_graphql=info,perennial_plugin_host=info";

pub(crate) fn init(as_json: bool) {
    let filter = EnvFilter::try_from_env("PERENNIAL_LOG").unwrap_or_else(|_| EnvFilter::new(OURS));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if as_json { log.json().init() } else { log.with_target(false).compact().init() }
}
