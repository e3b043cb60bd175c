//! The one integration-test binary: it speaks HTTP to the real server, on SQLite and on PostgreSQL.
//!
//! PostgreSQL comes from `scripts/with-postgres.sh`, which `make test` runs the tests under.
//!
//! Refusals are inline snapshots, so that a message is read where its cause is. When a wording
//! changes, `cargo insta review` (or a hand) puts the new text into the test.

// A test that no `on_both_databases!` names would not run, and only this lint notices.
#![deny(dead_code)]

mod support;

mod bad_input;
mod command_line;
mod concurrency;
mod conditions;
mod crash;
mod directory;
mod examples;
mod facts;
mod full_disk;
mod hostile;
mod hostile_plugins;
mod imports;
mod isolation;
mod ledger;
mod machinery;
mod members;
mod migrations;
mod over_http;
mod plugin_versions;
mod programs;
mod purchases;
mod readiness;
mod referrals;
mod rewards;
mod scopes;
mod starts;
mod statements;
mod story;
mod tidy;
mod tiers;
mod timers;
mod tokens;
mod unusable;
mod wire;
mod worker;
