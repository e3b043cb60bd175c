//! What a digest covers: all of a row that never changes, and for a transaction all that belongs to
//! it. When a message was withdrawn is not among it, nor what becomes of lots, wallets and
//! statistics, for these change; they follow from what is sealed, and are compared with it.

use super::encoding::Encoder;
use super::found::{Found, TransactionFound};
use super::rows::{
    EntryRow, EventRow, LineRow, MessageRow, PurchaseRow, ReturnRow, TransactionRow, UseRow,
};
use super::{Block, DIGEST_BYTES};
use crate::MemberId;
use crate::journal::Item;

impl Found {
    /// The digest of what an item names. Something that is not there has one as well: a block is
    /// sealed whatever somebody removed before, and verifying names it.
    pub(crate) fn digest(&self, item: &Item) -> [u8; DIGEST_BYTES] {
        self.digest_of_row(item).unwrap_or_else(|| absent(item))
    }

    /// The digest of the row that an item names; none if there is no row.
    pub(crate) fn digest_of_row(&self, item: &Item) -> Option<[u8; DIGEST_BYTES]> {
        match item {
            Item::Event { member, seq } => self.events.get(&(*member, *seq)).map(|row| {
                let referrer = self.brought.get(member).copied();
                if row.tells_of_joining() { joined(row, referrer) } else { event(row) }
            }),
            Item::Transaction(id) => self.transactions.get(id).map(|found| {
                transaction(found, self.erased.contains_key(&found.row.account_id.into()))
            }),
            Item::Message(id) => self.messages.get(id).map(message),
        }
    }

    /// The digest that earlier versions have made of the same row, if it is another one: they had not
    /// sealed who brought a member.
    pub(crate) fn digest_of_before(&self, item: &Item) -> Option<[u8; DIGEST_BYTES]> {
        let Item::Event { member, seq } = item else { return None };
        self.events.get(&(*member, *seq)).filter(|row| row.tells_of_joining()).map(event)
    }
}

fn absent(item: &Item) -> [u8; DIGEST_BYTES] {
    let encoder = Encoder::new("absent 1");
    match *item {
        Item::Event { member, seq } => encoder.text("event").id(member).number(seq),
        Item::Transaction(id) => encoder.text("transaction").id(id),
        Item::Message(id) => encoder.text("message").id(id),
    }
    .finish()
}

fn event(row: &EventRow) -> [u8; DIGEST_BYTES] {
    Encoder::new("event 1")
        .id(row.id)
        .id(row.member_id)
        .number(row.member_seq)
        .text(&row.name)
        .payload(&row.data)
        .instant(row.occurred_at)
        .instant(row.recorded_at)
        .finish()
}

/// That a member joined, and who brought it, which the event does not say: it is handed out to the
/// member, and another's.
fn joined(row: &EventRow, referrer: Option<MemberId>) -> [u8; DIGEST_BYTES] {
    Encoder::new("joined 1").bytes(&event(row)).optional(referrer, Encoder::id).finish()
}

fn message(row: &MessageRow) -> [u8; DIGEST_BYTES] {
    Encoder::new("message 1")
        .id(row.id)
        .id(row.member_id)
        .optional(row.contact_id, Encoder::id)
        .text(&row.plugin_id)
        .id(row.event_id)
        .text(&row.template)
        .text(&row.locale)
        .payload(&row.subject)
        .payload(&row.body)
        .payload(&row.parameters)
        .instant(row.occurred_at)
        .finish()
}

/// A veil that was kept counts for a member who was erased, and for nobody else.
fn transaction(found: &TransactionFound, is_erased: bool) -> [u8; DIGEST_BYTES] {
    match (found.row.veil.as_ref().filter(|_| is_erased), found.veil()) {
        (Some(veil), _) => veiled(found, veil),
        (None, Some(veil)) => veiled(found, &veil),
        (None, None) => open(found),
    }
}

impl TransactionFound {
    /// What stands for the personal part of a transaction, made with its salt: nobody who has not
    /// the salt can tell of what it is the hash. None of a transaction without one.
    pub(crate) fn veil(&self) -> Option<[u8; DIGEST_BYTES]> {
        let salt = self.row.salt.as_deref()?;
        let encoder = Encoder::new("veil 1")
            .bytes(salt)
            .optional(self.row.explanation.as_deref(), Encoder::payload)
            .optional(self.purchase.as_ref(), |encoder, row| {
                encoder
                    .text(&row.reference)
                    .bytes(&row.arguments_hash)
                    .payload(&row.appraisal)
                    .payload(&row.standing)
            })
            .list(&self.lines, |encoder, row| {
                encoder.text(&row.sku).optional(row.category.as_deref(), Encoder::text)
            });
        Some(encoder.finish())
    }
}

/// Of a transaction whose personal part stands behind its veil.
fn veiled(found: &TransactionFound, veil: &[u8]) -> [u8; DIGEST_BYTES] {
    let row = &found.row;
    let purchase = |encoder: Encoder, row: &PurchaseRow| {
        encoder
            .id(row.id)
            .id(row.member_id)
            .text(&row.currency)
            .number(row.total_minor)
            .instant(row.purchased_at)
            .instant(row.recorded_at)
            .number(row.revision)
            .points(row.points)
            .points(row.referral_points)
            .points(row.balance_after)
    };
    let line = |encoder: Encoder, row: &LineRow| {
        encoder.number(row.seq).number(row.quantity).number(row.amount_minor)
    };
    books_of(Encoder::new("transaction 2"), row)
        .bytes(veil)
        .list(&found.entries, entry)
        .list(&found.uses, lot_use)
        .list(&found.returns, lot_return)
        .optional(found.purchase.as_ref(), purchase)
        .list(&found.lines, line)
        .finish()
}

fn books_of(encoder: Encoder, row: &TransactionRow) -> Encoder {
    encoder
        .id(row.id)
        .id(row.account_id)
        .text(&row.kind)
        .instant(row.effective_at)
        .instant(row.recorded_at)
        .text(&row.actor)
        .optional(row.purchase_id, Encoder::id)
}

/// Of a transaction without a salt, which was recorded before there were any.
fn open(found: &TransactionFound) -> [u8; DIGEST_BYTES] {
    books_of(Encoder::new("transaction 1"), &found.row)
        .optional(found.row.explanation.as_deref(), Encoder::payload)
        .list(&found.entries, entry)
        .list(&found.uses, lot_use)
        .list(&found.returns, lot_return)
        .optional(found.purchase.as_ref(), purchase)
        .list(&found.lines, line)
        .finish()
}

fn lot_use(encoder: Encoder, row: &UseRow) -> Encoder {
    encoder.id(row.lot_id).points(row.amount)
}

fn lot_return(encoder: Encoder, row: &ReturnRow) -> Encoder {
    encoder.id(row.used_by).id(row.lot_id).points(row.amount)
}

fn entry(encoder: Encoder, row: &EntryRow) -> Encoder {
    encoder
        .number(row.seq)
        .optional(row.account_id, Encoder::id)
        .optional(row.system_account.as_deref(), Encoder::text)
        .text(&row.point_type)
        .points(row.amount)
        .optional(row.balance_after, Encoder::points)
}

/// What explains an earning that a purchase brought.
fn purchase(encoder: Encoder, row: &PurchaseRow) -> Encoder {
    encoder
        .id(row.id)
        .id(row.member_id)
        .text(&row.reference)
        .bytes(&row.arguments_hash)
        .text(&row.currency)
        .number(row.total_minor)
        .instant(row.purchased_at)
        .instant(row.recorded_at)
        .number(row.revision)
        .points(row.points)
        .points(row.referral_points)
        .points(row.balance_after)
        .payload(&row.appraisal)
        .payload(&row.standing)
}

fn line(encoder: Encoder, row: &LineRow) -> Encoder {
    encoder
        .number(row.seq)
        .text(&row.sku)
        .optional(row.category.as_deref(), Encoder::text)
        .number(row.quantity)
        .number(row.amount_minor)
}

impl Block<'_> {
    /// The digest of a position; none when the block has none of it.
    pub(crate) fn digest_at(&self, position: i64) -> Option<&[u8]> {
        let index = usize::try_from(position.checked_sub(self.first_position)?).ok()?;
        self.digests.chunks_exact(DIGEST_BYTES).nth(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealing::rows::BroughtRow;
    use crate::{Id, Points, Timestamp};
    use data_encoding::HEXLOWER;
    use uuid::Uuid;

    fn id<I: Id>(number: u128) -> I {
        I::from_uuid(Uuid::from_u128(number))
    }

    fn sold() -> TransactionFound {
        let (transaction_id, amount) = (id(1), Points::new(7));
        TransactionFound {
            row: TransactionRow {
                id: transaction_id,
                account_id: id(2),
                kind: "EARN".to_owned(),
                effective_at: Timestamp::EPOCH,
                recorded_at: Timestamp::LAST,
                actor: "operator:till".to_owned(),
                purchase_id: Some(id(3)),
                explanation: None,
                salt: None,
                veil: None,
            },
            entries: vec![EntryRow {
                transaction_id,
                seq: 1,
                account_id: Some(id(2)),
                system_account: None,
                point_type: "POINTS".to_owned(),
                amount,
                balance_after: Some(amount),
            }],
            uses: vec![UseRow { transaction_id, lot_id: id(4), amount }],
            returns: vec![ReturnRow { transaction_id, used_by: id(5), lot_id: id(4), amount }],
            purchase: Some(PurchaseRow {
                id: id(3),
                member_id: id(2),
                reference: "order-1".to_owned(),
                arguments_hash: vec![1, 2],
                currency: "EUR".to_owned(),
                total_minor: 700,
                purchased_at: Timestamp::EPOCH,
                recorded_at: Timestamp::LAST,
                revision: 1,
                points: amount,
                referral_points: Points::ZERO,
                balance_after: amount,
                appraisal: "{}".to_owned(),
                standing: "{}".to_owned(),
                transaction_id: Some(transaction_id),
                accrual_of: None,
            }),
            lines: vec![LineRow {
                purchase_id: id(3),
                seq: 1,
                sku: "tea".to_owned(),
                category: None,
                quantity: 1,
                amount_minor: 700,
            }],
        }
    }

    fn salted() -> TransactionFound {
        let mut sold = sold();
        sold.row.salt = Some(vec![7; 16]);
        sold
    }

    /// As erasing leaves it.
    fn erased() -> TransactionFound {
        let mut erased = salted();
        erased.row.veil = erased.veil().map(Vec::from);
        erased.row.salt = None;
        erased.row.explanation = Some("{}".to_owned());
        if let Some(purchase) = &mut erased.purchase {
            purchase.reference.clear();
            purchase.arguments_hash.clear();
            purchase.appraisal = "[]".to_owned();
            purchase.standing = "[]".to_owned();
        }
        erased.lines[0].sku.clear();
        erased.lines[0].category = None;
        erased
    }

    /// What was sealed once has to be verified by every later version: whoever changes one of these
    /// needs another version of the form beside it.
    #[test]
    fn digests_stay_what_they_are() {
        let told = EventRow {
            id: id(1),
            member_id: id(2),
            member_seq: 3,
            name: "points-earned".to_owned(),
            data: "{\"points\":7}".to_owned(),
            occurred_at: Timestamp::EPOCH,
            recorded_at: Timestamp::LAST,
        };
        let sent = MessageRow {
            id: id(1),
            member_id: id(2),
            contact_id: None,
            plugin_id: "machinery".to_owned(),
            event_id: id(3),
            template: "due".to_owned(),
            locale: "en".to_owned(),
            subject: "Due".to_owned(),
            body: "It is due".to_owned(),
            parameters: "{}".to_owned(),
            occurred_at: Timestamp::EPOCH,
        };
        let digests = [
            event(&told),
            transaction(&sold(), false),
            transaction(&salted(), false),
            message(&sent),
            absent(&Item::Event { member: id(2), seq: 3 }),
            joined(&told, None),
            joined(&told, Some(id(4))),
        ];
        let shown: Vec<_> = digests.iter().map(|digest| HEXLOWER.encode(digest)).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        e4352576efc2c3d785dd13d71a088b723585bbb4db343b7b543e7f85db6d775d
        0ee02b34f332bcd62d162663e3ff22404ae066a912d129200fbf7eba38e8b307
        a72b193e282314a33646b937dbf789da51f9cf813eb360dd0df7feba8568c07e
        b6cb09b2ba52237c077f9a30c6504f1d76d108a07766acd08487fc5c3d4e6bbd
        26d64aa9a74e4c6869baefb110f7adf35a95333d733548992a775b64a29a4b80
        a3c325231ad48904e09a20908f0e322881f576cc707bb22f639a0661860fd161
        ed058f6fa1f4590b2b066588d11912fb3587637401f6389219b168b74b7ee56d
        ");
    }

    #[test]
    fn who_brought_a_member_is_sealed_with_its_joining_and_not_told() {
        let (member_id, one) = (id(2), Item::Event { member: id(2), seq: 1 });
        let told = || EventRow {
            id: id(1),
            member_id,
            member_seq: 1,
            name: "member-joined".to_owned(),
            data: "{}".to_owned(),
            occurred_at: Timestamp::EPOCH,
            recorded_at: Timestamp::LAST,
        };
        let found = |referrer: Option<u128>| {
            let mut found = Found::default();
            found.add_events([told()]);
            let brought = |of| BroughtRow { referred_id: member_id, referrer_id: id(of) };
            found.add_brought(referrer.map(brought));
            found
        };
        let digests = [None, Some(4), Some(5)].map(|referrer| found(referrer).digest(&one));
        assert!(digests[0] != digests[1] && digests[1] != digests[2], "{digests:?}");
        // What an earlier version has sealed says nothing of it.
        let before = [None, Some(4)].map(|referrer| found(referrer).digest_of_before(&one));
        assert_eq!(before, [Some(event(&told())); 2]);
        assert!(!digests.contains(&event(&told())), "and nothing is sealed so any more");
        let mut later = found(None);
        later.add_events([EventRow { member_seq: 2, name: "points-earned".to_owned(), ..told() }]);
        let other = Item::Event { member: member_id, seq: 2 };
        assert_eq!(later.digest_of_before(&other), None);
    }

    #[test]
    fn whatever_belongs_to_a_transaction_changes_its_digest() {
        let changes: [fn(&mut TransactionFound); 16] = [
            |of| of.row.kind = "SPEND".to_owned(),
            |of| of.row.actor.push('2'),
            |of| of.row.explanation = Some("{}".to_owned()),
            |of| of.row.effective_at = Timestamp::LAST,
            |of| of.entries[0].amount = Points::new(8),
            |of| of.entries[0].point_type = "MILES".to_owned(),
            |of| of.entries.clear(),
            |of| of.uses[0].amount = Points::new(6),
            |of| of.returns.clear(),
            |of| of.purchase = None,
            |of| of.purchase.iter_mut().for_each(|purchase| purchase.appraisal.push(' ')),
            |of| of.purchase.iter_mut().for_each(|purchase| purchase.reference.push('1')),
            |of| of.purchase.iter_mut().for_each(|purchase| purchase.total_minor = 1),
            |of| of.lines[0].sku.push('1'),
            |of| of.lines[0].category = Some(String::new()),
            |of| of.lines[0].quantity = 2,
        ];
        for original in [sold, salted] {
            let digest = transaction(&original(), false);
            for (number, change) in changes.iter().enumerate() {
                let mut changed = original();
                change(&mut changed);
                assert_ne!(transaction(&changed, false), digest, "change {number}");
            }
        }
        let mut other_salt = salted();
        other_salt.row.salt = Some(vec![8; 16]);
        assert_ne!(transaction(&other_salt, false), transaction(&salted(), false));
    }

    #[test]
    fn what_is_erased_of_a_transaction_leaves_its_digest_and_the_books_stay_sealed() {
        let digest = transaction(&salted(), false);
        assert_eq!(transaction(&erased(), true), digest);
        assert_ne!(transaction(&erased(), false), digest, "a veil over what nobody erased");
        let changes: [fn(&mut TransactionFound); 6] = [
            |of| of.row.kind = "SPEND".to_owned(),
            |of| of.row.veil.iter_mut().for_each(|veil| veil[0] ^= 1),
            |of| of.entries[0].amount = Points::new(8),
            |of| of.uses.clear(),
            |of| of.purchase.iter_mut().for_each(|purchase| purchase.total_minor = 1),
            |of| of.lines[0].amount_minor = 1,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = erased();
            change(&mut changed);
            assert_ne!(transaction(&changed, true), digest, "change {number}");
        }
    }
}
