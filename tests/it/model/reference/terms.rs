//! The terms of a program, and the program file that says them.

use super::taking::Lasting;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::model) struct Terms {
    /// After how many months points expire.
    pub(in crate::model) months: Option<u32>,
    /// Whether these count from the last activity on.
    pub(in crate::model) slides: bool,
    pub(in crate::model) grace_days: u16,
    /// The most that may be owed; anything without it.
    pub(in crate::model) may_owe: Option<i64>,
    /// Whether points pay for purchases.
    pub(in crate::model) pay: bool,
    pub(in crate::model) pending: Option<Pending>,
    pub(in crate::model) caps: Option<Caps>,
}

/// What points wait for that are earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) struct Pending {
    pub(in crate::model) event: bool,
    pub(in crate::model) days: i64,
}

/// The most that a member gets, and has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) struct Caps {
    pub(in crate::model) transaction: Option<i64>,
    pub(in crate::model) day: Option<i64>,
    pub(in crate::model) balance: Option<i64>,
    pub(in crate::model) refuses: bool,
}

/// What every purchase earns beside a point for each whole euro, so that one that is free earns too.
pub(in crate::model) const THANKS: i64 = 2;
/// The price of a mug.
pub(in crate::model) const MUG: i64 = 10;
pub(in crate::model) const REFERRER_POINTS: i64 = 7;
pub(in crate::model) const REFERRED_POINTS: i64 = 4;
/// So many points pay so many cents, at least so many points at once, at most so much of a purchase.
pub(in crate::model) const PAY: (i64, i64) = (3, 100);
pub(in crate::model) const PAY_MIN: i64 = 2;
pub(in crate::model) const PAY_PERCENT: i64 = 60;
/// The most that a purchase earns.
pub(in crate::model) const PURCHASE_MAX: i64 = 1_000_000;
/// Points that count as earned, for each tier.
const TIERS: [(&str, i64); 2] = [("bronze", 15), ("silver", 60)];
const ZONE: &str = "Europe/Berlin";

impl Terms {
    pub(in crate::model) fn any() -> impl Strategy<Value = Self> {
        let months = prop_oneof![4 => (1_u32..=2).prop_map(Some), 1 => Just(None)];
        let grace_days = prop_oneof![Just(0_u16), Just(3), Just(30)];
        let may_owe = prop_oneof![2 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(6))];
        let pending = (any::<bool>(), prop_oneof![Just(0_i64), Just(3), Just(20)])
            .prop_map(|(event, days)| Pending { event, days })
            .prop_filter("it waits for something", |pending| pending.event || pending.days > 0);
        let cap = |most| prop::option::of(8..most);
        let caps = (cap(20_i64), cap(30), cap(60), any::<bool>()).prop_map(
            |(transaction, day, balance, refuses)| Caps {
                transaction,
                day,
                balance: balance.or((transaction, day).eq(&(None, None)).then_some(40)),
                refuses,
            },
        );
        let more = (
            prop::bool::weighted(0.4),
            prop::bool::weighted(0.4),
            prop::option::weighted(0.3, pending),
            prop::option::weighted(0.2, caps),
        );
        (months, grace_days, may_owe, more).prop_map(|(months, grace_days, may_owe, more)| {
            let (slides, pay, pending, caps) = more;
            Self {
                months,
                slides: slides && months.is_some(),
                grace_days,
                may_owe: may_owe.filter(|_| !pay),
                pay,
                pending,
                caps,
            }
        })
    }

    /// The program file of a sandbox.
    pub(in crate::model) fn file(&self, program: &str) -> String {
        let Self { months, grace_days, may_owe, .. } = self;
        let expiry = months.map_or(String::new(), |months| match self.slides {
            true => format!("expiry = {{ inactive_months = {months} }}"),
            false => format!("expire_after_months = {months}"),
        });
        let pending = self.pending.map_or(String::new(), |Pending { event, days }| {
            let event = event.then(|| "event = \"delivered\"".to_owned());
            let days = (days > 0).then(|| format!("days = {days}"));
            let both: Vec<_> = event.into_iter().chain(days).collect();
            format!("pending = {{ {} }}", both.join(", "))
        });
        let caps = self.caps.map_or(String::new(), |caps| {
            let named =
                [("transaction", caps.transaction), ("day", caps.day), ("balance", caps.balance)];
            let most =
                named.iter().filter_map(|(cap, most)| Some(format!("{cap} = {}, ", (*most)?)));
            let most: Vec<_> = most.collect();
            let when_over = if caps.refuses { "refuse" } else { "cut" };
            format!("caps = {{ {}when_over = \"{when_over}\" }}", most.concat())
        });
        let (points, cents) = (PAY.0, super::decimal(PAY.1));
        let payment = match self.pay {
            true => format!(
                "payment = {{ points = {points}, amount = \"{cents}\", min = {PAY_MIN}, \
                 max_percent = {PAY_PERCENT} }}"
            ),
            false => String::new(),
        };
        let negative = match may_owe {
            None => "\"unlimited\"".to_owned(),
            Some(0) => "\"never\"".to_owned(),
            Some(most) => most.to_string(),
        };
        let tiers = TIERS.map(|(id, from)| {
            format!("[[tiers.ladder]]\nid = \"{id}\"\nname.en = \"{id}\"\nfrom = {from}\n")
        });
        format!(
            r#"
program = "{program}"
sandbox = true
clock_starts_on = "2026-01-01"
name.en = "Model"
time_zone = "{ZONE}"
currency = "EUR"
[points]
{expiry}
{pending}
{caps}
{payment}
grace_days = {grace_days}
negative_balance = {negative}
purchase_max = {PURCHASE_MAX}
[[earning_rules]]
id = "euro"
name.en = "A point per euro"
points = 1
per = "1.00"
[[earning_rules]]
id = "thanks"
name.en = "Thanks"
points = {THANKS}
[[rewards]]
id = "mug"
name.en = "A mug"
points = {MUG}
[referral]
referrer_points = {REFERRER_POINTS}
referred_points = {REFERRED_POINTS}
[tiers]
metric = "points-earned"
{}"#,
            tiers.concat()
        )
    }

    /// How long points last that can be spent from an instant on: calendar months, in the program's
    /// zone.
    pub(in crate::model) fn lasting(&self, at: Timestamp) -> Lasting {
        match self.slides {
            true => Lasting::Sliding,
            false => Lasting::Until(self.months_after(at)),
        }
    }

    /// Until when points last whose member was active at an instant, if they last so.
    pub(in crate::model) fn lasts_from(&self, at: Timestamp) -> Option<Timestamp> {
        self.months_after(at).filter(|_| self.slides)
    }

    fn months_after(&self, at: Timestamp) -> Option<Timestamp> {
        let months = Span::new().months(i64::from(self.months?));
        let zone = TimeZone::get(ZONE).unwrap();
        Some(at.to_zoned(zone).checked_add(months).unwrap().timestamp())
    }

    /// So many days later, in the program's zone.
    pub(in crate::model) fn days_after(&self, at: Timestamp, days: i64) -> Timestamp {
        let zone = TimeZone::get(ZONE).unwrap();
        at.to_zoned(zone).checked_add(Span::new().days(days)).unwrap().timestamp()
    }

    /// The day of an instant, in the program's zone.
    pub(in crate::model) fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(TimeZone::get(ZONE).unwrap()).date()
    }

    pub(in crate::model) fn grace(&self) -> Span {
        Span::new().hours(24 * i64::from(self.grace_days))
    }
}

/// The tier of who earned so many points.
pub(in crate::model) fn tier(earned: i64) -> Option<&'static str> {
    TIERS.iter().rev().find(|(_, from)| earned >= *from).map(|(id, _)| *id)
}
