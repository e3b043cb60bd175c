use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        dialect::permanent(manager, "edits", EDITS_KEPT).await?;
        dialect::permanent(manager, "edit_lines", LINES_KEPT).await?;
        for (table, personal, allowed) in PERSONAL {
            let name = format!("{table}_personal_kept");
            let keeps = format!("UPDATE OF {personal}");
            dialect::permanent_unless(manager, table, &name, &keeps, allowed).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // What a shop said of an order after it was recorded. What was added is here; what was taken
    // away is a return, which has a row of its own.
    "CREATE TABLE edits (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        -- From 1, in the order in which they were recorded.
        seq INTEGER NOT NULL,
        id {uuid} NOT NULL,
        -- What was taken away; null if nothing was.
        return_id {uuid},
        reference TEXT NOT NULL,
        arguments_hash {bytes} NOT NULL,
        reason TEXT,
        edited_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        revision INTEGER NOT NULL,
        total_before_minor BIGINT NOT NULL CHECK (total_before_minor >= 0),
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        added_minor BIGINT NOT NULL CHECK (added_minor >= 0),
        -- What was added has earned so much of the main points, by this transaction and others.
        points BIGINT NOT NULL CHECK (points >= 0),
        referral_points BIGINT NOT NULL CHECK (referral_points >= 0),
        transaction_id {uuid},
        -- From here on points that have paid are given back by these: what had come back, what was
        -- left after it, and what of that points had paid.
        returned_minor BIGINT NOT NULL CHECK (returned_minor >= 0),
        left_minor BIGINT NOT NULL CHECK (left_minor >= 0),
        left_paid_points BIGINT NOT NULL CHECK (left_paid_points >= 0),
        left_paid_minor BIGINT NOT NULL CHECK (left_paid_minor >= 0),
        -- What the receipt says besides, so that a repeat gets the same.
        appraisal {json} NOT NULL,
        balance_after BIGINT NOT NULL,
        standing {json} NOT NULL,
        PRIMARY KEY (program_id, purchase_id, seq),
        UNIQUE (program_id, purchase_id, reference),
        UNIQUE (program_id, id)
    ){clustered}",
    // What edits have added to lines: numbered on from the purchase's own, which `position` names; a
    // line that was not there has a position of its own.
    "CREATE TABLE edit_lines (
        program_id {uuid} NOT NULL,
        purchase_id {uuid} NOT NULL,
        seq INTEGER NOT NULL,
        edit_id {uuid} NOT NULL,
        position INTEGER NOT NULL,
        sku TEXT NOT NULL,
        category TEXT,
        -- Zero where only the price has risen.
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        points BIGINT NOT NULL CHECK (points >= 0),
        PRIMARY KEY (program_id, purchase_id, seq)
    ){clustered}",
    // Which edit has earned it; null for the purchase as it was recorded.
    "ALTER TABLE purchase_earnings ADD COLUMN edit_id {uuid}",
    // The edit that took it away; null for what came back.
    "ALTER TABLE returns ADD COLUMN edit_id {uuid}",
];

const EDITS_KEPT: &str = "program_id, purchase_id, seq, id, return_id, edited_at, recorded_at, \
     revision, total_before_minor, total_minor, added_minor, points, referral_points, \
     transaction_id, \
     returned_minor, left_minor, left_paid_points, left_paid_minor, balance_after";
const LINES_KEPT: &str =
    "program_id, purchase_id, seq, edit_id, position, quantity, amount_minor, points";

/// Tables, the columns that are personal, and when they may change: for a member whose erasure is
/// recorded, and only to nothing.
const PERSONAL: &[(&str, &str, &str)] = &[
    (
        "edits",
        "reference, arguments_hash, reason, appraisal, standing",
        "NEW.reference LIKE ' %' AND LENGTH(NEW.arguments_hash) = 1 AND NEW.reason IS NULL
        AND CAST(NEW.standing AS TEXT) = '{}' AND EXISTS (
            SELECT 1
            FROM purchases AS b
            JOIN erasures AS z ON z.program_id = b.program_id AND z.member_id = b.member_id
            WHERE b.program_id = OLD.program_id AND b.id = OLD.purchase_id
        )",
    ),
    (
        "edit_lines",
        "sku, category",
        "NEW.sku = '' AND NEW.category IS NULL AND EXISTS (
            SELECT 1
            FROM purchases AS b
            JOIN erasures AS z ON z.program_id = b.program_id AND z.member_id = b.member_id
            WHERE b.program_id = OLD.program_id AND b.id = OLD.purchase_id
        )",
    ),
];
