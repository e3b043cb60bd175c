use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let may_owe = match manager.get_database_backend() {
            DbBackend::Postgres => MAY_OWE_POSTGRES,
            _ => MAY_OWE_SQLITE,
        };
        dialect::run(manager, may_owe).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            dialect::permanent(manager, "wallets", "program_id, account_id, point_type").await?;
        }
        dialect::run(manager, STATEMENTS).await?;
        for table in ["debts", "returns", "return_lines"] {
            dialect::append_only(manager, table).await?;
        }
        Ok(())
    }
}

/// A wallet may owe: what was taken back, as by a return, after it was spent.
const MAY_OWE_POSTGRES: &[&str] = &[
    "ALTER TABLE wallets DROP CONSTRAINT wallets_balance_check",
    "ALTER TABLE wallets ADD COLUMN owed BIGINT NOT NULL DEFAULT 0 CHECK (owed >= 0)",
    "ALTER TABLE wallets ADD CHECK (balance + owed >= 0)",
];
/// SQLite cannot change a table's checks.
const MAY_OWE_SQLITE: &[&str] = &[
    "ALTER TABLE wallets RENAME TO wallets_before",
    "CREATE TABLE wallets (
        program_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        balance BIGINT NOT NULL,
        pending BIGINT NOT NULL CHECK (pending >= 0),
        held BIGINT NOT NULL CHECK (held >= 0),
        owed BIGINT NOT NULL DEFAULT 0 CHECK (owed >= 0),
        PRIMARY KEY (program_id, account_id, point_type),
        CHECK (balance + owed >= 0)
    ){updated}",
    "INSERT INTO wallets (program_id, account_id, point_type, balance, pending, held)
    SELECT program_id, account_id, point_type, balance, pending, held
    FROM wallets_before",
    "DROP TABLE wallets_before",
];

const STATEMENTS: &[&str] = &[
    // What wallets owe: taken back after it was spent, and, below zero, paid since.
    "CREATE TABLE debts (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        amount BIGINT NOT NULL CHECK (amount <> 0),
        PRIMARY KEY (program_id, transaction_id)
    ){clustered}",
    // The transaction that a purchase earned by; null if it earned nothing.
    "ALTER TABLE purchases ADD COLUMN transaction_id {uuid}",
    "UPDATE purchases SET transaction_id = (
        SELECT t.id
        FROM transactions AS t
        WHERE t.program_id = purchases.program_id AND t.account_id = purchases.member_id
            AND t.purchase_id = purchases.id
    )
    WHERE points > 0",
    // 1 if it counts among the member's purchases: one of zero does if the program says
    // so; else 0.
    "ALTER TABLE purchases ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 1",
    // When the last of it came back; null while something of it stands.
    "ALTER TABLE purchases ADD COLUMN returned_at BIGINT",
    "CREATE INDEX purchases_of_member ON purchases (program_id, member_id, purchased_at, id)",
    // What each line earned; together it is what the purchase earned. Null where it was not kept,
    // and then follows from the amounts.
    "ALTER TABLE purchase_lines ADD COLUMN points BIGINT CHECK (points >= 0)",
    // What completed a referral paid, to be taken back if the purchase does not stay.
    "ALTER TABLE referrals ADD COLUMN referrer_transaction_id {uuid}",
    "ALTER TABLE referrals ADD COLUMN referred_transaction_id {uuid}",
    "CREATE TABLE returns (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        reference TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        -- What the returned part had earned, and what of that was taken back, in this transaction.
        -- The difference had expired, was voided, or was not there and may not be owed.
        points BIGINT NOT NULL CHECK (points >= 0),
        points_taken BIGINT NOT NULL CHECK (points_taken >= 0),
        points_expired BIGINT NOT NULL CHECK (points_expired >= 0),
        referral_points_taken BIGINT NOT NULL CHECK (referral_points_taken >= 0),
        transaction_id {uuid},
        is_whole INTEGER NOT NULL,
        returned_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        -- What the receipt says besides, so that a repeat gets the same.
        balance_after BIGINT NOT NULL,
        standing {json} NOT NULL,
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, purchase_id, reference)
    ){clustered}",
    // The parts of a purchase's lines that came back. Line 0 is a purchase without lines.
    "CREATE TABLE return_lines (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        return_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        points BIGINT NOT NULL CHECK (points >= 0),
        PRIMARY KEY (program_id, purchase_id, return_id, seq)
    ){clustered}",
];
