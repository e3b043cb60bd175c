//! The terms of a program, and how they are drawn.

mod file;
mod periods;

pub(in crate::model) use periods::Period;

use super::taking::Lasting;
use jiff::{Span, Timestamp};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::model) struct Terms {
    /// After how many months points expire.
    pub(in crate::model) months: Option<u32>,
    /// Whether these count from the last activity on.
    pub(in crate::model) slides: bool,
    /// To the end of which period they last on then.
    pub(in crate::model) end_of: Option<Period>,
    pub(in crate::model) grace_days: u16,
    /// The most that may be owed; anything without it.
    pub(in crate::model) may_owe: Option<i64>,
    /// Whether points pay for purchases.
    pub(in crate::model) pay: bool,
    pub(in crate::model) pending: Option<Pending>,
    pub(in crate::model) caps: Option<Caps>,
    /// How many points an operator gives or takes alone.
    pub(in crate::model) approve_above: Option<i64>,
    /// Whether there are points of a second type, which pay before the main ones.
    pub(in crate::model) bonus: bool,
    /// Whether there is a household that members may belong to.
    pub(in crate::model) group: bool,
}

/// What points wait for that are earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) struct Pending {
    pub(in crate::model) event: bool,
    pub(in crate::model) days: i64,
}

/// The most that a member gets, and has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::model) struct Caps {
    pub(in crate::model) transaction: Option<i64>,
    pub(in crate::model) day: Option<i64>,
    pub(in crate::model) week: Option<i64>,
    pub(in crate::model) month: Option<i64>,
    pub(in crate::model) year: Option<i64>,
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
/// For how many days a request waits for a second operator.
pub(in crate::model) const DECIDE_DAYS: i64 = 7;
/// The second type, after how many months its points expire, and for how many cents there is one.
pub(in crate::model) const BONUS: &str = "bonus";
const BONUS_MONTHS: u32 = 1;
pub(in crate::model) const BONUS_PER: i64 = 300;
/// Points that count as earned, for each tier.
const TIERS: [(&str, i64); 2] = [("bronze", 15), ("silver", 60)];
const ZONE: &str = "Europe/Berlin";
const CURRENCY: &str = "EUR";

impl Terms {
    pub(in crate::model) fn any() -> impl Strategy<Value = Self> {
        let months = prop_oneof![4 => (1_u32..=2).prop_map(Some), 1 => Just(None)];
        let end_of = prop_oneof![
            Just(Period::Day),
            Just(Period::Month),
            Just(Period::Quarter),
            Just(Period::Year),
        ];
        let lasting = (months, prop::bool::weighted(0.4), prop::option::weighted(0.25, end_of));
        let grace_days = prop_oneof![Just(0_u16), Just(3), Just(30)];
        let may_owe = prop_oneof![2 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(6))];
        let pending = (any::<bool>(), prop_oneof![Just(0_i64), Just(3), Just(20)])
            .prop_map(|(event, days)| Pending { event, days })
            .prop_filter("it waits for something", |pending| pending.event || pending.days > 0);
        let more = (
            prop::bool::weighted(0.4),
            prop::option::weighted(0.3, pending),
            prop::option::weighted(0.2, Caps::any()),
            prop::option::weighted(0.25, 8..25_i64),
            prop::bool::weighted(0.25),
            prop::bool::weighted(0.45),
        );
        (lasting, grace_days, may_owe, more).prop_map(|(lasting, grace_days, may_owe, more)| {
            let (months, slides, end_of) = lasting;
            let (pay, pending, caps, approve_above, bonus, group) = more;
            Self {
                months,
                slides: slides && months.is_some(),
                end_of: end_of.filter(|_| months.is_some()),
                grace_days,
                may_owe: may_owe.filter(|_| !pay),
                pay,
                pending,
                caps,
                approve_above,
                bonus,
                group,
            }
        })
    }

    /// How long points last that can be spent from an instant on: calendar months, in the program's
    /// zone. Those of the second type never slide.
    pub(in crate::model) fn lasting(&self, is_bonus: bool, at: Timestamp) -> Lasting {
        match self.slides {
            _ if is_bonus => Lasting::Until(Some(months_after(at, BONUS_MONTHS))),
            true => Lasting::Sliding,
            false => Lasting::Until(self.over_after(at)),
        }
    }

    /// Until when points last whose member was active at an instant, if they last so.
    pub(in crate::model) fn lasts_from(&self, at: Timestamp) -> Option<Timestamp> {
        self.over_after(at).filter(|_| self.slides)
    }

    fn over_after(&self, at: Timestamp) -> Option<Timestamp> {
        let over = months_after(at, self.months?);
        Some(self.end_of.map_or(over, |period| period.end(over)))
    }

    /// So many days later, in the program's zone.
    pub(in crate::model) fn days_after(&self, at: Timestamp, days: i64) -> Timestamp {
        periods::later(at, Span::new().days(days))
    }

    pub(in crate::model) fn grace(&self) -> Span {
        Span::new().hours(24 * i64::from(self.grace_days))
    }
}

fn months_after(at: Timestamp, months: u32) -> Timestamp {
    periods::later(at, Span::new().months(i64::from(months)))
}

impl Caps {
    fn any() -> impl Strategy<Value = Self> {
        let cap = |most| prop::option::weighted(0.4, 8..most);
        let periods = (cap(30_i64), cap(40), cap(50), cap(70));
        (cap(20), periods, cap(60), any::<bool>()).prop_map(
            |(transaction, (day, week, month, year), balance, refuses)| {
                let drawn = Self { transaction, day, week, month, year, balance, refuses };
                let is_none = drawn == Self { refuses, ..Self::default() };
                Self { balance: if is_none { Some(40) } else { balance }, ..drawn }
            },
        )
    }

    pub(in crate::model) fn periods(&self) -> impl Iterator<Item = (Period, Option<i64>)> {
        let Self { day, week, month, year, .. } = *self;
        [(Period::Day, day), (Period::Week, week), (Period::Month, month), (Period::Year, year)]
            .into_iter()
    }
}

/// The tier of who earned so many points.
pub(in crate::model) fn tier(earned: i64) -> Option<&'static str> {
    TIERS.iter().rev().find(|(_, from)| earned >= *from).map(|(id, _)| *id)
}
