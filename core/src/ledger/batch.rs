//! The write path: postings are gathered in memory, under the members' locks, and written together – one statement per table,
//! however many members and postings there are.

use super::Kind;
use crate::db::rows::{self, Field};
use crate::members::Locked;
use crate::{LotId, Points, ProgramId, Result, Timestamp, TransactionId, WalletId};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The program's own accounts, the other side of every entry of a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Points in members' hands come from here.
    Issued,
    Redeemed,
    /// Points that expired.
    Breakage,
}

/// Postings about to be written.
#[derive(Debug)]
pub(crate) struct Batch {
    program: ProgramId,
    recorded_at: Timestamp,
    actor: String,
    transactions: Vec<TransactionRow>,
    entries: Vec<EntryRow>,
    lots: Vec<LotRow>,
    uses: Vec<UseRow>,
    /// What each wallet gains or loses.
    changes: BTreeMap<WalletId, Change>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Change {
    points: i64,
    postings: i64,
}

/// What is earned, when and why.
#[derive(Debug)]
pub(crate) struct Earning {
    pub(crate) points: Points,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) explanation: Value,
}

/// Part of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LotPart {
    pub(crate) lot: LotId,
    pub(crate) points: Points,
}

impl Batch {
    pub(crate) fn new(program: ProgramId, recorded_at: Timestamp, actor: &crate::Subject) -> Self {
        Self {
            program,
            recorded_at,
            actor: actor.to_string(),
            transactions: Vec::new(),
            entries: Vec::new(),
            lots: Vec::new(),
            uses: Vec::new(),
            changes: BTreeMap::new(),
        }
    }

    /// Who causes the postings that follow.
    pub(crate) fn act_as(&mut self, actor: &crate::Subject) {
        self.actor = actor.to_string();
    }

    /// Posts points that were credited to the member, as one lot.
    pub(crate) fn earn(&mut self, member: &Locked, earning: Earning) -> TransactionId {
        let Earning { points, at, expires_at, explanation } = earning;
        assert!(
            points.is_positive() && points <= member.balance,
            "an earn of {points} points not credited"
        );
        let transaction =
            self.post(member, Kind::Earn, points.get(), Account::Issued, at, explanation);
        self.lots.push(LotRow {
            program_id: self.program,
            id: LotId::new(),
            wallet_id: member.wallet,
            transaction_id: transaction,
            earned_at: at.microseconds(),
            expires_at: expires_at.map(Timestamp::microseconds),
            amount: points.get(),
            remaining: points.get(),
        });
        transaction
    }

    /// Takes points out of lots, which the caller chose and which cover them.
    pub(crate) fn take(
        &mut self,
        member: &mut Locked,
        kind: Kind,
        to: Account,
        parts: &[LotPart],
        at: Timestamp,
        explanation: Value,
    ) -> Result<TransactionId> {
        let points = Points::sum(parts.iter().map(|part| part.points))?;
        assert!(
            points.is_positive() && points <= member.balance,
            "taking {points} of {}",
            member.balance
        );
        member.balance = member.balance.minus(points)?;
        let transaction = self.post(member, kind, -points.get(), to, at, explanation);
        self.uses.extend(parts.iter().map(|part| UseRow {
            program_id: self.program,
            transaction_id: transaction,
            lot_id: part.lot,
            amount: part.points.get(),
        }));
        Ok(transaction)
    }

    /// One transaction of two entries that sum to zero.
    fn post(
        &mut self,
        member: &Locked,
        kind: Kind,
        points: i64,
        other: Account,
        effective_at: Timestamp,
        explanation: Value,
    ) -> TransactionId {
        let id = TransactionId::new();
        self.transactions.push(TransactionRow {
            program_id: self.program,
            id,
            member_id: member.member,
            kind: kind.as_str(),
            effective_at: effective_at.microseconds(),
            recorded_at: self.recorded_at.microseconds(),
            actor: self.actor.clone(),
            explanation,
        });
        let entry = |seq, account, wallet_id, amount, balance_after| EntryRow {
            program_id: self.program,
            transaction_id: id,
            seq,
            account,
            wallet_id,
            amount,
            balance_after,
        };
        let balance = Some(member.balance.get());
        self.entries.push(entry(1, "WALLET", Some(member.wallet), points, balance));
        self.entries.push(entry(2, other.as_str(), None, -points, None));
        let change = self.changes.entry(member.wallet).or_default();
        change.points += points;
        change.postings += 1;
        id
    }

    /// Writes everything. Lots go before uses, because a lot may be used in the batch that earned it.
    pub(crate) async fn write(self, tx: &DatabaseTransaction) -> Result<()> {
        rows::insert(tx, "transactions", TRANSACTION, &self.transactions).await?;
        rows::insert(tx, "entries", ENTRY, &self.entries).await?;
        rows::insert(tx, "lots", LOT, &self.lots).await?;
        rows::insert(tx, "lot_uses", USE, &self.uses).await?;
        self.use_lots(tx).await?;
        self.change_wallets(tx).await
    }

    async fn use_lots(&self, tx: &DatabaseTransaction) -> Result<()> {
        const UPDATE: &str = "UPDATE lots SET remaining = lots.remaining - r.amount FROM {rows} AS r \
             WHERE lots.program_id = r.program_id AND lots.id = r.lot_id AND lots.remaining >= r.amount";
        let mut used: BTreeMap<LotId, UseRow> = BTreeMap::new();
        for part in &self.uses {
            used.entry(part.lot_id)
                .and_modify(|row| row.amount += part.amount)
                .or_insert_with(|| part.clone());
        }
        let used: Vec<_> = used.into_values().collect();
        let changed = rows::execute(tx, UPDATE, USE, &used).await?;
        expect_all(changed, used.len(), "lots")
    }

    async fn change_wallets(&self, tx: &DatabaseTransaction) -> Result<()> {
        const FIELDS: &rows::Fields = &[
            ("program_id", Field::Id),
            ("wallet_id", Field::Id),
            ("points", Field::Int),
            ("postings", Field::Int),
        ];
        // Decided in the UPDATE as well: a wallet that would go below zero is not changed, whatever was read before.
        const UPDATE: &str = "UPDATE wallets SET balance = wallets.balance + r.points, \
             version = wallets.version + r.postings FROM {rows} AS r \
             WHERE wallets.program_id = r.program_id AND wallets.id = r.wallet_id \
             AND wallets.balance + r.points >= 0";
        let row = |(wallet, change): (&WalletId, &Change)| {
            serde_json::json!({
                "program_id": rows::hex_text(self.program),
                "wallet_id": rows::hex_text(*wallet),
                "points": change.points,
                "postings": change.postings,
            })
        };
        let changes: Vec<_> = self.changes.iter().map(row).collect();
        let changed = rows::execute(tx, UPDATE, FIELDS, &changes).await?;
        expect_all(changed, changes.len(), "wallets")
    }
}

/// The lock makes this impossible; if it happens all the same, nothing of the batch is kept.
fn expect_all(changed: u64, expected: usize, what: &str) -> Result<()> {
    if usize::try_from(changed).ok() == Some(expected) {
        return Ok(());
    }
    Err(crate::Error::internal(format!("{changed} of {expected} {what} could be changed")))
}

impl Account {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "ISSUED",
            Self::Redeemed => "REDEEMED",
            Self::Breakage => "BREAKAGE",
        }
    }
}

#[derive(Debug, Serialize)]
struct TransactionRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    id: TransactionId,
    #[serde(serialize_with = "rows::hex")]
    member_id: crate::MemberId,
    kind: &'static str,
    effective_at: i64,
    recorded_at: i64,
    actor: String,
    explanation: Value,
}

const TRANSACTION: &rows::Fields = &[
    ("program_id", Field::Id),
    ("id", Field::Id),
    ("member_id", Field::Id),
    ("kind", Field::Text),
    ("effective_at", Field::Int),
    ("recorded_at", Field::Int),
    ("actor", Field::Text),
    ("explanation", Field::Json),
];

#[derive(Debug, Serialize)]
struct EntryRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    transaction_id: TransactionId,
    seq: i32,
    account: &'static str,
    #[serde(serialize_with = "rows::hex_option")]
    wallet_id: Option<WalletId>,
    amount: i64,
    balance_after: Option<i64>,
}

const ENTRY: &rows::Fields = &[
    ("program_id", Field::Id),
    ("transaction_id", Field::Id),
    ("seq", Field::Int),
    ("account", Field::Text),
    ("wallet_id", Field::Id),
    ("amount", Field::Int),
    ("balance_after", Field::Int),
];

#[derive(Debug, Serialize)]
struct LotRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    id: LotId,
    #[serde(serialize_with = "rows::hex")]
    wallet_id: WalletId,
    #[serde(serialize_with = "rows::hex")]
    transaction_id: TransactionId,
    earned_at: i64,
    expires_at: Option<i64>,
    amount: i64,
    remaining: i64,
}

const LOT: &rows::Fields = &[
    ("program_id", Field::Id),
    ("id", Field::Id),
    ("wallet_id", Field::Id),
    ("transaction_id", Field::Id),
    ("earned_at", Field::Int),
    ("expires_at", Field::Int),
    ("amount", Field::Int),
    ("remaining", Field::Int),
];

#[derive(Clone, Debug, Serialize)]
struct UseRow {
    #[serde(serialize_with = "rows::hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "rows::hex")]
    transaction_id: TransactionId,
    #[serde(serialize_with = "rows::hex")]
    lot_id: LotId,
    amount: i64,
}

const USE: &rows::Fields = &[
    ("program_id", Field::Id),
    ("transaction_id", Field::Id),
    ("lot_id", Field::Id),
    ("amount", Field::Int),
];
