use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "erasures", "program_id, member_id, recorded_at, actor, seq")
            .await?;
        for (table, change, allowed) in APPEND_ONLY {
            dialect::append_only_unless(manager, table, change, allowed).await?;
        }
        for (table, key, personal, allowed) in PERMANENT {
            let name = format!("{table}_not_renamed");
            let keeps = format!("UPDATE OF {key}");
            dialect::permanent_unless(manager, table, &name, &keeps, "1 = 0").await?;
            let name = format!("{table}_{personal}_kept");
            let keeps = format!("UPDATE OF {personal}");
            dialect::permanent_unless(manager, table, &name, &keeps, allowed).await?;
        }
        dialect::permanent_unless(manager, "contacts", "contacts_kept", "DELETE", CONTACTS).await
    }
}

const STATEMENTS: &[&str] = &[
    // Who asked to be forgotten, and was.
    "CREATE TABLE erasures (
        program_id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        -- By the server's clock.
        recorded_at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        -- The number of the event that tells of it; the member's events before it are erased.
        seq BIGINT NOT NULL,
        -- When nothing was left to be erased; null while there is.
        finished_at BIGINT,
        PRIMARY KEY (program_id, member_id)
    ){clustered}",
    "CREATE INDEX open_erasures ON erasures (program_id, recorded_at) WHERE finished_at IS NULL",
    // Whom tokens of those members name, as a hash, so that they are refused for as long as they may be
    // valid: somebody else may have the name by now. Rows go after that.
    "CREATE TABLE erased_holders (
        program_id {uuid} NOT NULL,
        holder_hash {bytes} NOT NULL,
        issued_until BIGINT NOT NULL,
        PRIMARY KEY (program_id, holder_hash)
    ){clustered}",
    "CREATE INDEX erased_holders_by_time ON erased_holders (issued_until)",
    // A process asks for whom was erased a moment ago in all programs at once.
    "CREATE INDEX erasures_by_time ON erasures (recorded_at)",
    "ALTER TABLE members ADD COLUMN erased_at BIGINT",
    "ALTER TABLE accounts ADD COLUMN erased_at BIGINT",
    // What the digest of the personal part of a transaction is made with, so that nobody can guess
    // what it was. It goes when the personal part goes; the digest stays as the veil.
    "ALTER TABLE transactions ADD COLUMN salt {bytes}",
    "ALTER TABLE transactions ADD COLUMN veil {bytes}",
];

/// Tables, what is done to their rows, and when that is right: for a member whose erasure is
/// recorded, and only as far as it takes away what is personal.
const APPEND_ONLY: &[(&str, &str, &str)] = &[
    (
        "transactions",
        "UPDATE",
        "NEW.program_id = OLD.program_id AND NEW.id = OLD.id AND NEW.account_id = OLD.account_id
        AND NEW.kind = OLD.kind AND NEW.effective_at = OLD.effective_at
        AND NEW.recorded_at = OLD.recorded_at AND NEW.actor = OLD.actor
        AND NEW.purchase_id IS NOT DISTINCT FROM OLD.purchase_id
        AND (NEW.explanation IS NULL) = (OLD.explanation IS NULL)
        AND (NEW.explanation IS NULL OR CAST(NEW.explanation AS TEXT) IN (
            '{\"erased\":true}', '{\"countsAsEarned\":true,\"erased\":true}'
        ))
        AND NEW.salt IS NULL AND OLD.veil IS NULL AND EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.account_id
        )",
    ),
    (
        "events",
        "DELETE",
        "EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
                AND z.seq > OLD.member_seq
        )",
    ),
    (
        "adjustments",
        "DELETE",
        "EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
        )",
    ),
    (
        "openings",
        "UPDATE",
        "NEW.program_id = OLD.program_id AND NEW.transaction_id = OLD.transaction_id
        AND NEW.member_id = OLD.member_id
        AND NEW.reference LIKE ' %' AND LENGTH(NEW.arguments_hash) = 1 AND EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
        )",
    ),
    (
        "returns",
        "UPDATE",
        "NEW.program_id = OLD.program_id AND NEW.purchase_id = OLD.purchase_id AND NEW.id = OLD.id
        AND NEW.amount_minor = OLD.amount_minor AND NEW.points = OLD.points
        AND NEW.points_taken = OLD.points_taken AND NEW.points_expired = OLD.points_expired
        AND NEW.referral_points_taken = OLD.referral_points_taken
        AND NEW.transaction_id IS NOT DISTINCT FROM OLD.transaction_id
        AND NEW.points_pending = OLD.points_pending AND NEW.refunded_points = OLD.refunded_points
        AND NEW.paid_minor = OLD.paid_minor AND NEW.refund_id IS NOT DISTINCT FROM OLD.refund_id
        AND NEW.is_whole = OLD.is_whole AND NEW.returned_at = OLD.returned_at
        AND NEW.recorded_at = OLD.recorded_at AND NEW.balance_after = OLD.balance_after
        AND NEW.reference LIKE ' %' AND LENGTH(NEW.arguments_hash) = 1
        AND CAST(NEW.standing AS TEXT) = '{}' AND EXISTS (
            SELECT 1
            FROM purchases AS b
            JOIN erasures AS z ON z.program_id = b.program_id AND z.member_id = b.member_id
            WHERE b.program_id = OLD.program_id AND b.id = OLD.purchase_id
        )",
    ),
];

/// Tables, the part of their key that stays as it is, and the part that somebody chose, which gives
/// way to what nobody can choose: it begins with a space.
const PERMANENT: &[(&str, &str, &str, &str)] = &[
    (
        "purchases",
        "program_id, id",
        "reference",
        "NEW.reference LIKE ' %' AND EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
        )",
    ),
    (
        "redemptions",
        "program_id, id",
        "idempotency_key",
        "NEW.idempotency_key LIKE ' %' AND EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
        )",
    ),
    (
        "holds",
        "program_id, id",
        "idempotency_key",
        "NEW.idempotency_key LIKE ' %' AND EXISTS (
            SELECT 1
            FROM erasures AS z
            WHERE z.program_id = OLD.program_id AND z.member_id = OLD.account_id
        )",
    ),
];

const CONTACTS: &str = "EXISTS (
        SELECT 1
        FROM erasures AS z
        WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
    )";
