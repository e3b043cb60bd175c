//! What a row of the journal lists, in few bytes: most commits are about one member, whose events
//! follow each other.

use crate::{Error, Id, MemberId, MessageId, Result, TransactionId};
use uuid::Uuid;

/// What can be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Event,
    Transaction,
    Message,
}

/// One thing that was recorded, by what finds its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    Event { member: MemberId, seq: i64 },
    Transaction(TransactionId),
    Message(MessageId),
}

const EVENT: u8 = 1;
const TRANSACTION: u8 = 2;
const MESSAGE: u8 = 3;
/// The event after the last one listed, of the same member.
const NEXT_EVENT: u8 = 4;

impl ChangeKind {
    pub const ALL: &'static [Self] = &[Self::Event, Self::Transaction, Self::Message];

    /// The kind as one bit.
    const fn bit(self) -> i32 {
        match self {
            Self::Event => 1,
            Self::Transaction => 2,
            Self::Message => 4,
        }
    }
}

impl Item {
    pub(crate) const fn kind(&self) -> ChangeKind {
        match self {
            Self::Event { .. } => ChangeKind::Event,
            Self::Transaction(_) => ChangeKind::Transaction,
            Self::Message(_) => ChangeKind::Message,
        }
    }
}

/// Kinds as bits.
pub(crate) fn kinds(kinds: impl IntoIterator<Item = ChangeKind>) -> i32 {
    kinds.into_iter().fold(0, |bits, kind| bits | kind.bit())
}

pub(super) fn pack(items: &[Item]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut next = None;
    for item in items {
        match item {
            Item::Event { member, seq } if next == Some((*member, *seq)) => bytes.push(NEXT_EVENT),
            Item::Event { member, seq } => {
                bytes.push(EVENT);
                bytes.extend(member.uuid().as_bytes());
                bytes.extend(seq.to_be_bytes());
            }
            Item::Transaction(id) => named(&mut bytes, TRANSACTION, id.uuid()),
            Item::Message(id) => named(&mut bytes, MESSAGE, id.uuid()),
        }
        if let Item::Event { member, seq } = item {
            next = Some((*member, seq + 1));
        }
    }
    bytes
}

fn named(bytes: &mut Vec<u8>, tag: u8, id: Uuid) {
    bytes.push(tag);
    bytes.extend(id.as_bytes());
}

/// Fails with `INTERNAL` when the bytes are not a list of items.
pub(crate) fn unpack(mut bytes: &[u8]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut next = None;
    while let Some((tag, rest)) = bytes.split_first() {
        bytes = rest;
        let item = match (*tag, next) {
            (EVENT, _) => Item::Event {
                member: MemberId::from_uuid(Uuid::from_bytes(taken(&mut bytes)?)),
                seq: i64::from_be_bytes(taken(&mut bytes)?),
            },
            (TRANSACTION, _) => {
                Item::Transaction(TransactionId::from_uuid(Uuid::from_bytes(taken(&mut bytes)?)))
            }
            (MESSAGE, _) => {
                Item::Message(MessageId::from_uuid(Uuid::from_bytes(taken(&mut bytes)?)))
            }
            (NEXT_EVENT, Some((member, seq))) => Item::Event { member, seq },
            _ => return Err(broken()),
        };
        if let Item::Event { member, seq } = item {
            next = Some((member, seq + 1));
        }
        items.push(item);
    }
    Ok(items)
}

fn taken<const LENGTH: usize>(bytes: &mut &[u8]) -> Result<[u8; LENGTH]> {
    let (taken, rest) = bytes.split_first_chunk().ok_or_else(broken)?;
    *bytes = rest;
    Ok(*taken)
}

fn broken() -> Error {
    Error::internal("a row of the journal cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_item() -> impl Strategy<Value = Item> {
        let member = |n: u8| MemberId::from_uuid(Uuid::from_u128(u128::from(n)));
        prop_oneof![
            (0..3_u8, 1..5_i64).prop_map(move |(n, seq)| Item::Event { member: member(n), seq }),
            any::<u128>().prop_map(|id| Item::Transaction(Id::from_uuid(Uuid::from_u128(id)))),
            any::<u128>().prop_map(|id| Item::Message(Id::from_uuid(Uuid::from_u128(id)))),
        ]
    }

    proptest! {
        #[test]
        fn what_was_listed_is_read_again(items in proptest::collection::vec(any_item(), 0..40)) {
            prop_assert_eq!(unpack(&pack(&items)).unwrap(), items);
        }

        #[test]
        fn other_bytes_are_an_error_and_no_panic(bytes: Vec<u8>) {
            if let Ok(items) = unpack(&bytes) {
                prop_assert_eq!(unpack(&pack(&items)).unwrap(), items);
            }
        }
    }

    #[test]
    fn each_kind_has_a_bit_of_its_own_however_often_it_is_listed() {
        let bits: Vec<_> = ChangeKind::ALL.iter().map(|kind| kinds([*kind])).collect();
        assert_eq!(bits, [1, 2, 4], "rows of the journal keep them");
        assert_eq!(kinds(ChangeKind::ALL.iter().copied().chain([ChangeKind::Event])), 7);
        assert_eq!(kinds([]), 0);
    }

    #[test]
    fn a_list_that_is_cut_off_is_an_error() {
        let items = [
            Item::Event { member: MemberId::new(), seq: 1 },
            Item::Transaction(TransactionId::new()),
            Item::Message(MessageId::new()),
        ];
        for item in items {
            let bytes = pack(&[item]);
            assert!((1..bytes.len()).all(|length| unpack(&bytes[..length]).is_err()), "{item:?}");
        }
        assert!(unpack(&[NEXT_EVENT]).is_err(), "next to nothing");
    }

    #[test]
    fn the_events_of_a_purchase_take_a_byte_each_but_the_first() {
        let member = MemberId::new();
        let event = |seq| Item::Event { member, seq };
        let items = [event(7), Item::Transaction(TransactionId::new()), event(8), event(9)];
        assert_eq!(pack(&items).len(), 25 + 17 + 1 + 1);
    }
}
