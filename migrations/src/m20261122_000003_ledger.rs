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
    // An account's points of one type: the sum of its entries, kept beside them. What is pending
    // counts once it is activated, what is held is reserved; neither can be spent.
    "CREATE TABLE wallets (
        program_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        balance BIGINT NOT NULL CHECK (balance >= 0),
        pending BIGINT NOT NULL CHECK (pending >= 0),
        held BIGINT NOT NULL CHECK (held >= 0),
        PRIMARY KEY (program_id, account_id, point_type)
    ){updated}",
    "CREATE TABLE transactions (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        effective_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        -- What a purchase earned is explained by the purchase's own appraisal, which is kept there.
        purchase_id {uuid},
        -- Why, for all else: reward, plugin and digest, referral, inputs.
        explanation {json},
        PRIMARY KEY (program_id, id),
        CHECK (purchase_id IS NOT NULL OR explanation IS NOT NULL)
    ){clustered}",
    "CREATE INDEX transactions_of_account ON transactions (program_id, account_id, id)",
    // The program's own accounts (ISSUED, REDEEMED, BREAKAGE) are named in `system_account` and
    // have no row of their own: their balance is folded from the entries, so that no earn waits for
    // another.
    "CREATE TABLE entries (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        account_id {uuid},
        system_account TEXT,
        point_type TEXT NOT NULL,
        amount BIGINT NOT NULL CHECK (amount <> 0),
        balance_after BIGINT,
        PRIMARY KEY (program_id, transaction_id, seq),
        CHECK ((account_id IS NULL) <> (system_account IS NULL))
    ){clustered}",
    // Points earned together, which expire together.
    "CREATE TABLE lots (
        program_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        transaction_id {uuid} NOT NULL,
        earned_at BIGINT NOT NULL,
        expires_at BIGINT,
        amount BIGINT NOT NULL CHECK (amount > 0),
        remaining BIGINT NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
        PRIMARY KEY (program_id, account_id, id)
    ){clustered}",
    "CREATE INDEX open_lots_of_account ON lots (program_id, account_id) WHERE remaining > 0",
    "CREATE TABLE lot_uses (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        PRIMARY KEY (program_id, transaction_id, lot_id)
    ){clustered}",
];
