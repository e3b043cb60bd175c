//! Reading purchases back: what was bought, what each line earned, and what of it came back.

use super::look::{ShareRow, broken};
use super::{
    Accrued, Paid, Purchase, PurchaseLine, PurchaseRef, PurchaseReturn, Purchases, ReturnedLine,
};
use crate::cart::Line;
use crate::db::select::Select;
use crate::db::{Database, Look, id, limit, row};
use crate::page::{Page, PageRequest};
use crate::{
    Actor, Error, Id, MemberId, Points, ProgramId, PurchaseId, Result, ReturnId, Scope, Timestamp,
    TransactionId, share, text,
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
    struct ReturnRow {
        purchase_id: PurchaseId,
        id: ReturnId,
        reference: String,
        returned_at: Timestamp,
        amount_minor: i64,
        points: Points,
        points_taken: Points,
        transaction_id: Option<TransactionId>,
        refunded_points: Points,
    }
}

row! {
    /// What came back of a line in one return.
    struct ReturnedRow {
        purchase_id: PurchaseId,
        return_id: ReturnId,
        seq: i32,
        quantity: i64,
        amount_minor: i64,
        points: Points,
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
        r.transaction_id, r.refunded_points
    FROM page AS k EACH returns AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";
const RETURNED: &str = "
    SELECT r.purchase_id, r.return_id, r.seq, r.quantity, r.amount_minor, r.points
    FROM page AS k EACH return_lines AS r
    WHERE r.program_id = $1 AND r.purchase_id = k.id";

/// What it brought groups.
const SHARES: &str = "
    SELECT b.accrual_of, COALESCE(m.merged_into, b.member_id) AS member_id, b.balance_after,
        b.transaction_id, b.appraisal
    FROM page AS k EACH purchases AS b
    JOIN members AS m ON m.program_id = $1 AND m.id = b.member_id
    WHERE b.program_id = $1 AND b.accrual_of = k.id";

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

    /// The purchase of which something came back; none when the actor may not see it.
    pub async fn of_return(self, actor: &Actor, one: ReturnId) -> Result<Option<Purchase>> {
        #[derive(FromQueryResult)]
        struct Row {
            purchase_id: PurchaseId,
        }
        const OF: &str = "SELECT purchase_id FROM returns WHERE program_id = $1 AND id = $2";
        let db = &self.context.db;
        let statement = db.sql(OF, [id(actor.program()), id(one)]);
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
        let db = &self.context.db;
        let select = Select::new(SELECT, [id(actor.program()), limit(page.first + 1)])
            .and_of("b.member_id", Some(id(member)))
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
        let mut parts = parts_of(&self.context.db, self.context.look(program), &rows).await?;
        let whole = |row: PurchaseRow| {
            let its = parts.take(row.id);
            row.purchase(its)
        };
        rows.into_iter().map(whole).collect()
    }
}

/// What belongs to purchases: lines, returns, and what came back of which line.
#[derive(Default)]
struct Parts {
    lines: Vec<LineRow>,
    returns: Vec<ReturnRow>,
    returned: Vec<ReturnedRow>,
    shares: Vec<ShareRow>,
}

async fn parts_of(db: &Database, mut look: Look, rows: &[PurchaseRow]) -> Result<Parts> {
    let keys: Vec<_> = rows.iter().map(|row| PurchaseKey { id: row.id }).collect();
    look.table_over("page", "SELECT r.id FROM {rows} AS r", &keys);
    let (lines, returns, returned) = (look.ask(LINES), look.ask(RETURNS), look.ask(RETURNED));
    let shares = look.ask(SHARES);
    let answers = look.send(db).await?;
    Ok(Parts {
        shares: answers.rows(shares)?,
        lines: answers.rows(lines)?,
        returns: answers.rows(returns)?,
        returned: answers.rows(returned)?,
    })
}

impl Parts {
    /// Those of one purchase, each in its order.
    fn take(&mut self, of: PurchaseId) -> Self {
        let mut parts = Self {
            lines: self.lines.extract_if(.., |line| line.purchase_id == of).collect(),
            returns: self.returns.extract_if(.., |one| one.purchase_id == of).collect(),
            returned: self.returned.extract_if(.., |part| part.purchase_id == of).collect(),
            shares: self.shares.extract_if(.., |share| share.accrual_of == of).collect(),
        };
        parts.lines.sort_by_key(|line| line.seq);
        parts.returns.sort_by_key(|one| one.id);
        parts.returned.sort_by_key(|part| part.seq);
        parts
    }
}

impl PurchaseRow {
    fn accruals(&self, shares: &[ShareRow]) -> Result<Vec<Accrued>> {
        let appraisal = serde_json::from_value(self.appraisal.clone()).map_err(broken)?;
        let (balance, transaction) = (self.balance_after, self.transaction_id);
        let own = Accrued::new(self.member_id, &appraisal, balance, transaction);
        let own = (self.is_counted != 0).then_some(Ok(own));
        own.into_iter().chain(shares.iter().map(ShareRow::accrued)).collect()
    }

    fn purchase(self, parts: Parts) -> Result<Purchase> {
        let accruals = self.accruals(&parts.shares)?;
        let Parts { lines, returns, returned, .. } = parts;
        let broken = |error: serde_json::Error| {
            Error::internal(format!("the appraisal of {}", self.id.uuid())).caused_by(error)
        };
        let amounts: Vec<_> = lines.iter().map(|line| line.amount_minor).collect();
        // Of a purchase whose shares were not kept they follow from its amounts.
        let shares = share::shares(self.points, &amounts)?;
        let line = |(line, share): (LineRow, Points)| line.line(share, &returned);
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
            accruals,
            paid: Paid::stored(self.paid_points, self.paid_minor, self.payment_id),
            returned_at: self.returned_at,
            returns: returns.into_iter().map(|one| one.of_purchase(&returned)).collect(),
        })
    }
}

impl ReturnRow {
    fn of_purchase(self, returned: &[ReturnedRow]) -> PurchaseReturn {
        let line = |part: &ReturnedRow| ReturnedLine {
            position: part.seq,
            quantity: part.quantity,
            amount_minor: part.amount_minor,
            points: part.points,
        };
        PurchaseReturn {
            lines: returned.iter().filter(|part| part.return_id == self.id).map(line).collect(),
            id: self.id,
            reference: self.reference,
            returned_at: self.returned_at,
            amount_minor: self.amount_minor,
            points: self.points,
            points_taken: self.points_taken,
            transaction: self.transaction_id,
            points_refunded: self.refunded_points,
        }
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
