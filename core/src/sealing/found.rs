//! What items name, put together from rows.

use super::DIGEST_BYTES;
use super::rows::{
    BroughtRow, EntryRow, ErasedRow, EventRow, LineRow, MessageRow, PurchaseRow, ReturnRow,
    TransactionRow, UseRow,
};
use crate::journal::{ChangeKind, Item};
use crate::{EventId, MemberId, MessageId, PurchaseId, TransactionId};
use std::collections::HashMap;

/// The number of the event by which a member joins.
pub(super) const JOINED: i64 = 1;

/// A transaction with all that belongs to it.
#[derive(Debug)]
pub(crate) struct TransactionFound {
    pub(crate) row: TransactionRow,
    /// In their order.
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) uses: Vec<UseRow>,
    pub(crate) returns: Vec<ReturnRow>,
    pub(crate) purchase: Option<PurchaseRow>,
    pub(crate) lines: Vec<LineRow>,
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
    /// Of members who joined by these events: who brought them.
    pub(super) brought: HashMap<MemberId, MemberId>,
    pub(super) messages: HashMap<MessageId, MessageRow>,
    pub(super) transactions: HashMap<TransactionId, TransactionFound>,
    /// Members who were erased, with the number of the event that tells of it.
    pub(super) erased: HashMap<MemberId, i64>,
}

impl EventRow {
    /// Whether a member joined, which is the first that happens to it.
    pub(super) fn tells_of_joining(&self) -> bool {
        self.member_seq == JOINED && self.name == "member-joined"
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

    fn put_in_order(&mut self) {
        self.entries.sort_unstable_by_key(|row| row.seq);
        self.uses.sort_unstable_by_key(|row| row.lot_id);
        self.returns.sort_unstable_by_key(|row| (row.used_by, row.lot_id));
        self.lines.sort_unstable_by_key(|row| row.seq);
    }
}

impl Found {
    /// Nothing yet, with room for what items name.
    pub(super) fn of(items: &[Item]) -> Self {
        let many = |kind| items.iter().filter(|item| item.kind() == kind).count();
        Self {
            events: HashMap::with_capacity(many(ChangeKind::Event)),
            brought: HashMap::new(),
            messages: HashMap::with_capacity(many(ChangeKind::Message)),
            transactions: HashMap::with_capacity(many(ChangeKind::Transaction)),
            erased: HashMap::new(),
        }
    }

    pub(super) fn add_events(&mut self, rows: impl IntoIterator<Item = EventRow>) {
        self.events.extend(rows.into_iter().map(|row| ((row.member_id, row.member_seq), row)));
    }

    pub(super) fn add_brought(&mut self, rows: impl IntoIterator<Item = BroughtRow>) {
        self.brought.extend(rows.into_iter().map(|row| (row.referred_id, row.referrer_id)));
    }

    /// Who joined by one of the events.
    pub(super) fn joined(&self) -> impl Iterator<Item = MemberId> {
        self.events.values().filter(|row| row.tells_of_joining()).map(|row| row.member_id)
    }

    pub(super) fn add_messages(&mut self, rows: impl IntoIterator<Item = MessageRow>) {
        self.messages.extend(rows.into_iter().map(|row| (row.id, row)));
    }

    pub(super) fn add_transactions(&mut self, rows: impl IntoIterator<Item = TransactionRow>) {
        let found = |row: TransactionRow| (row.id, TransactionFound::of(row));
        self.transactions.extend(rows.into_iter().map(found));
    }

    /// Of transactions that were added.
    pub(super) fn add_entries(&mut self, rows: impl IntoIterator<Item = EntryRow>) {
        for row in rows {
            self.add_to(row.transaction_id, |of| of.entries.push(row));
        }
    }

    /// Of transactions that were added.
    pub(super) fn add_uses(&mut self, rows: impl IntoIterator<Item = UseRow>) {
        for row in rows {
            self.add_to(row.transaction_id, |of| of.uses.push(row));
        }
    }

    /// Of transactions that were added.
    pub(super) fn add_returns(&mut self, rows: impl IntoIterator<Item = ReturnRow>) {
        for row in rows {
            self.add_to(row.transaction_id, |of| of.returns.push(row));
        }
    }

    /// Of transactions that were added; several may have one purchase.
    pub(super) fn add_purchases(
        &mut self,
        rows: impl IntoIterator<Item = PurchaseRow>,
        lines: impl IntoIterator<Item = LineRow>,
    ) {
        let mut purchases: HashMap<_, _> =
            rows.into_iter().map(|row| (row.id, (row, Vec::new()))).collect();
        for line in lines {
            purchases.entry(line.purchase_id).and_modify(|(_, lines)| lines.push(line));
        }
        let mut last_of = HashMap::with_capacity(purchases.len());
        for found in self.transactions.values() {
            if let Some(purchase) = found.row.purchase_id {
                last_of.insert(purchase, found.row.id);
            }
        }
        for found in self.transactions.values_mut() {
            let Some(id) = found.row.purchase_id else { continue };
            let purchase = match last_of.get(&id) == Some(&found.row.id) {
                true => None,
                false => purchases.get(&id).cloned(),
            };
            if let Some((row, lines)) = purchase {
                (found.purchase, found.lines) = (Some(row), lines);
            }
        }
        for (purchase, transaction) in last_of {
            if let Some((row, lines)) = purchases.remove(&purchase) {
                self.add_to(transaction, |of| (of.purchase, of.lines) = (Some(row), lines));
            }
        }
    }

    pub(super) fn add_erased(&mut self, rows: impl IntoIterator<Item = ErasedRow>) {
        self.erased.extend(rows.into_iter().map(|row| (row.member_id, row.seq)));
    }

    /// The purchases that transactions name.
    pub(super) fn purchases(&self) -> impl Iterator<Item = PurchaseId> {
        self.transactions.values().filter_map(|found| found.row.purchase_id)
    }

    /// Whose transactions and messages were found; one may come several times.
    pub(super) fn members(&self) -> impl Iterator<Item = MemberId> {
        let accounts = self.transactions.values().map(|found| found.row.account_id.into());
        accounts.chain(self.messages.values().map(|row| row.member_id))
    }

    fn add_to(&mut self, id: TransactionId, add: impl FnOnce(&mut TransactionFound)) {
        if let Some(found) = self.transactions.get_mut(&id) {
            add(found);
        }
    }

    /// Rows came as the database found them.
    pub(super) fn put_in_order(&mut self) {
        self.transactions.values_mut().for_each(TransactionFound::put_in_order);
    }

    /// What a transaction says beside its books; none when that was erased, or there is no such
    /// transaction.
    pub(crate) fn unveiled(&self, id: TransactionId) -> Option<Unveiled<'_>> {
        let found = self.transactions.get(&id).filter(|found| found.row.veil.is_none())?;
        let explanation = found.row.explanation.as_deref();
        Some(Unveiled { explanation, veil: found.veil() })
    }

    pub(crate) fn event(&self, member: MemberId, seq: i64) -> Option<&EventRow> {
        self.events.get(&(member, seq))
    }

    pub(crate) fn transaction(&self, id: TransactionId) -> Option<&TransactionFound> {
        self.transactions.get(&id)
    }

    /// Whether what an item named was erased, so that the row is not there, or says nothing that
    /// could be compared with what was sealed of it.
    pub(crate) fn is_erased(&self, item: &Item) -> bool {
        if self.erased.is_empty() {
            return false;
        }
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

    fn has(&self, item: &Item) -> bool {
        match item {
            Item::Event { member, seq } => self.events.contains_key(&(*member, *seq)),
            Item::Transaction(id) => self.transactions.contains_key(id),
            Item::Message(id) => self.messages.contains_key(id),
        }
    }
}
