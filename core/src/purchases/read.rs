//! Reading purchases back: what was bought, what each line earned, and what of it came back.

use super::look::{ShareRow, broken};
use super::missed::MissedFound;
use super::parts::{AddedRow, EditRow, LineRow, Parts, ReturnRow, ReturnedRow, ShareEditedRow};
use super::sources::ask_paid;
use super::{Accrued, Purchase, PurchaseRef, Purchases};
use crate::context::Context;
use crate::db::select::Select;
use crate::db::{Database, Look, id, limit, row};
use crate::page::{Page, PageRequest};
use crate::{
    Actor, EditId, Error, Id, MemberId, Points, ProgramId, PurchaseId, Result, ReturnId, Scope,
    Timestamp, TransactionId, text,
};
use sea_orm::FromQueryResult;
use serde_json::Value;

#[derive(FromQueryResult)]
struct PurchaseRow {
    id: PurchaseId,
    member_id: MemberId,
    reference: String,
    currency: String,
    total_minor: i64,
    purchased_at: Timestamp,
    recorded_at: Timestamp,
    points: Points,
    appraisal: Value,
    returned_at: Option<Timestamp>,
    paid_points: Points,
    paid_minor: i64,
    payment_id: Option<TransactionId>,
    balance_after: Points,
    transaction_id: Option<TransactionId>,
    is_counted: i32,
}

row! {
    struct PurchaseKey {
        id: PurchaseId,
    }
}

row! {
    struct PaidKey {
        purchase_id: PurchaseId,
        member_id: MemberId,
        payment_id: TransactionId,
    }
}

const SELECT: &str = "
    SELECT b.id, COALESCE(m.merged_into, b.member_id) AS member_id, b.reference, b.currency,
        b.total_minor, b.purchased_at, b.recorded_at, b.points, b.appraisal, b.returned_at,
        b.paid_points, b.paid_minor, b.payment_id, b.balance_after, b.transaction_id, b.is_counted
    FROM purchases AS b
    JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
    WHERE b.program_id = $1 AND b.accrual_of IS NULL";
const AFTER: &str = "
    (b.purchased_at, b.id) < (
        SELECT purchased_at, id
        FROM purchases
        WHERE program_id = $1 AND id = {}
    )";
const LINES: &str = "
    SELECT l.purchase_id, l.seq, l.sku, l.category, l.quantity, l.amount_minor, l.points
    FROM page AS k EACH purchase_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";
const RETURNS: &str = "
    SELECT r.purchase_id, r.id, r.reference, r.returned_at, r.amount_minor, r.points, r.points_taken,
        r.transaction_id, r.refunded_points, r.edit_id
    FROM page AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const RETURNED: &str = "
    SELECT r.purchase_id, r.return_id, r.seq, r.quantity, r.amount_minor, r.points
    FROM page AS k EACH return_lines AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";

const EDITS: &str = "
    SELECT i.purchase_id, i.seq, i.id, i.reference, i.reason, i.edited_at, i.total_before_minor,
        i.total_minor, i.added_minor, i.points, i.transaction_id, i.appraisal, i.paid_points,
        i.paid_minor
    FROM page AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id";
const ADDED: &str = "
    SELECT l.purchase_id, l.seq, l.edit_id, l.position, l.sku, l.category, l.quantity,
        l.amount_minor, l.points
    FROM page AS k EACH edit_lines AS l
    WHERE l.program_id = $1 AND l.purchase_id = k.id";
const OF_RETURN: &str = "SELECT purchase_id FROM returns WHERE program_id = $1 AND id = $2";
const OF_EDIT: &str = "SELECT purchase_id FROM edits WHERE program_id = $1 AND id = $2";
/// What it brought groups.
const SHARES: &str = "
    SELECT b.id, b.accrual_of, COALESCE(m.merged_into, b.member_id) AS member_id,
        b.balance_after, b.transaction_id, b.appraisal
    FROM page AS k EACH purchases AS b
    JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
    WHERE b.program_id = $1 AND b.accrual_of = k.id AND m.erased_at IS NULL";
/// What edits have changed of that.
const SHARES_EDITED: &str = "
    SELECT i.purchase_id, i.points
    FROM shares AS k EACH edits AS i
    WHERE i.program_id = $1 AND i.purchase_id = k.id
    UNION ALL
    SELECT r.purchase_id, -r.points AS points
    FROM shares AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id AND r.edit_id IS NOT NULL";
/// What plugins were not heard about.
const MISSED: &str = "
    SELECT m.purchase_id, m.plugin_id, m.because, m.fault, m.missed_at, m.due_at, m.ended_at,
        m.outcome, m.points, m.transaction_id, m.cuts
    FROM page_and_shares AS k EACH missed_appraisals AS m
    WHERE m.program_id = $1 AND m.purchase_id = k.id";

impl Purchases<'_> {
    /// A purchase; none when it does not exist or the actor may not see it.
    pub async fn find(self, actor: &Actor, purchase: &PurchaseRef) -> Result<Option<Purchase>> {
        let db = &self.context.db;
        let program = id(actor.program());
        let statement = match purchase {
            PurchaseRef::Id(named) => {
                db.sql(&format!("{SELECT} AND b.id = $2"), [program, id(*named)])
            }
            PurchaseRef::Reference(reference) => {
                text::identifier("reference", reference)?;
                let by_reference = format!("{SELECT} AND b.reference = $2");
                db.sql(&by_reference, [program, reference.as_str().into()])
            }
        };
        let found = PurchaseRow::find_by_statement(statement).one(db.read()).await?;
        let may_see = |found: &PurchaseRow| {
            actor.require_for(found.member_id, Scope::Read).is_ok()
                || actor.require(Scope::PurchasesWrite).is_ok()
        };
        let found: Vec<_> = found.into_iter().filter(may_see).collect();
        Ok(with_lines(self.context, actor.program(), found).await?.pop())
    }

    /// The purchase of which something came back; none when the actor may not see it.
    pub async fn of_return(self, actor: &Actor, one: ReturnId) -> Result<Option<Purchase>> {
        self.of_part(actor, OF_RETURN, one).await
    }

    /// The purchase that was edited; none when the actor may not see it.
    pub async fn of_edit(self, actor: &Actor, one: EditId) -> Result<Option<Purchase>> {
        self.of_part(actor, OF_EDIT, one).await
    }

    async fn of_part(self, actor: &Actor, sql: &str, part: impl Id) -> Result<Option<Purchase>> {
        #[derive(FromQueryResult)]
        struct Row {
            purchase_id: PurchaseId,
        }
        let db = &self.context.db;
        let statement = db.sql(sql, [id(actor.program()), id(part)]);
        match Row::find_by_statement(statement).one(db.read()).await? {
            Some(row) => self.find(actor, &PurchaseRef::Id(row.purchase_id)).await,
            None => Ok(None),
        }
    }

    /// A member's purchases, the last made first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<PurchaseId>,
    ) -> Result<Page<Purchase>> {
        actor.require_for(member, Scope::Read)?;
        of_member(self.context, actor.program(), member, page).await
    }
}

/// A member's purchases, the last made first.
pub(crate) async fn of_member(
    context: &Context,
    program: ProgramId,
    member: MemberId,
    page: PageRequest<PurchaseId>,
) -> Result<Page<Purchase>> {
    let db = context.db.read();
    let select = Select::new(SELECT, [id(program), limit(page.first + 1)])
        .and_of("b.member_id", Some(id(member)))
        .and(AFTER, page.after.map(id))
        .ending(db, " ORDER BY b.purchased_at DESC, b.id DESC LIMIT $2");
    let found = PurchaseRow::find_by_statement(select).all(db).await?;
    let Page { items, has_more } = Page::of(found, page.first);
    let items = with_lines(context, program, items).await?;
    Ok(Page { items, has_more })
}

async fn with_lines(
    context: &Context,
    program: ProgramId,
    rows: Vec<PurchaseRow>,
) -> Result<Vec<Purchase>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = parts_of(&context.db, context.look(program), &rows).await?;
    let whole = |row: PurchaseRow| {
        let its = parts.take(row.id);
        row.purchase(&its)
    };
    rows.into_iter().map(whole).collect()
}

async fn parts_of(db: &Database, mut look: Look, rows: &[PurchaseRow]) -> Result<Parts> {
    let keys: Vec<_> = rows.iter().map(|row| PurchaseKey { id: row.id }).collect();
    look.table_over("page", "SELECT r.id FROM {rows} AS r", &keys);
    let lines = look.ask::<LineRow>(LINES);
    let (returns, returned) = (look.ask::<ReturnRow>(RETURNS), look.ask::<ReturnedRow>(RETURNED));
    let (edits, added) = (look.ask::<EditRow>(EDITS), look.ask::<AddedRow>(ADDED));
    look.table("shares", SHARES);
    let shares = look.ask::<ShareRow>("SELECT * FROM shares");
    let shares_edited = look.ask::<ShareEditedRow>(SHARES_EDITED);
    look.table("page_and_shares", "SELECT id FROM page UNION ALL SELECT id FROM shares");
    let missed = look.ask::<MissedFound>(MISSED);
    let paid: Vec<_> = rows.iter().filter_map(PaidKey::of).collect();
    let paid = (!paid.is_empty()).then(|| {
        look.table_over(
            "paid",
            "SELECT r.purchase_id, r.member_id, r.payment_id FROM {rows} AS r",
            &paid,
        );
        ask_paid(&mut look)
    });
    let answers = look.send(db).await?;
    let paid = paid.map(|paid| paid.read(&answers)).transpose()?.unwrap_or_default();
    Ok(Parts {
        paid,
        shares: answers.rows(shares)?,
        shares_edited: answers.rows(shares_edited)?,
        missed: answers.rows(missed)?,
        lines: answers.rows(lines)?,
        returns: answers.rows(returns)?,
        returned: answers.rows(returned)?,
        edits: answers.rows(edits)?,
        added: answers.rows(added)?,
    })
}

impl PaidKey {
    fn of(row: &PurchaseRow) -> Option<Self> {
        let (purchase_id, member_id) = (row.id, row.member_id);
        row.payment_id.map(|payment_id| Self { purchase_id, member_id, payment_id })
    }
}

impl PurchaseRow {
    /// What each account has got, the member itself these points.
    fn accruals(&self, parts: &Parts, points: Points) -> Result<Vec<Accrued>> {
        let appraisal = serde_json::from_value(self.appraisal.clone()).map_err(broken)?;
        let (balance, transaction) = (self.balance_after, self.transaction_id);
        let own = Accrued::new(self.member_id, &appraisal, balance, transaction);
        let own = (self.is_counted != 0).then_some(Ok(Accrued { points, ..own }));
        own.into_iter().chain(parts.shares.iter().map(|share| parts.accrued(share))).collect()
    }

    fn purchase(self, parts: &Parts) -> Result<Purchase> {
        let broken = |error: serde_json::Error| {
            Error::internal(format!("the appraisal of {}", self.id.uuid())).caused_by(error)
        };
        let own: Vec<_> = parts.missed.iter().filter(|one| one.purchase_id == self.id).collect();
        let later: Vec<_> = own.iter().map(|missed| missed.points).collect();
        let lines = parts.shown_lines(self.points, &later)?;
        let missed = own.into_iter().cloned().map(MissedFound::missed).collect::<Result<_>>()?;
        let first = (self.paid_points, self.paid_minor);
        let paid = parts.paid.paid(self.id, first, self.payment_id)?;
        let paid_left = match &paid {
            Some(paid) => {
                let (points, minor) = parts.paid_left(first, self.total_minor)?;
                Some(paid.left(points, minor)?)
            }
            None => None,
        };
        let came_back = || parts.returned.iter().filter(|part| !parts.is_of_edit(part.return_id));
        let removed = || parts.returned.iter().filter(|part| parts.is_of_edit(part.return_id));
        let removed_minor: i64 = removed().map(|part| part.amount_minor).sum();
        let added_minor: i64 = parts.edits.iter().map(|edit| edit.added_minor).sum();
        let added_points = Points::sum(parts.edits.iter().map(|edit| edit.points))?;
        let removed_points = Points::sum(removed().map(|part| part.points))?;
        let reappraised = parts.reappraised(self.id)?;
        let points = self.points.plus(added_points)?.plus(reappraised)?.minus(removed_points)?;
        Ok(Purchase {
            accruals: self.accruals(parts, points)?,
            appraisal: serde_json::from_value(self.appraisal.clone()).map_err(broken)?,
            lines,
            returned_minor: came_back().map(|part| part.amount_minor).sum(),
            returned_points: Points::sum(came_back().map(|part| part.points))?,
            id: self.id,
            member: self.member_id,
            reference: self.reference,
            currency: self.currency.parse()?,
            total_minor: self.total_minor + added_minor - removed_minor,
            purchased_at: self.purchased_at,
            recorded_at: self.recorded_at,
            points,
            paid,
            paid_left,
            returned_at: self.returned_at,
            returns: parts.shown_returns(),
            edits: parts.shown_edits()?,
            missed,
        })
    }
}
