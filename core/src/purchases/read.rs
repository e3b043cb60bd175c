//! Reading purchases back: what was bought, what each line earned, and what of it came back.

use super::{PurchaseRef, Purchases};
use crate::cart::Line;
use crate::db::select::Select;
use crate::db::{Database, Look, id, limit, row};
use crate::earning::Appraisal;
use crate::page::{Page, PageRequest};
use crate::{
    Actor, Currency, Error, Id, MemberId, Points, ProgramId, PurchaseId, Result, Scope, Timestamp,
    share, text,
};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::HashMap;

/// A purchase that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub id: PurchaseId,
    pub member: MemberId,
    /// The shop's own order number.
    pub reference: String,
    pub currency: Currency,
    pub total_minor: i64,
    pub purchased_at: Timestamp,
    pub recorded_at: Timestamp,
    /// What the purchase itself earned.
    pub points: Points,
    pub appraisal: Appraisal,
    pub lines: Vec<PurchaseLine>,
    /// In minor units.
    pub returned_minor: i64,
    /// What the returned part had earned.
    pub returned_points: Points,
    /// When the last of it came back; none while something of it stands.
    pub returned_at: Option<Timestamp>,
}

/// A line of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseLine {
    /// From 1.
    pub position: i32,
    pub line: Line,
    /// Its share of what the purchase earned.
    pub points: Points,
    pub returned_quantity: i64,
    /// In minor units.
    pub returned_minor: i64,
}

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
}

row! {
    struct PurchaseKey {
        id: PurchaseId,
    }
}

row! {
    struct LineRow {
        purchase_id: PurchaseId,
        seq: i32,
        sku: String,
        category: Option<String>,
        quantity: u32,
        amount_minor: i64,
        points: Option<Points>,
    }
}

row! {
    /// What came back of a line, in all returns.
    struct ReturnedRow {
        purchase_id: PurchaseId,
        seq: i32,
        quantity: i64,
        amount_minor: i64,
        points: Points,
    }
}

const SELECT: &str = "
    SELECT b.id, b.member_id, b.reference, b.currency, b.total_minor, b.purchased_at, b.recorded_at,
        b.points, b.appraisal, b.returned_at
    FROM purchases AS b
    WHERE b.program_id = $1";
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
const RETURNED: &str = "
    SELECT r.purchase_id, r.seq, r.quantity, r.amount_minor, r.points
    FROM page AS k EACH return_lines AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";

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
        Ok(self.with_lines(actor.program(), found).await?.pop())
    }

    /// A member's purchases, the last made first.
    pub async fn of_member(
        self,
        actor: &Actor,
        member: MemberId,
        page: PageRequest<PurchaseId>,
    ) -> Result<Page<Purchase>> {
        actor.require_for(member, Scope::Read)?;
        let db = &self.context.db;
        let select = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and("b.member_id = {}", Some(id(member)))
            .and(AFTER, page.after.map(id))
            .ending(db.read(), " ORDER BY b.purchased_at DESC, b.id DESC LIMIT $2");
        let found = PurchaseRow::find_by_statement(select).all(db.read()).await?;
        let Page { items, has_more } = Page::of(found, page.first);
        let items = self.with_lines(actor.program(), items).await?;
        Ok(Page { items, has_more })
    }

    async fn with_lines(self, program: ProgramId, rows: Vec<PurchaseRow>) -> Result<Vec<Purchase>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (lines, returned) =
            lines_of(&self.context.db, self.context.look(program), &rows).await?;
        let (mut lines, mut returned) = (
            by_purchase(lines, |line| line.purchase_id),
            by_purchase(returned, |part| part.purchase_id),
        );
        let whole = |row: PurchaseRow| {
            let of = row.id;
            row.purchase(
                lines.remove(&of).unwrap_or_default(),
                &returned.remove(&of).unwrap_or_default(),
            )
        };
        rows.into_iter().map(whole).collect()
    }
}

async fn lines_of(
    db: &Database,
    mut look: Look,
    rows: &[PurchaseRow],
) -> Result<(Vec<LineRow>, Vec<ReturnedRow>)> {
    let keys: Vec<_> = rows.iter().map(|row| PurchaseKey { id: row.id }).collect();
    look.table_over("page", "SELECT r.id FROM {rows} AS r", &keys);
    let (lines, returned) = (look.ask(LINES), look.ask(RETURNED));
    let answers = look.send(db).await?;
    Ok((answers.rows(lines)?, answers.rows(returned)?))
}

fn by_purchase<R>(rows: Vec<R>, of: impl Fn(&R) -> PurchaseId) -> HashMap<PurchaseId, Vec<R>> {
    let mut all: HashMap<_, Vec<R>> = HashMap::new();
    for row in rows {
        all.entry(of(&row)).or_default().push(row);
    }
    all
}

impl PurchaseRow {
    fn purchase(self, mut lines: Vec<LineRow>, returned: &[ReturnedRow]) -> Result<Purchase> {
        let broken = |error: serde_json::Error| {
            Error::internal(format!("the appraisal of {}", self.id.uuid())).caused_by(error)
        };
        lines.sort_by_key(|line| line.seq);
        let amounts: Vec<_> = lines.iter().map(|line| line.amount_minor).collect();
        // Of a purchase whose shares were not kept they follow from its amounts.
        let shares = share::shares(self.points, &amounts)?;
        let line = |(line, share): (LineRow, Points)| line.line(share, returned);
        Ok(Purchase {
            appraisal: serde_json::from_value(self.appraisal.clone()).map_err(broken)?,
            lines: lines.into_iter().zip(shares).map(line).collect(),
            returned_minor: returned.iter().map(|part| part.amount_minor).sum(),
            returned_points: Points::sum(returned.iter().map(|part| part.points))?,
            id: self.id,
            member: self.member_id,
            reference: self.reference,
            currency: self.currency.parse()?,
            total_minor: self.total_minor,
            purchased_at: self.purchased_at,
            recorded_at: self.recorded_at,
            points: self.points,
            returned_at: self.returned_at,
        })
    }
}

impl LineRow {
    fn line(self, share: Points, returned: &[ReturnedRow]) -> PurchaseLine {
        let parts = || returned.iter().filter(|part| part.seq == self.seq);
        PurchaseLine {
            position: self.seq,
            points: self.points.unwrap_or(share),
            returned_quantity: parts().map(|part| part.quantity).sum(),
            returned_minor: parts().map(|part| part.amount_minor).sum(),
            line: Line {
                sku: self.sku,
                category: self.category,
                quantity: self.quantity,
                amount_minor: self.amount_minor,
            },
        }
    }
}
