use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE members (
        program_id {uuid} NOT NULL REFERENCES programs (id),
        id {uuid} NOT NULL,
        external_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT,
        locale TEXT NOT NULL,
        country TEXT,
        referral_code TEXT NOT NULL,
        -- Of the arguments of its creation, so that a repeat is told from a clash.
        arguments_hash {bytes} NOT NULL,
        joined_at BIGINT NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, external_id),
        UNIQUE (program_id, referral_code)
    )",
    "CREATE TABLE contacts (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        email TEXT,
        role TEXT NOT NULL,
        locale TEXT NOT NULL,
        PRIMARY KEY (program_id, id),
        FOREIGN KEY (program_id, member_id) REFERENCES members (program_id, id)
    )",
    "CREATE INDEX contacts_of_member ON contacts (program_id, member_id, position)",
    // Who owns points: a member today, a group or a gift card as well one day. The row is the one
    // lock of all that changes the owner – statistics, tier, wallets, lots, the order of events: a
    // writer names the version that it read, and writes nothing if it moved. A member's account has
    // the member's id.
    "CREATE TABLE accounts (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        version BIGINT NOT NULL,
        event_seq BIGINT NOT NULL,
        purchases BIGINT NOT NULL CHECK (purchases >= 0),
        spent_minor BIGINT NOT NULL CHECK (spent_minor >= 0),
        points_earned BIGINT NOT NULL CHECK (points_earned >= 0),
        first_purchase_at BIGINT,
        last_purchase_at BIGINT,
        tier TEXT,
        tier_since BIGINT,
        -- When the first of its lots expires; null when none does.
        next_expiry_at BIGINT,
        PRIMARY KEY (program_id, id)
    ){updated}",
    "CREATE INDEX accounts_by_expiry ON accounts (program_id, next_expiry_at) WHERE next_expiry_at IS NOT NULL",
    "CREATE TABLE referrals (
        program_id {uuid} NOT NULL,
        referred_id {uuid} NOT NULL,
        referrer_id {uuid} NOT NULL,
        purchase_id {uuid},
        completed_at BIGINT,
        PRIMARY KEY (program_id, referred_id)
    ){clustered}",
    "CREATE INDEX referrals_of_referrer ON referrals (program_id, referrer_id)",
];
