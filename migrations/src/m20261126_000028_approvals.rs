use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "approvals", REQUEST).await?;
        let (name, keeps) = ("approvals_decided_once", format!("UPDATE OF {DECISION}"));
        let undecided = "OLD.outcome IS NULL";
        dialect::permanent_unless(manager, "approvals", name, &keeps, undecided).await?;
        dialect::permanent_unless(manager, "approvals", "approvals_kept", "DELETE", ERASED).await
    }
}

const STATEMENTS: &[&str] = &[
    // Adjustments that wait for a second operator, and what became of them. Instants are by the
    // program's clock.
    "CREATE TABLE approvals (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        member_id {uuid} NOT NULL,
        point_type TEXT NOT NULL,
        -- To be given, or to be taken when negative.
        points BIGINT NOT NULL CHECK (points <> 0),
        reason TEXT NOT NULL,
        counts_as_earned INTEGER NOT NULL,
        -- Of the points.
        expires_at BIGINT,
        effective_at BIGINT,
        idempotency_key TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        requested_at BIGINT NOT NULL,
        requested_by TEXT NOT NULL,
        -- From then on nobody decides any more.
        decide_by BIGINT NOT NULL,
        -- APPROVED or DECLINED; null while it waits, and when nobody decided in time.
        outcome TEXT,
        decided_at BIGINT,
        decided_by TEXT,
        decision_reason TEXT,
        -- By which it was posted.
        transaction_id {uuid},
        PRIMARY KEY (program_id, id),
        UNIQUE (program_id, member_id, idempotency_key),
        CHECK ((outcome IS NULL) = (decided_at IS NULL)),
        CHECK ((outcome IS NULL) = (decided_by IS NULL)),
        CHECK ((transaction_id IS NULL) = (outcome IS NULL OR outcome <> 'APPROVED')),
        CHECK (decided_by IS NULL OR outcome <> 'APPROVED' OR decided_by <> requested_by)
    ){clustered}",
    "CREATE INDEX approvals_of_member ON approvals (program_id, member_id, id)",
    "CREATE INDEX approvals_undecided ON approvals (program_id, id) WHERE outcome IS NULL",
];

/// What was asked for stays what it was.
const REQUEST: &str = "program_id, id, member_id, point_type, points, reason, counts_as_earned, \
     expires_at, effective_at, idempotency_key, arguments_hash, requested_at, requested_by, decide_by";
const DECISION: &str = "outcome, decided_at, decided_by, decision_reason, transaction_id";

/// Requests of members who were erased go.
const ERASED: &str = "EXISTS (
        SELECT 1
        FROM erasures AS z
        WHERE z.program_id = OLD.program_id AND z.member_id = OLD.member_id
    )";
