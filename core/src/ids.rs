//! Typed identifiers. Inside they are UUIDv7, so keys sort by creation; outside they are opaque
//! strings such as `mem_01k9…`, whose prefix lets the wrong id fail at the door instead of finding
//! nothing.

use crate::{Clock, Code, Error, Timestamp};
use data_encoding::{Encoding, Specification};
use sea_orm::{DbErr, TryFromU64, prelude::DeriveValueType};
use std::panic::AssertUnwindSafe;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;
use uuid::{ContextV7, Uuid};

/// Keeps the ids that a process makes in one order, within a millisecond too.
static ORDER: Mutex<AssertUnwindSafe<ContextV7>> = Mutex::new(AssertUnwindSafe(ContextV7::new()));

/// Crockford's base 32 in lower case: no letters that are read as digits.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().expect("the alphabet has 32 distinct symbols")
});

/// Shared behaviour of the id types, for code that handles any of them.
pub trait Id: Copy {
    const PREFIX: &'static str;
    const NOUN: &'static str;

    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(&self) -> Uuid;

    /// When the id was made, by the clock of the server that made it, to the millisecond.
    fn made_at(&self) -> Timestamp {
        let made = self.uuid().get_timestamp().map_or((0, 0), |made| made.to_unix());
        Timestamp::EPOCH.plus(Duration::new(made.0, made.1))
    }
}

/// By the server's clock: a machine's clock that is wrong must not put what was made first last, or
/// a token beyond the instant up to which it is revoked.
fn made_now() -> Uuid {
    let now = Clock.now().since(Timestamp::EPOCH);
    let now = uuid::Timestamp::from_unix(&ORDER, now.as_secs(), now.subsec_nanos());
    Uuid::new_v7(now)
}

fn format<I: Id>(id: I) -> String {
    format!("{}_{}", I::PREFIX, BASE32.encode(id.uuid().as_bytes()))
}

fn parse<I: Id>(text: &str) -> Result<I, Error> {
    let wrong = || Error::new(Code::InvalidId, format!("`{text}` is not a {} id", I::NOUN));
    let (prefix, body) = text.split_once('_').ok_or_else(wrong)?;
    if prefix != I::PREFIX {
        return Err(wrong());
    }
    let bytes = BASE32.decode(body.as_bytes()).map_err(|_| wrong())?;
    Uuid::from_slice(&bytes).map(I::from_uuid).map_err(|_| wrong())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, later in order than those made before it.
            #[expect(clippy::new_without_default, reason = "every call gives another value")]
            pub fn new() -> Self {
                Self(made_now())
            }
        }

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            const NOUN: &'static str = $noun;

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(&self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&format(*self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl crate::db::Field for $name {
            const KIND: crate::db::Kind = crate::db::Kind::Id;

            fn write(&self, json: &mut String) {
                let mut buffer = Uuid::encode_buffer();
                json.push('"');
                json.push_str(self.0.simple().encode_lower(&mut buffer));
                json.push('"');
            }

            fn read<'de, D: serde::Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
                let text = <&str as serde::Deserialize>::deserialize(column)?;
                Uuid::try_parse(text).map(Self).map_err(serde::de::Error::custom)
            }
        }

        // sea-orm asks this of every primary key; a UUID never comes from an auto-increment.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

ids! {
    /// Who owns points. A member's account has the member's id.
    AccountId, "acc", "account";
    ApprovalId, "apv", "approval";
    CardId, "crd", "card";
    ContactId, "con", "contact";
    EditId, "edt", "edit";
    EventId, "evt", "event";
    HoldId, "hld", "hold";
    LotId, "lot", "lot";
    MemberId, "mem", "member";
    MembershipId, "mbs", "membership";
    MessageId, "msg", "message";
    PluginChangeId, "pch", "change of a plugin";
    ProgramId, "prg", "program";
    PurchaseId, "pur", "purchase";
    RecordId, "rec", "record";
    RedemptionId, "red", "redemption";
    ReturnId, "ret", "return";
    /// A recorded call of a plugin.
    RunId, "run", "run";
    ServiceCenterId, "cen", "service center";
    TimerId, "tmr", "timer";
    TimerHoldId, "thd", "hold of timers";
    TokenId, "tok", "token";
    TransactionId, "txn", "transaction";
}

impl ProgramId {
    /// Stands for all programs where a statement has to name one.
    pub(crate) const ALL: Self = Self(Uuid::nil());
}

impl TransactionId {
    /// Comes before every transaction.
    pub(crate) const FIRST: Self = Self(Uuid::nil());

    /// A new id, later in order than `earlier`, whichever clock made that.
    pub(crate) fn after(earlier: Self) -> Self {
        let at = Clock.now().max(earlier.made_at().plus(Duration::from_millis(1)));
        let at = at.since(Timestamp::EPOCH);
        // Not in the order of the process: that would go on from there.
        let context = ContextV7::new();
        let at = uuid::Timestamp::from_unix(context, at.as_secs(), at.subsec_nanos());
        Self(Uuid::new_v7(at))
    }
}

impl MemberId {
    /// Comes before every member.
    pub(crate) const FIRST: Self = Self(Uuid::nil());
}

impl PurchaseId {
    /// Comes before every purchase.
    pub(crate) const FIRST: Self = Self(Uuid::nil());
}

impl RecordId {
    /// Comes before every record.
    pub(crate) const FIRST: Self = Self(Uuid::nil());
}

impl MessageId {
    /// Comes before every message.
    pub(crate) const FIRST: Self = Self(Uuid::nil());
}

impl RunId {
    /// Comes after every run that was made before the millisecond of this instant, and before all
    /// others.
    pub(crate) fn first_at(at: Timestamp) -> Self {
        let milliseconds = at.since(Timestamp::EPOCH).as_millis();
        Self(Uuid::from_u128(milliseconds << 80))
    }
}

impl EventId {
    /// Stands where the event was erased.
    pub(crate) const NONE: Self = Self(Uuid::nil());
}

impl AccountId {
    /// Comes before every account.
    pub(crate) const FIRST: Self = Self(Uuid::nil());
}

impl From<MemberId> for AccountId {
    fn from(member: MemberId) -> Self {
        Self(member.0)
    }
}

impl From<AccountId> for MemberId {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_divided_by_the_instant_at_which_they_were_made() {
        let before = RunId::new();
        let next = before.made_at().plus(Duration::from_millis(1));
        assert!(RunId::first_at(before.made_at()) < before && before < RunId::first_at(next));
        assert_eq!(RunId::first_at(next).made_at(), Timestamp::EPOCH, "it is no id of a run");
    }

    #[test]
    fn an_id_survives_its_text_form_and_refuses_another_kinds() {
        let id = MemberId::new();
        assert_eq!(id.to_string().parse::<MemberId>().unwrap(), id);
        let error = id.to_string().parse::<PurchaseId>().unwrap_err();
        assert_eq!(error.code(), Code::InvalidId);
        assert!(error.message().ends_with("is not a purchase id"), "{error:?}");
        assert!("mem_1".parse::<MemberId>().is_err());
        assert!("mem".parse::<MemberId>().is_err());
    }

    #[test]
    fn ids_are_in_order_and_one_may_follow_another_of_a_wrong_clock() {
        let ids: Vec<_> = (0..1000).map(|_| TransactionId::new()).collect();
        assert!(ids.is_sorted(), "within a millisecond too");
        let years = Duration::from_hours(2 * 365 * 24).as_secs();
        let ahead = Clock.now().since(Timestamp::EPOCH).as_secs() + years;
        let ahead = uuid::Timestamp::from_unix(ContextV7::new(), ahead, 0);
        let ahead = TransactionId(Uuid::new_v7(ahead));
        let (after, next) = (TransactionId::after(ahead), TransactionId::new());
        assert!(after > ahead && next < ahead && next > ids[999]);
        assert!(TransactionId::after(next) > next);
    }
}
