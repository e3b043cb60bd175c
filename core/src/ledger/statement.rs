//! Reading the ledger: an account's transactions.

use super::why::{Earned, Why};
use crate::accounts::PointType;
use crate::db::select::Select;
use crate::db::{Database, Look, Question, id, limit, row};
use crate::members::MemberKind;
use crate::operation::Kind;
use crate::page::{Page, PageRequest};
use crate::{
    AccountId, Error, MemberId, Points, ProgramId, PurchaseId, Result, Timestamp, TransactionId,
};
use sea_orm::{FromQueryResult, Value};
use serde_json::Value as Json;

/// A transaction as it changed a member's wallet.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: TransactionId,
    pub member_id: MemberId,
    pub kind: Kind,
    pub point_type: PointType,
    /// What the wallet gained, or lost when negative; of what is pending, what there is to come.
    pub points: Points,
    pub balance_after: Points,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    /// Who caused it, such as `operator:till` or `plugin:consumer-goods`.
    pub actor: String,
    /// None when a later version has written what this one does not know.
    pub why: Option<Why>,
    /// Whether it happened on a gift card, which somebody may have claimed since.
    pub is_on_gift_card: bool,
}

/// Which of a member's transactions are asked for; all by default.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Only of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// Only what took effect then or later.
    pub from: Option<Timestamp>,
    /// Only what took effect before.
    pub until: Option<Timestamp>,
}

row! {
    #[derive(FromQueryResult)]
    pub(crate) struct TransactionRow {
        id: TransactionId,
        account_id: AccountId,
        kind: String,
        point_type: PointType,
        points: Points,
        balance_after: Points,
        effective_at: Timestamp,
        recorded_at: Timestamp,
        actor: String,
        explanation: Option<Json>,
        purchase_id: Option<PurchaseId>,
        reference: Option<String>,
        revision: Option<i32>,
        total_minor: Option<i64>,
        appraisal: Option<Json>,
        buyer_id: Option<MemberId>,
        member_kind: String,
    }
}

row! {
    struct TransactionKey {
        id: TransactionId,
    }
}

/// The account's entry is the first of a transaction.
const SELECT: &str = "
    SELECT t.id, COALESCE(m.merged_into, t.account_id) AS account_id, t.kind, e.point_type, e.amount AS points, e.balance_after, t.effective_at,
        t.recorded_at, t.actor, t.explanation, COALESCE(b.accrual_of, t.purchase_id) AS purchase_id,
        b.reference, b.revision, b.total_minor, b.appraisal, o.member_id AS buyer_id,
        m.kind AS member_kind
    FROM transactions AS t
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id AND e.seq = 1
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    LEFT JOIN purchases AS o ON o.program_id = $1 AND o.id = b.accrual_of
    WHERE t.program_id = $1";
const BY_ID: &str = "
    SELECT t.id, COALESCE(m.merged_into, t.account_id) AS account_id, t.kind, e.point_type, e.amount AS points, e.balance_after, t.effective_at,
        t.recorded_at, t.actor, t.explanation, COALESCE(b.accrual_of, t.purchase_id) AS purchase_id,
        b.reference, b.revision, b.total_minor, b.appraisal, o.member_id AS buyer_id,
        m.kind AS member_kind
    FROM {rows} AS k EACH transactions AS t
    JOIN entries AS e ON e.program_id = $1 AND e.transaction_id = t.id AND e.seq = 1
    JOIN members AS m ON m.program_id = $1 AND m.id = t.account_id
    LEFT JOIN purchases AS b ON b.program_id = $1 AND b.id = t.purchase_id
    LEFT JOIN purchases AS o ON o.program_id = $1 AND o.id = b.accrual_of
    WHERE t.program_id = $1 AND t.id = k.id";

/// Asks for transactions by their ids.
pub(crate) fn ask_transactions(
    look: &mut Look,
    ids: impl IntoIterator<Item = TransactionId>,
) -> Question<TransactionRow> {
    let keys: Vec<_> = ids.into_iter().map(|id| TransactionKey { id }).collect();
    look.ask_over(BY_ID, &keys)
}

/// The history of one account runs by when things happened, which an import may report late; what
/// took effect at the same instant, in the order in which it was recorded.
const AFTER: &str = "
    (t.effective_at, t.id) < (
        SELECT effective_at, id
        FROM transactions
        WHERE program_id = $1 AND id = {}
    )";

pub(super) async fn find(
    db: &Database,
    program: ProgramId,
    transaction: TransactionId,
) -> Result<Option<Transaction>> {
    let statement = db.sql(&format!("{SELECT} AND t.id = $2"), [id(program), id(transaction)]);
    let found = TransactionRow::find_by_statement(statement).one(db.read()).await?;
    found.map(Transaction::try_from).transpose()
}

/// A transaction that was just written.
pub(super) async fn known(
    db: &Database,
    program: ProgramId,
    transaction: TransactionId,
) -> Result<Transaction> {
    let found = find(db, program, transaction).await?;
    found.ok_or_else(|| Error::internal(format!("{transaction} is gone")))
}

/// Of all members, by when they were recorded, newest first.
pub(super) async fn of_all(
    db: &Database,
    program: ProgramId,
    page: PageRequest<TransactionId>,
) -> Result<Page<Transaction>> {
    let statement = Select::new(SELECT, [id(program), limit(page.first + 1)])
        .and("t.id < {}", page.after.map(id))
        .ending(db.read(), " ORDER BY t.id DESC LIMIT $2");
    let found = TransactionRow::find_by_statement(statement).all(db.read()).await?;
    Page::of(found, page.first).try_map(Transaction::try_from)
}

/// Of a member, by when they took effect, newest first.
pub(super) async fn of_member(
    db: &Database,
    program: ProgramId,
    member: MemberId,
    which: &Which,
    page: PageRequest<TransactionId>,
) -> Result<Page<Transaction>> {
    let statement = Select::new(SELECT, [id(program), limit(page.first + 1)])
        .and_of("t.account_id", Some(id(AccountId::from(member))))
        .and("t.effective_at >= {}", which.from.map(Value::from))
        .and("t.effective_at < {}", which.until.map(Value::from))
        .and("{} LIKE '%,' || t.kind || ',%'", which.kinds())
        .and(AFTER, page.after.map(id))
        .ending(db.read(), " ORDER BY t.effective_at DESC, t.id DESC LIMIT $2");
    let found = TransactionRow::find_by_statement(statement).all(db.read()).await?;
    Page::of(found, page.first).try_map(Transaction::try_from)
}

impl Which {
    /// Their names, each between commas, so that one text of the statement does for all.
    fn kinds(&self) -> Option<Value> {
        let names: Vec<_> = self.kinds.as_ref()?.iter().map(|kind| kind.as_str()).collect();
        Some(format!(",{},", names.join(",")).into())
    }
}

impl Transaction {
    /// As a member sees it. What operators said of a gift card they said of whoever bought it, not to
    /// whoever has claimed it.
    #[must_use]
    pub fn for_member(self) -> Self {
        let is_hushed = self.is_on_gift_card;
        Self { why: self.why.map(|why| if is_hushed { why.hushed() } else { why }), ..self }
    }

    /// Whom else it is about: of what a purchase brought a group the buyer.
    pub fn other_member(&self) -> Option<MemberId> {
        self.why.as_ref().and_then(Why::other_member)
    }

    /// The transaction of the other member, if there is one.
    pub fn other_transaction(&self) -> Option<TransactionId> {
        self.why.as_ref().and_then(Why::other_transaction)
    }

    /// Who approved it, of an adjustment for which a second operator was needed.
    pub fn approved_by(&self) -> Option<&str> {
        self.why.as_ref().and_then(Why::approved_by)
    }

    /// The purchase that it follows from, of whichever member.
    pub fn purchase(&self) -> Option<PurchaseId> {
        self.why.as_ref().and_then(Why::purchase)
    }
}

impl TryFrom<TransactionRow> for Transaction {
    type Error = Error;

    fn try_from(row: TransactionRow) -> Result<Self> {
        let earned = Earned::read(
            row.purchase_id,
            row.reference,
            row.revision,
            row.total_minor,
            row.appraisal,
        )?;
        let earned = earned.map(|earned| Earned { buyer: row.buyer_id, ..earned });
        Ok(Self {
            id: row.id,
            member_id: row.account_id.into(),
            kind: Kind::parse(&row.kind)?,
            point_type: row.point_type,
            points: row.points,
            balance_after: row.balance_after,
            effective_at: row.effective_at,
            recorded_at: row.recorded_at,
            actor: row.actor,
            why: Why::read(row.explanation, earned),
            is_on_gift_card: row.member_kind == MemberKind::GiftCard.as_str(),
        })
    }
}
