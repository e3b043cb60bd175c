//! The one integration-test binary: it speaks HTTP to the real server, on SQLite and on PostgreSQL.
//!
//! PostgreSQL comes from `scripts/with-postgres.sh`, which `make test` runs the tests under.

mod support;

mod bad_input;
mod command_line;
mod concurrency;
mod crash;
mod directory;
mod examples;
mod hostile_plugins;
mod isolation;
mod ledger;
mod machinery;
mod members;
mod purchases;
mod referrals;
mod story;
mod tidy;
mod timers;
