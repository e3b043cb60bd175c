use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "pendings", "program_id, transaction_id").await?;
        for table in ["purchase_earnings", "return_earnings"] {
            dialect::append_only(manager, table).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // What was ever earned is counted by type of points.
    "ALTER TABLE wallets ADD COLUMN earned BIGINT NOT NULL DEFAULT 0",
    "UPDATE wallets
    SET earned = (
        SELECT a.points_earned
        FROM accounts AS a
        WHERE a.program_id = wallets.program_id AND a.id = wallets.account_id
    )",
    "ALTER TABLE accounts DROP COLUMN points_earned",
    // While a lot cannot be spent: until then, or the last instant there is while nobody knows. A
    // pending lot is in no balance.
    "ALTER TABLE lots ADD COLUMN pending_until BIGINT",
    // Points that are pending, and what became of them. The points themselves are moved by
    // transactions.
    "CREATE TABLE pendings (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        purchase_id {uuid},
        -- The event that they wait for, and for how many days more; null if they wait for a day.
        awaits TEXT,
        days INTEGER NOT NULL,
        -- How long they last once they can be spent.
        expiry {json} NOT NULL,
        reason TEXT NOT NULL,
        -- ACTIVATED or CANCELLED; null while they are pending.
        outcome TEXT,
        ended_at BIGINT,
        -- By which they can be spent.
        earn_id {uuid},
        PRIMARY KEY (program_id, transaction_id),
        CHECK ((outcome IS NULL) = (ended_at IS NULL))
    ){clustered}",
    "CREATE INDEX open_pendings_of_account ON pendings (program_id, account_id, transaction_id)
    WHERE ended_at IS NULL",
    "CREATE INDEX open_pendings_of_purchase ON pendings (program_id, purchase_id)
    WHERE ended_at IS NULL AND purchase_id IS NOT NULL",
    // What a purchase earned, by transaction, where it is not just one of the main points.
    "CREATE TABLE purchase_earnings (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        transaction_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        PRIMARY KEY (program_id, purchase_id, seq)
    ){clustered}",
    // What of the returned points was pending, and so did not count as earned.
    "ALTER TABLE returns ADD COLUMN points_pending BIGINT NOT NULL DEFAULT 0",
    // The same as in a return's own row, of each transaction that the purchase earned by.
    "CREATE TABLE return_earnings (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        return_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        points BIGINT NOT NULL CHECK (points >= 0),
        points_taken BIGINT NOT NULL CHECK (points_taken >= 0),
        points_expired BIGINT NOT NULL CHECK (points_expired >= 0),
        points_pending BIGINT NOT NULL CHECK (points_pending >= 0),
        taken_by {uuid},
        PRIMARY KEY (program_id, purchase_id, return_id, transaction_id)
    ){clustered}",
];
