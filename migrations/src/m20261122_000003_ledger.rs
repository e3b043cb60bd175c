use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        for table in ["transactions", "entries", "lot_uses"] {
            dialect::append_only(manager, table).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // A wallet is the sum of its entries, kept beside them; `version` counts its changes.
    "CREATE TABLE wallets (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        balance BIGINT NOT NULL CHECK (balance >= 0),
        version BIGINT NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, member_id, point_type)
    )",
    "CREATE TABLE transactions (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        effective_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        -- Why: rule, revision, plugin and digest, purchase, inputs.
        explanation {json} NOT NULL,
        PRIMARY KEY (program_id, id)
    )",
    "CREATE INDEX transactions_of_member ON transactions (program_id, member_id, id)",
    // The program's own accounts (ISSUED, REDEEMED, BREAKAGE) are named in `account` and have no row of their own: their
    // balance is folded from the entries, so that no earn waits for another.
    "CREATE TABLE entries (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        account TEXT NOT NULL,
        wallet_id {uuid},
        amount BIGINT NOT NULL CHECK (amount <> 0),
        balance_after BIGINT,
        PRIMARY KEY (program_id, transaction_id, seq),
        CHECK ((account = 'WALLET') = (wallet_id IS NOT NULL))
    )",
    "CREATE INDEX entries_of_wallet ON entries (program_id, wallet_id, transaction_id) WHERE wallet_id IS NOT NULL",
    "CREATE TABLE lots (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        wallet_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        earned_at BIGINT NOT NULL,
        expires_at BIGINT,
        amount BIGINT NOT NULL CHECK (amount > 0),
        remaining BIGINT NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
        PRIMARY KEY (program_id, id)
    )",
    "CREATE INDEX open_lots_of_wallet ON lots (program_id, wallet_id, expires_at, id) WHERE remaining > 0",
    "CREATE INDEX open_lots_by_expiry ON lots (program_id, expires_at) WHERE remaining > 0 AND expires_at IS NOT NULL",
    "CREATE TABLE lot_uses (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        PRIMARY KEY (program_id, transaction_id, lot_id)
    )",
];
