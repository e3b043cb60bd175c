use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        for table in ["merges", "unmerges", "lot_moves"] {
            dialect::append_only(manager, table).await?;
        }
        let again: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => &[
                "DROP TRIGGER lots_kept ON lots",
                "DROP TRIGGER lots_not_renamed ON lots",
                "DROP TRIGGER lots_not_truncated ON lots",
            ],
            _ => &["DROP TRIGGER lots_kept", "DROP TRIGGER lots_not_renamed"],
        };
        dialect::run(manager, again).await?;
        // Whose it is changes with a merge.
        dialect::permanent(manager, "lots", "program_id, id").await?;
        for (table, member) in
            [("transfers", "sender_id"), ("merges", "from_id"), ("unmerges", "member_id")]
        {
            let is_erased = format!(
                "EXISTS (
                    SELECT 1
                    FROM erasures AS z
                    WHERE z.program_id = OLD.program_id AND z.member_id = OLD.{member}
                )"
            );
            dialect::append_only_unless(manager, table, "DELETE", &is_erased).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // Whose name a merged member is: that of one who is not merged itself.
    "ALTER TABLE members ADD COLUMN merged_into {uuid}",
    // Whom it was merged into itself, who may have been merged since.
    "ALTER TABLE members ADD COLUMN merged_to {uuid}",
    "CREATE INDEX members_merged ON members (program_id, merged_into) WHERE merged_into IS NOT NULL",
    // Whose a record was before its member was merged.
    "ALTER TABLE records ADD COLUMN origin_id {uuid}",
    "CREATE TABLE merges (
        program_id {uuid} NOT NULL,
        from_id {uuid} NOT NULL,
        into_id {uuid} NOT NULL,
        reason TEXT NOT NULL,
        -- What it owed by type, as JSON.
        owed {json} NOT NULL,
        merged_at BIGINT NOT NULL,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, from_id, idempotency_key)
    ){clustered}",
    "CREATE TABLE unmerges (
        program_id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        survivor_id {uuid} NOT NULL,
        reason TEXT NOT NULL,
        unmerged_at BIGINT NOT NULL,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        PRIMARY KEY (program_id, member_id, idempotency_key)
    ){clustered}",
    // Which lots left an account with a transaction, and came to another with one.
    "CREATE TABLE lot_moves (
        program_id {uuid} NOT NULL,
        transaction_id {uuid} NOT NULL,
        lot_id {uuid} NOT NULL,
        amount BIGINT NOT NULL CHECK (amount <> 0),
        PRIMARY KEY (program_id, transaction_id, lot_id)
    ){clustered}",
];
