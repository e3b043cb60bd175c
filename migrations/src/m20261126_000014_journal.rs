use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::run(manager, &[WHAT_WAS_RECORDED_BEFORE]).await?;
        dialect::append_only(manager, "journal").await
    }
}

const TABLES: &[&str] = &[
    // What was recorded in a program, in one order without gaps. A row is what one commit recorded,
    // or a hundred items of it: it has the positions from `position` on, as many as `count` says.
    "CREATE TABLE journal (
        program_id {uuid} NOT NULL,
        position BIGINT NOT NULL CHECK (position > 0),
        count INTEGER NOT NULL CHECK (count > 0),
        -- 1 if there is an event among the items, plus 2 for a transaction, plus 4 for a message.
        kinds INTEGER NOT NULL,
        -- One after the other. An event is 01, its member and its number among the member's; the
        -- event after it, of the same member, is 04. A transaction is 02 and its id, a message 03
        -- and its id.
        items {bytes} NOT NULL,
        PRIMARY KEY (program_id, position)
    ){clustered}",
    // What was committed and has no position yet. A commit writes here, for only after it is it
    // known what came before it. `seq` is taken while the row is written: whoever has seen a commit
    // gets a later one, whatever its clock says.
    "CREATE TABLE journal_unplaced (
        seq {counter},
        program_id {uuid} NOT NULL,
        count INTEGER NOT NULL,
        kinds INTEGER NOT NULL,
        items {bytes} NOT NULL
    )",
    "CREATE INDEX unplaced_in_order ON journal_unplaced (program_id, seq)",
];

/// In the order in which it was recorded, a member's events in their own order, and each transaction
/// before the events of its instant. The database sorts it, on its disk if need be.
const WHAT_WAS_RECORDED_BEFORE: &str = "
    INSERT INTO journal (program_id, position, count, kinds, items)
    SELECT program_id, MIN(n), COUNT(*), MAX(kind & 1) + MAX(kind & 2) + MAX(kind & 4),
        {unhex(}STRING_AGG(item, '' ORDER BY n){)}
    FROM (
        SELECT program_id, kind, item, ROW_NUMBER() OVER (
            PARTITION BY program_id
            ORDER BY recorded_at, member_id, place, seq, item
        ) AS n
        FROM (
            SELECT program_id, account_id AS member_id, recorded_at, 1 AS place,
                CAST(0 AS BIGINT) AS seq, 2 AS kind, '02' || {hex_of_uuid(}id{)} AS item
            FROM transactions
            UNION ALL
            SELECT program_id, member_id, MAX(recorded_at) OVER (
                    PARTITION BY program_id, member_id ORDER BY member_seq
                ), 2, member_seq, 1,
                '01' || {hex_of_uuid(}member_id{)} || {hex_of_bigint(}member_seq{)}
            FROM events
            UNION ALL
            SELECT m.program_id, m.member_id, COALESCE(r.handled_at, m.occurred_at), 3,
                CAST(0 AS BIGINT), 4, '03' || {hex_of_uuid(}m.id{)}
            FROM messages AS m
            LEFT JOIN plugin_runs AS r ON r.program_id = m.program_id AND r.plugin_id = m.plugin_id
                AND r.event_id = m.event_id
        ) AS recorded
    ) AS placed
    GROUP BY program_id, (n - 1) / 100";
