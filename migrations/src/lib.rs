//! The history of the tables. A migration is written once and never edited after a release; see
//! `migrations/README.md`.
//!
//! Every key leads with the program, so that an engine that distributes tables can place them by
//! it. Instants are microseconds since the epoch, points and money 64-bit integers, on both
//! databases.

mod dialect;
mod m20261122_000001_programs;
mod m20261122_000002_members;
mod m20261122_000003_ledger;
mod m20261122_000004_purchases;
mod m20261122_000005_rewards;
mod m20261122_000006_directory;
mod m20261122_000007_events;
mod m20261122_000008_plugins;
mod m20261124_000009_tokens;
mod m20261124_000010_permanent;
mod m20261124_000011_settling;
mod m20261124_000012_timer_holds;
mod m20261126_000013_server_clock;
mod m20261126_000014_journal;
mod m20261126_000015_plugin_versions;
mod m20261126_000016_histories;
mod m20261126_000017_corrections;
mod m20261126_000018_seals;
mod m20261126_000019_returns;
mod m20261126_000020_holds;
mod m20261126_000021_pending;
mod m20261126_000022_payment;
mod m20261126_000023_openings;
mod m20261126_000024_erasures;
mod m20261126_000025_transfers;
mod m20261126_000026_activity;
mod m20261126_000027_merges;
mod m20261126_000028_approvals;
mod m20261126_000029_edits;
mod m20261126_000030_parted;
mod m20261126_000031_memberships;
mod m20261126_000032_spend_parts;
mod m20261126_000033_cards;
mod m20261126_000034_parking;
mod m20261126_000035_came_back;
mod m20261126_000036_terms;
mod m20261126_000037_paid_by_edits;
mod m20261127_000038_plugin_trust;
mod m20261127_000039_left_and_until;
mod m20261127_000040_missed_appraisals;
mod m20261127_000041_chains;
mod m20261127_000042_erased_cards;
mod m20261127_000043_plugin_changes;
mod m20261127_000044_timers_by_record;
mod m20261127_000045_plugin_recordings;
mod m20261127_000046_reappraisal_cuts;
mod m20261127_000047_tags;
mod m20261127_000048_activated_pendings;
mod migrate;

pub use migrate::{is_current, migrate};
pub use sea_orm_migration::DbErr;

use sea_orm_migration::MigratorTrait;

/// All migrations, oldest first.
#[derive(Debug)]
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_programs::Migration),
            Box::new(m20261122_000002_members::Migration),
            Box::new(m20261122_000003_ledger::Migration),
            Box::new(m20261122_000004_purchases::Migration),
            Box::new(m20261122_000005_rewards::Migration),
            Box::new(m20261122_000006_directory::Migration),
            Box::new(m20261122_000007_events::Migration),
            Box::new(m20261122_000008_plugins::Migration),
            Box::new(m20261124_000009_tokens::Migration),
            Box::new(m20261124_000010_permanent::Migration),
            Box::new(m20261124_000011_settling::Migration),
            Box::new(m20261124_000012_timer_holds::Migration),
            Box::new(m20261126_000013_server_clock::Migration),
            Box::new(m20261126_000014_journal::Migration),
            Box::new(m20261126_000015_plugin_versions::Migration),
            Box::new(m20261126_000016_histories::Migration),
            Box::new(m20261126_000017_corrections::Migration),
            Box::new(m20261126_000018_seals::Migration),
            Box::new(m20261126_000019_returns::Migration),
            Box::new(m20261126_000020_holds::Migration),
            Box::new(m20261126_000021_pending::Migration),
            Box::new(m20261126_000022_payment::Migration),
            Box::new(m20261126_000023_openings::Migration),
            Box::new(m20261126_000024_erasures::Migration),
            Box::new(m20261126_000025_transfers::Migration),
            Box::new(m20261126_000026_activity::Migration),
            Box::new(m20261126_000027_merges::Migration),
            Box::new(m20261126_000028_approvals::Migration),
            Box::new(m20261126_000029_edits::Migration),
            Box::new(m20261126_000030_parted::Migration),
            Box::new(m20261126_000031_memberships::Migration),
            Box::new(m20261126_000032_spend_parts::Migration),
            Box::new(m20261126_000033_cards::Migration),
            Box::new(m20261126_000034_parking::Migration),
            Box::new(m20261126_000035_came_back::Migration),
            Box::new(m20261126_000036_terms::Migration),
            Box::new(m20261126_000037_paid_by_edits::Migration),
            Box::new(m20261127_000038_plugin_trust::Migration),
            Box::new(m20261127_000039_left_and_until::Migration),
            Box::new(m20261127_000040_missed_appraisals::Migration),
            Box::new(m20261127_000041_chains::Migration),
            Box::new(m20261127_000042_erased_cards::Migration),
            Box::new(m20261127_000043_plugin_changes::Migration),
            Box::new(m20261127_000044_timers_by_record::Migration),
            Box::new(m20261127_000045_plugin_recordings::Migration),
            Box::new(m20261127_000046_reappraisal_cuts::Migration),
            Box::new(m20261127_000047_tags::Migration),
            Box::new(m20261127_000048_activated_pendings::Migration),
        ]
    }
}
