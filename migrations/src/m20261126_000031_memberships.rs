use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "memberships", "program_id, id, joined_at").await?;
        let kept = "memberships_kept";
        dialect::permanent_unless(manager, "memberships", kept, "DELETE", ERASED).await
    }
}

const STATEMENTS: &[&str] = &[
    // Who belongs to which group, and did. Instants are by the program's clock.
    "CREATE TABLE memberships (
        program_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        group_id {uuid} NOT NULL,
        person_id {uuid} NOT NULL,
        -- Whose account gets what the person's purchases earn.
        accrual TEXT NOT NULL CHECK (accrual IN ('MEMBER', 'GROUP', 'BOTH')),
        -- 1 if the person may spend the group's points; else 0.
        may_spend INTEGER NOT NULL,
        joined_at BIGINT NOT NULL,
        -- Null while the person belongs to the group.
        left_at BIGINT,
        -- Whose it was before a merge, and to which group; null if none moved it.
        person_origin_id {uuid},
        group_origin_id {uuid},
        -- What it was before a merge by which the person would have accrued to two groups.
        origin_accrual TEXT,
        -- The member whose merge ended it, for both belonged to the group.
        ended_by {uuid},
        PRIMARY KEY (program_id, id),
        CHECK (group_id <> person_id),
        CHECK (left_at IS NULL OR left_at >= joined_at)
    ){clustered}",
    "CREATE UNIQUE INDEX open_memberships ON memberships (program_id, person_id, group_id)
    WHERE left_at IS NULL",
    "CREATE UNIQUE INDEX accruing_memberships ON memberships (program_id, person_id)
    WHERE left_at IS NULL AND accrual <> 'MEMBER'",
    "CREATE INDEX memberships_of_person ON memberships (program_id, person_id, id)",
    "CREATE INDEX memberships_of_group ON memberships (program_id, group_id, id)",
    // What a person bought that counts for a group alone.
    "ALTER TABLE accounts ADD COLUMN purchases_for_groups BIGINT NOT NULL DEFAULT 0",
    // GROUP or BOTH if the purchase accrued to a group as well, or to that alone; else null.
    "ALTER TABLE purchases ADD COLUMN accrual TEXT",
    // The purchase of one of the group's people of which this is what the group got.
    "ALTER TABLE purchases ADD COLUMN accrual_of {uuid}",
    "CREATE INDEX accruals_of_purchase ON purchases (program_id, accrual_of)
    WHERE accrual_of IS NOT NULL",
    // Which of the group's people spent its points, or held them.
    "ALTER TABLE redemptions ADD COLUMN by_id {uuid}",
    "ALTER TABLE holds ADD COLUMN by_id {uuid}",
];

/// Those of whoever was erased go, be it the person or the group.
const ERASED: &str = "EXISTS (
        SELECT 1
        FROM erasures AS z
        WHERE z.program_id = OLD.program_id AND z.member_id IN (OLD.person_id, OLD.group_id)
    )";
