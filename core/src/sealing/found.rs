//! What items name: the rows of a block, found by their keys in one look.

use super::DIGEST_BYTES;
use super::rows::{
    EntryRow, ErasedRow, EventRow, LineRow, MessageRow, PurchaseRow, ReturnRow, TransactionRow,
    UseRow,
};
use crate::db::{Answers, Look, Question, row};
use crate::journal::Item;
use crate::{EventId, MemberId, MessageId, Result, TransactionId};
use std::collections::HashMap;

row! {
    struct EventKey {
        member_id: MemberId,
        member_seq: i64,
    }
}

row! {
    struct TransactionKey {
        id: TransactionId,
    }
}

row! {
    struct MessageKey {
        id: MessageId,
    }
}

const EVENTS: &str = "
    SELECT v.id, v.member_id, v.member_seq, v.name, CAST(v.data AS TEXT) AS data, v.occurred_at,
        v.recorded_at
    FROM {rows} AS k EACH events AS v
    WHERE v.program_id = $1 AND v.member_id = k.member_id AND v.member_seq = k.member_seq";
const MESSAGES: &str = "SELECT * FROM sealed_messages";
const NAMED_MESSAGES: &str = "
    SELECT y.id, y.member_id, y.contact_id, y.plugin_id, y.event_id, y.template, y.locale, y.subject,
        y.body, CAST(y.parameters AS TEXT) AS parameters, y.occurred_at
    FROM {rows} AS k EACH messages AS y
    WHERE y.program_id = $1 AND y.id = k.id";
const NAMED: &str = "
    SELECT t.id, t.account_id, t.kind, t.effective_at, t.recorded_at, t.actor, t.purchase_id,
        CAST(t.explanation AS TEXT) AS explanation, t.salt, t.veil
    FROM {rows} AS k EACH transactions AS t
    WHERE t.program_id = $1 AND t.id = k.id";
const TRANSACTIONS: &str = "
    SELECT id, account_id, kind, effective_at, recorded_at, actor, purchase_id, explanation, salt, veil
    FROM sealed_transactions";
const ENTRIES: &str = "
    SELECT e.transaction_id, e.seq, e.account_id, e.system_account, e.point_type, e.amount,
        e.balance_after
    FROM sealed_transactions AS k EACH entries AS e
    WHERE e.program_id = $1 AND e.transaction_id = k.id";
const USES: &str = "
    SELECT x.transaction_id, x.lot_id, x.amount
    FROM sealed_transactions AS k EACH lot_uses AS x
    WHERE x.program_id = $1 AND x.transaction_id = k.id";
const RETURNS: &str = "
    SELECT g.transaction_id, g.used_by, g.lot_id, g.amount
    FROM sealed_transactions AS k EACH lot_returns AS g
    WHERE g.program_id = $1 AND g.transaction_id = k.id";
const PURCHASES: &str = "
    SELECT k.id AS transaction_id, b.id, b.member_id, b.reference, b.arguments_hash, b.currency,
        b.total_minor, b.purchased_at, b.recorded_at, b.revision, b.points, b.referral_points,
        b.balance_after, CAST(b.appraisal AS TEXT) AS appraisal, CAST(b.standing AS TEXT) AS standing
    FROM sealed_transactions AS k EACH purchases AS b
    WHERE b.program_id = $1 AND b.id = k.purchase_id";
const LINES: &str = "
    SELECT k.id AS transaction_id, n.seq, n.sku, n.category, n.quantity, n.amount_minor
    FROM sealed_transactions AS k EACH purchase_lines AS n
    WHERE n.program_id = $1 AND n.purchase_id = k.purchase_id";

/// Of the members whom the items are about: those who were erased.
const OF_EVENTS: &str = "SELECT DISTINCT r.member_id FROM {rows} AS r";
const OF_ALL: &str = "
    SELECT member_id
    FROM members_of_events
    UNION
    SELECT account_id AS member_id
    FROM sealed_transactions
    UNION
    SELECT member_id
    FROM sealed_messages";
const ERASED: &str = "
    SELECT z.member_id, z.seq
    FROM sealed_members AS k EACH erasures AS z
    WHERE z.program_id = $1 AND z.member_id = k.member_id";

/// The questions about what some items name.
pub(crate) struct Named {
    events: Question<EventRow>,
    messages: Question<MessageRow>,
    transactions: Question<TransactionRow>,
    entries: Question<EntryRow>,
    uses: Question<UseRow>,
    returns: Question<ReturnRow>,
    purchases: Question<PurchaseRow>,
    lines: Question<LineRow>,
    erased: Question<ErasedRow>,
}

/// A transaction with all that belongs to it.
#[derive(Debug)]
pub(super) struct TransactionFound {
    pub(super) row: TransactionRow,
    /// In their order.
    pub(super) entries: Vec<EntryRow>,
    pub(super) uses: Vec<UseRow>,
    pub(super) returns: Vec<ReturnRow>,
    pub(super) purchase: Option<PurchaseRow>,
    pub(super) lines: Vec<LineRow>,
}

/// The personal part of a transaction.
#[derive(Debug)]
pub(crate) struct Unveiled<'f> {
    /// As it is stored; none when a purchase explains it.
    pub(crate) explanation: Option<&'f str>,
    /// What can stand for it; none of what was recorded without a salt.
    pub(crate) veil: Option<[u8; DIGEST_BYTES]>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(super) events: HashMap<(MemberId, i64), EventRow>,
    pub(super) messages: HashMap<MessageId, MessageRow>,
    pub(super) transactions: HashMap<TransactionId, TransactionFound>,
    /// Members who were erased, with the number of the event that tells of it.
    pub(super) erased: HashMap<MemberId, i64>,
}

impl Named {
    pub(crate) fn ask(look: &mut Look, items: &[Item]) -> Self {
        let (mut events, mut transactions, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match *item {
                Item::Event { member, seq } => {
                    events.push(EventKey { member_id: member, member_seq: seq });
                }
                Item::Transaction(id) => transactions.push(TransactionKey { id }),
                Item::Message(id) => messages.push(MessageKey { id }),
            }
        }
        look.table_over("sealed_transactions", NAMED, &transactions);
        look.table_over("sealed_messages", NAMED_MESSAGES, &messages);
        look.table_over("members_of_events", OF_EVENTS, &events);
        look.table("sealed_members", OF_ALL);
        Self {
            events: look.ask_over(EVENTS, &events),
            messages: look.ask(MESSAGES),
            transactions: look.ask(TRANSACTIONS),
            entries: look.ask(ENTRIES),
            uses: look.ask(USES),
            returns: look.ask(RETURNS),
            purchases: look.ask(PURCHASES),
            lines: look.ask(LINES),
            erased: look.ask(ERASED),
        }
    }

    pub(crate) fn read(self, answers: &Answers) -> Result<Found> {
        let events = answers.rows(self.events)?.into_iter();
        let messages = answers.rows(self.messages)?.into_iter();
        let found = |row: TransactionRow| (row.id, TransactionFound::of(row));
        let mut transactions: HashMap<_, _> =
            answers.rows(self.transactions)?.into_iter().map(found).collect();
        for row in answers.rows(self.entries)? {
            transactions.entry(row.transaction_id).and_modify(|of| of.entries.push(row));
        }
        for row in answers.rows(self.uses)? {
            transactions.entry(row.transaction_id).and_modify(|of| of.uses.push(row));
        }
        for row in answers.rows(self.returns)? {
            transactions.entry(row.transaction_id).and_modify(|of| of.returns.push(row));
        }
        for row in answers.rows(self.purchases)? {
            transactions.entry(row.transaction_id).and_modify(|of| of.purchase = Some(row));
        }
        for row in answers.rows(self.lines)? {
            transactions.entry(row.transaction_id).and_modify(|of| of.lines.push(row));
        }
        transactions.values_mut().for_each(TransactionFound::put_in_order);
        Ok(Found {
            events: events.map(|row| ((row.member_id, row.member_seq), row)).collect(),
            messages: messages.map(|row| (row.id, row)).collect(),
            transactions,
            erased: answers
                .rows(self.erased)?
                .into_iter()
                .map(|row| (row.member_id, row.seq))
                .collect(),
        })
    }
}

impl TransactionFound {
    fn of(row: TransactionRow) -> Self {
        Self {
            row,
            entries: Vec::new(),
            uses: Vec::new(),
            returns: Vec::new(),
            purchase: None,
            lines: Vec::new(),
        }
    }

    /// An answer's rows come as the database found them.
    fn put_in_order(&mut self) {
        self.entries.sort_unstable_by_key(|row| row.seq);
        self.uses.sort_unstable_by_key(|row| row.lot_id);
        self.returns.sort_unstable_by_key(|row| (row.used_by, row.lot_id));
        self.lines.sort_unstable_by_key(|row| row.seq);
    }
}

impl Found {
    /// What a transaction says beside its books; none when that was erased, or there is no such
    /// transaction.
    pub(crate) fn unveiled(&self, id: TransactionId) -> Option<Unveiled<'_>> {
        let found = self.transactions.get(&id).filter(|found| found.row.veil.is_none())?;
        let explanation = found.row.explanation.as_deref();
        Some(Unveiled { explanation, veil: found.veil() })
    }

    /// The entries of a transaction, in their order.
    pub(crate) fn entries(&self, id: TransactionId) -> &[EntryRow] {
        self.transactions.get(&id).map_or(&[], |found| &found.entries)
    }

    /// Whether what an item named was erased, so that the row is not there, or says nothing that
    /// could be compared with what was sealed of it.
    pub(crate) fn is_erased(&self, item: &Item) -> bool {
        match item {
            Item::Event { member, seq } => {
                self.erased.get(member).is_some_and(|last| seq < last) && !self.has(item)
            }
            Item::Transaction(id) => self.transactions.get(id).is_some_and(|found| {
                let row = &found.row;
                self.erased.contains_key(&row.account_id.into())
                    && row.salt.is_none()
                    && row.veil.is_none()
            }),
            Item::Message(id) => self.messages.get(id).is_some_and(|row| {
                self.erased.contains_key(&row.member_id) && row.event_id == EventId::NONE
            }),
        }
    }

    /// Whether there is a row of the name.
    pub(crate) fn has(&self, item: &Item) -> bool {
        match item {
            Item::Event { member, seq } => self.events.contains_key(&(*member, *seq)),
            Item::Transaction(id) => self.transactions.contains_key(id),
            Item::Message(id) => self.messages.contains_key(id),
        }
    }
}
