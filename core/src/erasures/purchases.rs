//! Purchases, edits and returns: amounts, points and instants stay. What was bought, the shop's own numbers
//! and why it earned go: they tell a shop, or whoever has its books, whose it was.

use super::{no_hash, placeholder};
use crate::context::Context;
use crate::db::{TryError, Writes, row};
use crate::earning::Appraisal;
use crate::operation::decide;
use crate::returns::{is_known_by, known_by};
use crate::{EditId, Error, MemberId, ProgramId, PurchaseId, Result, ReturnId, Timestamp};
use serde_json::{Value, json};

row! {
    /// Where a page begins.
    #[derive(Clone, Copy)]
    struct After {
        member_id: MemberId,
        after_at: Timestamp,
        after_id: PurchaseId,
    }
}

row! {
    struct Key {
        id: PurchaseId,
        purchased_at: Timestamp,
    }
}

row! {
    struct ReturnKey {
        purchase_id: PurchaseId,
        id: ReturnId,
        reference: String,
        edit_id: Option<EditId>,
    }
}

row! {
    struct EditKey {
        purchase_id: PurchaseId,
        seq: i32,
        id: EditId,
    }
}

row! {
    struct Cleared {
        id: PurchaseId,
        reference: String,
        arguments_hash: Vec<u8>,
        appraisal: Value,
        standing: Value,
    }
}

row! {
    struct ClearedReturn {
        id: ReturnId,
        reference: String,
        arguments_hash: Vec<u8>,
        standing: Value,
    }
}

row! {
    struct ClearedEdit {
        purchase_id: PurchaseId,
        seq: i32,
        reference: String,
        arguments_hash: Vec<u8>,
        appraisal: Value,
        standing: Value,
    }
}

/// The limit of `PAGE`.
const PAGE_MAX: usize = 200;
const PAGE: &str = "
    SELECT b.id, b.purchased_at
    FROM {rows} AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.member_id = k.member_id
        AND (b.purchased_at, b.id) > (k.after_at, k.after_id)
    ORDER BY b.purchased_at, b.id
    LIMIT 200";
const RETURNS: &str = "
    SELECT r.purchase_id, r.id, r.reference, r.edit_id
    FROM page AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const EDITS: &str = "
    SELECT i.purchase_id, i.seq, i.id
    FROM page AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id";
const CLEAR: &str = "
    UPDATE purchases
    SET reference = r.reference, arguments_hash = r.arguments_hash, appraisal = r.appraisal,
        standing = r.standing
    FROM {rows} AS r
    WHERE purchases.program_id = $1 AND purchases.id {in: SELECT k.id FROM {rows} AS k}
        AND purchases.id = r.id";
const CLEAR_LINES: &str = "
    UPDATE purchase_lines
    SET sku = '', category = NULL
    FROM {rows} AS r
    WHERE purchase_lines.program_id = $1
        AND purchase_lines.purchase_id {in: SELECT k.id FROM {rows} AS k}
        AND purchase_lines.purchase_id = r.id";
const CLEAR_RETURNS: &str = "
    UPDATE returns
    SET reference = r.reference, arguments_hash = r.arguments_hash, standing = r.standing
    FROM {rows} AS r
    WHERE returns.program_id = $1 AND returns.id {in: SELECT k.id FROM {rows} AS k}
        AND returns.id = r.id";

const CLEAR_EDITS: &str = "
    UPDATE edits
    SET reference = r.reference, arguments_hash = r.arguments_hash, reason = NULL,
        appraisal = r.appraisal, standing = r.standing
    FROM {rows} AS r
    WHERE edits.program_id = $1 AND edits.purchase_id {in: SELECT k.purchase_id FROM {rows} AS k}
        AND edits.purchase_id = r.purchase_id AND edits.seq = r.seq";
const CLEAR_ADDED: &str = "
    UPDATE edit_lines
    SET sku = '', category = NULL
    FROM {rows} AS r
    WHERE edit_lines.program_id = $1
        AND edit_lines.purchase_id {in: SELECT k.purchase_id FROM {rows} AS k}
        AND edit_lines.purchase_id = r.purchase_id AND r.seq = 1";

pub(super) async fn all(context: &Context, program: ProgramId, member: MemberId) -> Result<()> {
    let mut after =
        Some(After { member_id: member, after_at: Timestamp::FIRST, after_id: PurchaseId::FIRST });
    while let Some(from) = after {
        after = decide(context, program, "erasing what purchases say", |_| {
            page(context, program, from)
        })
        .await?;
    }
    Ok(())
}

/// Returns where the next page begins.
async fn page(
    context: &Context,
    program: ProgramId,
    after: After,
) -> Result<Option<After>, TryError> {
    let mut look = context.look(program);
    look.table_over("page", PAGE, &[after]);
    let keys = look.ask::<Key>("SELECT id, purchased_at FROM page ORDER BY purchased_at, id");
    let returns = look.ask::<ReturnKey>(RETURNS);
    let edits = look.ask::<EditKey>(EDITS);
    let answers = context.show(look).await?;
    let keys = answers.rows(keys)?;
    let Some(last) = keys.last() else { return Ok(None) };
    let next = After { after_at: last.purchased_at, after_id: last.id, ..after };
    let nothing = serde_json::to_value(Appraisal::default())
        .map_err(|error| Error::internal("an appraisal that cannot be JSON").caused_by(error))?;
    let mut writes = Writes::to(program);
    for key in &keys {
        let cleared = Cleared {
            id: key.id,
            reference: placeholder(key.id),
            arguments_hash: no_hash(),
            appraisal: nothing.clone(),
            standing: json!({}),
        };
        writes.run(CLEAR, &cleared);
        writes.run(CLEAR_LINES, &cleared);
    }
    for key in answers.rows(returns)? {
        let cleared = ClearedReturn {
            id: key.id,
            reference: key.cleared_reference(),
            arguments_hash: no_hash(),
            standing: json!({}),
        };
        writes.run(CLEAR_RETURNS, &cleared);
    }
    for key in answers.rows(edits)? {
        let cleared = ClearedEdit {
            purchase_id: key.purchase_id,
            seq: key.seq,
            reference: placeholder(key.id),
            arguments_hash: no_hash(),
            appraisal: nothing.clone(),
            standing: json!({}),
        };
        writes.run(CLEAR_EDITS, &cleared);
        writes.run(CLEAR_ADDED, &cleared);
    }
    context.db.commit(writes).await?;
    Ok(Some(next).filter(|_| keys.len() == PAGE_MAX))
}

impl ReturnKey {
    /// A repeat of the return must be known, for others may have paid for the order: by a digest.
    fn cleared_reference(&self) -> String {
        match self.reference.as_str() {
            kept if is_known_by(kept) => kept.to_owned(),
            // Nobody can send what an edit or a group's row is called.
            own if own.starts_with(' ') || self.edit_id.is_some() => placeholder(self.id),
            own => known_by(self.purchase_id, own),
        }
    }
}
