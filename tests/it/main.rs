//! The one integration-test binary: it speaks HTTP to the real server, on SQLite and on PostgreSQL.
//!
//! PostgreSQL comes from `scripts/with-postgres.sh`, which `make test` runs the tests under.
//!
//! Refusals are inline snapshots, so that a message is read where its cause is. When a wording
//! changes, `cargo insta review` (or a hand) puts the new text into the test.

// A test that no `on_both_databases!` names would not run, and only this lint notices.
#![deny(dead_code)]

mod support;

mod actions;
mod approvals;
mod backtests;
mod bad_input;
mod browsers;
mod budgets;
mod cards;
mod causes;
mod changes;
mod command_line;
mod concurrency;
mod conditions;
mod contracts;
mod copy;
mod corrections;
mod directory;
mod edits;
mod every_field;
mod examples;
mod facts;
mod faults;
mod holds;
mod hostile;
mod hostile_plugins;
mod imports;
mod industry;
mod isolation;
mod javascript;
mod languages;
mod ledger;
mod look_ups;
mod machinery;
mod members;
mod memberships;
mod merging;
mod migrations;
mod model;
mod month;
mod new_plugin;
mod nodes;
mod operations;
mod over_http;
mod packages;
mod packed;
mod parking;
mod partial;
mod plugin_changes;
mod plugin_trust;
mod plugin_versions;
mod points;
mod privacy;
mod programs;
mod purchases;
mod readiness;
mod reappraisals;
mod record_owners;
mod recordings;
mod reference;
mod referrals;
mod returns;
mod rewards;
mod scopes;
mod sealing;
mod server_clock;
mod starts;
mod statement;
mod statements;
mod story;
mod tidy;
mod tiers;
mod timers;
mod tokens;
mod transfers;
mod unmerging;
mod unusable;
mod wire;
mod worker;
