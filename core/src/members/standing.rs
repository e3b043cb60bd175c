//! Reading, locking and storing standings. Locks are taken in the order of member ids, so that no two writers wait for each
//! other.

use super::Standing;
use crate::db::rows::{self, Field};
use crate::{MemberId, Points, ProgramId, Result, Timestamp, WalletId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult};
use serde::Serialize;
use std::collections::BTreeMap;

/// A member's standing and wallet as the holder of the lock sees them. Changed in memory, written back by [`store`].
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    pub(crate) member: MemberId,
    pub(crate) event_seq: i64,
    pub(crate) standing: Standing,
    pub(crate) wallet: WalletId,
    pub(crate) balance: Points,
}

impl Locked {
    /// Notes points that the ledger is about to post. Fails with `OVERFLOW`, and then has changed nothing.
    pub(crate) fn credit(&mut self, points: Points) -> Result<()> {
        let earned = Points::new(self.standing.points_earned).plus(points)?;
        self.balance = self.balance.plus(points)?;
        self.standing.points_earned = earned.get();
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Row {
    member_id: MemberId,
    event_seq: i64,
    wallet_id: WalletId,
    balance: Points,
    #[sea_orm(nested)]
    standing: Standing,
}

const SELECT: &str = "SELECT s.member_id, s.event_seq, s.purchases, s.spent_minor, s.points_earned, \
     s.first_purchase_at, s.last_purchase_at, s.tier, s.tier_since, w.id AS wallet_id, w.balance \
     FROM {rows} AS r \
     JOIN standings s ON s.program_id = r.program_id AND s.member_id = r.member_id \
     JOIN wallets w ON w.program_id = r.program_id AND w.member_id = r.member_id \
     ORDER BY s.member_id";

/// Reads without a lock. Unknown members are left out.
pub(crate) async fn read(
    connection: &impl ConnectionTrait,
    program: ProgramId,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, Locked>> {
    select(connection, SELECT, program, members).await
}

/// Reads and locks until the transaction ends.
pub(crate) async fn lock(
    tx: &DatabaseTransaction,
    program: ProgramId,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, Locked>> {
    // SQLite has one writer: the transaction itself is the lock.
    let locking = match tx.get_database_backend() {
        // Both rows: after a wait, PostgreSQL re-reads only what it locks.
        DbBackend::Postgres => format!("{SELECT} FOR UPDATE OF s, w"),
        _ => SELECT.to_owned(),
    };
    select(tx, &locking, program, members).await
}

/// Like [`lock`] for one member. Fails with `MEMBER_NOT_FOUND`.
pub(crate) async fn lock_one(
    tx: &DatabaseTransaction,
    program: ProgramId,
    member: MemberId,
) -> Result<Locked> {
    lock(tx, program, &[member]).await?.remove(&member).ok_or_else(super::not_found)
}

async fn select(
    connection: &impl ConnectionTrait,
    sql: &str,
    program: ProgramId,
    members: &[MemberId],
) -> Result<BTreeMap<MemberId, Locked>> {
    let keys = rows::member_keys(program, members);
    let found = rows::query::<Row, _>(connection, sql, rows::MEMBER_KEY, &keys).await?;
    let locked = |row: Row| Locked {
        member: row.member_id,
        event_seq: row.event_seq,
        standing: row.standing,
        wallet: row.wallet_id,
        balance: row.balance,
    };
    Ok(found.into_iter().map(|row| (row.member_id, locked(row))).collect())
}

#[derive(Serialize)]
struct Stored<'a> {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    member_id: MemberId,
    event_seq: i64,
    purchases: i64,
    spent_minor: i64,
    points_earned: i64,
    first_purchase_at: Option<i64>,
    last_purchase_at: Option<i64>,
    tier: Option<&'a str>,
    tier_since: Option<i64>,
}

/// Writes standings back. Wallets are the ledger's to write.
pub(crate) async fn store<'l>(
    tx: &DatabaseTransaction,
    program: ProgramId,
    locked: impl IntoIterator<Item = &'l Locked>,
) -> Result<()> {
    const FIELDS: &rows::Fields = &[
        ("program_id", Field::Id),
        ("member_id", Field::Id),
        ("event_seq", Field::Int),
        ("purchases", Field::Int),
        ("spent_minor", Field::Int),
        ("points_earned", Field::Int),
        ("first_purchase_at", Field::Int),
        ("last_purchase_at", Field::Int),
        ("tier", Field::Text),
        ("tier_since", Field::Int),
    ];
    const UPDATE: &str = "UPDATE standings SET event_seq = r.event_seq, purchases = r.purchases, \
         spent_minor = r.spent_minor, points_earned = r.points_earned, \
         first_purchase_at = r.first_purchase_at, last_purchase_at = r.last_purchase_at, \
         tier = r.tier, tier_since = r.tier_since \
         FROM {rows} AS r \
         WHERE standings.program_id = r.program_id AND standings.member_id = r.member_id";
    let stored: Vec<_> = locked.into_iter().map(|locked| Stored::new(program, locked)).collect();
    rows::execute(tx, UPDATE, FIELDS, &stored).await.map(drop)
}

impl<'a> Stored<'a> {
    fn new(program: ProgramId, locked: &'a Locked) -> Self {
        let standing = &locked.standing;
        Self {
            program_id: program,
            member_id: locked.member,
            event_seq: locked.event_seq,
            purchases: standing.purchases,
            spent_minor: standing.spent_minor,
            points_earned: standing.points_earned,
            first_purchase_at: standing.first_purchase_at.map(Timestamp::microseconds),
            last_purchase_at: standing.last_purchase_at.map(Timestamp::microseconds),
            tier: standing.tier.as_deref(),
            tier_since: standing.tier_since.map(Timestamp::microseconds),
        }
    }
}

/// A new member's standing and wallet.
pub(super) async fn open(
    tx: &DatabaseTransaction,
    program: ProgramId,
    members: &[MemberId],
) -> Result<()> {
    const STANDINGS: &str = "INSERT INTO standings (program_id, member_id, event_seq, purchases, spent_minor, points_earned) \
         SELECT program_id, member_id, 0, 0, 0, 0 FROM {rows} AS r";
    const WALLETS: &str = "INSERT INTO wallets (program_id, id, member_id, point_type, balance, version) \
         SELECT program_id, wallet_id, member_id, 'POINTS', 0, 0 FROM {rows} AS r";
    const FIELDS: &rows::Fields =
        &[("program_id", Field::Id), ("member_id", Field::Id), ("wallet_id", Field::Id)];
    let new: Vec<_> = members
        .iter()
        .map(|member| {
            serde_json::json!({
                "program_id": rows::hex_text(program),
                "member_id": rows::hex_text(*member),
                "wallet_id": rows::hex_text(WalletId::new()),
            })
        })
        .collect();
    rows::execute(tx, STANDINGS, FIELDS, &new).await?;
    rows::execute(tx, WALLETS, FIELDS, &new).await.map(drop)
}
