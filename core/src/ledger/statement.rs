//! Reading the ledger: balances and statements.

use super::Kind;
use crate::db::rows::{self, Field};
use crate::db::select::Select;
use crate::page::{Page, PageRequest};
use crate::programs::Program;
use crate::{Error, MemberId, Points, ProgramId, Result, Timestamp, TransactionId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a member can spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    pub points: Points,
    /// What expires and when, the earliest first; points that never expire are not listed.
    pub expiring: Vec<Expiring>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Expiring {
    pub at: Timestamp,
    pub points: Points,
}

/// A transaction as it changed a member's wallet.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: TransactionId,
    pub member_id: MemberId,
    pub kind: Kind,
    /// What the wallet gained, or lost when negative.
    pub points: Points,
    pub balance_after: Points,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    /// Who caused it, such as `operator:till` or `plugin:consumer-goods`.
    pub actor: String,
    /// Why: rule, revision, plugin and digest, purchase, inputs.
    pub explanation: Value,
}

#[derive(FromQueryResult)]
struct Row {
    id: TransactionId,
    member_id: MemberId,
    kind: String,
    points: Points,
    balance_after: Points,
    effective_at: Timestamp,
    recorded_at: Timestamp,
    actor: String,
    explanation: Value,
}

/// What each member can spend; unknown members are left out.
pub(super) async fn balances(
    connection: &impl ConnectionTrait,
    program: &Program,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, Balance>> {
    #[derive(FromQueryResult)]
    struct Spendable {
        member_id: MemberId,
        points: Points,
    }
    #[derive(FromQueryResult)]
    struct Due {
        member_id: MemberId,
        #[sea_orm(nested)]
        expiring: Expiring,
    }
    const FIELDS: &rows::Fields =
        &[("program_id", Field::Id), ("member_id", Field::Id), ("now", Field::Int)];
    // What has expired but was not swept yet does not count.
    const POINTS: &str = "SELECT w.member_id, w.balance - COALESCE((SELECT CAST(SUM(l.remaining) AS BIGINT) \
           FROM lots l WHERE l.program_id = w.program_id AND l.wallet_id = w.id \
           AND l.remaining > 0 AND l.expires_at <= r.now), 0) AS points FROM {rows} AS r \
         JOIN wallets w ON w.program_id = r.program_id AND w.member_id = r.member_id \
           AND w.point_type = 'POINTS'";
    const EXPIRING: &str = "SELECT w.member_id, l.expires_at AS at, CAST(SUM(l.remaining) AS BIGINT) AS points \
         FROM {rows} AS r \
         JOIN wallets w ON w.program_id = r.program_id AND w.member_id = r.member_id \
         JOIN lots l ON l.program_id = w.program_id AND l.wallet_id = w.id \
         WHERE l.remaining > 0 AND l.expires_at > r.now \
         GROUP BY w.member_id, l.expires_at ORDER BY l.expires_at";
    let row = |member: &MemberId| {
        json!({
            "program_id": rows::hex_text(program.id), "member_id": rows::hex_text(*member),
            "now": program.now.microseconds(),
        })
    };
    let keys: Vec<_> = members.iter().map(row).collect();
    let spendable: Vec<Spendable> = rows::query(connection, POINTS, FIELDS, &keys).await?;
    let balance =
        |row: Spendable| (row.member_id, Balance { points: row.points, expiring: Vec::new() });
    let mut balances: BTreeMap<_, _> = spendable.into_iter().map(balance).collect();
    for due in rows::query::<Due, _>(connection, EXPIRING, FIELDS, &keys).await? {
        if let Some(balance) = balances.get_mut(&due.member_id) {
            balance.expiring.push(due.expiring);
        }
    }
    Ok(balances)
}

const SELECT: &str = "SELECT t.id, t.member_id, t.kind, e.amount AS points, e.balance_after, \
     t.effective_at, t.recorded_at, t.actor, t.explanation FROM transactions t \
     JOIN entries e ON e.program_id = t.program_id AND e.transaction_id = t.id \
     AND e.account = 'WALLET' WHERE t.program_id = $1";

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    id: TransactionId,
) -> Result<Option<Transaction>> {
    let sql = format!("{SELECT} AND t.id = $2");
    let statement = rows::sql(connection, &sql, [rows::id(program), rows::id(id)]);
    let found = Row::find_by_statement(statement).one(connection).await?;
    found.map(Transaction::try_from).transpose()
}

pub(super) async fn transactions(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    member: Option<MemberId>,
    page: PageRequest<TransactionId>,
) -> Result<Page<Transaction>> {
    let statement = Select::new(SELECT, [rows::id(program), rows::limit(page.first + 1)])
        .and("t.member_id = {}", member.map(rows::id))
        .and("t.id < {}", page.after.map(rows::id))
        .ending(connection, " ORDER BY t.id DESC LIMIT $2");
    let found = Row::find_by_statement(statement).all(connection).await?;
    Page::of(found, page.first).try_map(Transaction::try_from)
}

impl TryFrom<Row> for Transaction {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let kind = [Kind::Earn, Kind::Spend, Kind::Expire]
            .into_iter()
            .find(|kind| kind.as_str() == row.kind);
        let unknown =
            || Error::internal(format!("transaction {} has the kind `{}`", row.id, row.kind));
        Ok(Self {
            kind: kind.ok_or_else(unknown)?,
            id: row.id,
            member_id: row.member_id,
            points: row.points,
            balance_after: row.balance_after,
            effective_at: row.effective_at,
            recorded_at: row.recorded_at,
            actor: row.actor,
            explanation: row.explanation,
        })
    }
}
