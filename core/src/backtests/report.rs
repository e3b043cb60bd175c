//! What came of a backtest: per month, per member and in total.

use super::Backtest;
use crate::context::Enabled;
use crate::members::Member;
use crate::runtime::Fault;
use crate::{ContactId, MemberId, Points, Result, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Of so many members it is said what differs; of the others, that they do.
const MEMBERS_SHOWN: usize = 1000;
/// So many failures are told.
const FAILURES_SHOWN: usize = 1000;

/// What a plugin has given, and would have given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub points_was: Points,
    pub points_would: Points,
    pub messages_was: i64,
    pub messages_would: i64,
}

/// Something that was given and would not have been, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub at: Timestamp,
    /// Such as `award "serviced"`.
    pub what: String,
    /// How many points it was, below zero of a deduction; 0 of a message or an event.
    pub points: Points,
    /// Whether it was given, and would not have been.
    pub is_gone: bool,
}

/// A member for whom something would have been different.
#[derive(Clone, Debug)]
pub struct MemberDifference {
    pub member: MemberId,
    pub external_id: String,
    pub totals: Totals,
    pub differences: Vec<Difference>,
}

/// A call that failed. What it was about was passed over.
#[derive(Clone, Debug)]
pub struct Failure {
    pub member: Option<MemberId>,
    pub at: Timestamp,
    /// The event's name, or `appraise`.
    pub about: String,
    pub kind: &'static str,
    pub message: String,
}

/// What came of a backtest.
#[derive(Debug)]
pub struct Report {
    pub plugin: String,
    pub version: String,
    pub digest: String,
    pub members: u64,
    pub calls: u64,
    pub fuel: u64,
    /// By the first day of the month.
    pub months: BTreeMap<Date, Totals>,
    pub total: Totals,
    /// How many members would have got something else.
    pub members_different: u64,
    /// The first of them.
    pub different: Vec<MemberDifference>,
    pub calls_failed: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    zone: TimeZone,
}

/// What a plugin gives or takes: points at an event or for a purchase, a message, an event of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Given {
    at: Timestamp,
    what: String,
    points: i64,
    is_message: bool,
}

/// What a member was given, and would have been.
#[derive(Debug)]
pub(super) struct Lived {
    member: MemberId,
    external_id: String,
    pub(super) was: Vec<Given>,
    pub(super) would: Vec<Given>,
    pub(super) calls: u64,
    pub(super) fuel: u64,
    pub(super) failures: Vec<Failure>,
    /// Whether it was not followed to its end.
    pub(super) is_cut: bool,
}

impl Report {
    pub(super) fn of(plugin: &Enabled, asked: &Backtest, zone: TimeZone) -> Self {
        Self {
            plugin: plugin.id.clone(),
            version: plugin.component.manifest.version.clone(),
            digest: plugin.component.digest.clone(),
            members: 0,
            calls: 0,
            fuel: 0,
            months: BTreeMap::new(),
            total: Totals::default(),
            members_different: 0,
            different: Vec::new(),
            calls_failed: 0,
            failures: Vec::new(),
            from: asked.from,
            until: asked.until,
            zone,
        }
    }

    /// Whether all was as it is.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.members_different == 0
    }

    pub(super) fn add(&mut self, lived: Lived) -> Result<()> {
        self.members += 1;
        self.calls += lived.calls;
        self.fuel += lived.fuel;
        self.calls_failed += lived.failures.len() as u64;
        let room = FAILURES_SHOWN.saturating_sub(self.failures.len());
        let failed = |failure| Failure { member: Some(lived.member), ..failure };
        self.failures.extend(lived.failures.into_iter().take(room).map(failed));
        let mut totals = Totals::default();
        let mut counted: BTreeMap<Given, i64> = BTreeMap::new();
        let was = lived.was.into_iter().map(|given| (given, true));
        for (given, is_past) in was.chain(lived.would.into_iter().map(|given| (given, false))) {
            if self.is_out(given.at) {
                continue;
            }
            let month = given.at.date_in(&self.zone).first_of_month();
            for of in [&mut totals, &mut self.total, self.months.entry(month).or_default()] {
                of.add(&given, is_past)?;
            }
            *counted.entry(given).or_default() += if is_past { 1 } else { -1 };
        }
        let differences: Vec<_> = counted.into_iter().flat_map(differences).collect();
        if !differences.is_empty() {
            self.members_different += 1;
            if self.different.len() < MEMBERS_SHOWN {
                let (member, external_id) = (lived.member, lived.external_id);
                self.different.push(MemberDifference { member, external_id, totals, differences });
            }
        }
        Ok(())
    }

    fn is_out(&self, at: Timestamp) -> bool {
        self.from.is_some_and(|from| at < from) || self.until.is_some_and(|until| at >= until)
    }
}

/// As often as it was given more often, or less often.
fn differences((given, more): (Given, i64)) -> impl Iterator<Item = Difference> {
    let difference = Difference {
        at: given.at,
        what: given.what,
        points: Points::new(given.points),
        is_gone: more > 0,
    };
    let times = usize::try_from(more.unsigned_abs()).unwrap_or(usize::MAX);
    std::iter::repeat_n(difference, times)
}

impl Totals {
    fn add(&mut self, given: &Given, is_past: bool) -> Result<()> {
        let (points, messages) = match is_past {
            true => (&mut self.points_was, &mut self.messages_was),
            false => (&mut self.points_would, &mut self.messages_would),
        };
        *points = points.plus(Points::new(given.points))?;
        *messages += i64::from(given.is_message);
        Ok(())
    }
}

impl Given {
    pub(super) fn award(at: Timestamp, key: &str, points: i64) -> Self {
        Self { at, what: format!("award `{key}`"), points, is_message: false }
    }

    /// As many as it asked for: what was there then is not known of what would have been.
    pub(super) fn deduction(at: Timestamp, key: &str, asked: i64) -> Self {
        Self { at, what: format!("deduction `{key}`"), points: -asked, is_message: false }
    }

    pub(super) fn event(at: Timestamp, name: &str) -> Self {
        Self { at, what: format!("event `{name}`"), points: 0, is_message: false }
    }

    pub(super) fn proposal(at: Timestamp, reference: &str, key: &str, points: i64) -> Self {
        let what = format!("proposal `{key}` for the purchase {reference}");
        Self { at, what, points, is_message: false }
    }

    pub(super) fn message(at: Timestamp, template: &str, contact: Option<ContactId>) -> Self {
        let to = contact.map_or(String::new(), |contact| format!(" to {contact}"));
        Self { at, what: format!("message `{template}`{to}"), points: 0, is_message: true }
    }
}

impl Lived {
    pub(super) fn of(member: &Member) -> Self {
        Self {
            member: member.id,
            external_id: member.external_id.clone(),
            was: Vec::new(),
            would: Vec::new(),
            calls: 0,
            fuel: 0,
            failures: Vec::new(),
            is_cut: false,
        }
    }
}

impl Failure {
    /// That a member is followed no further.
    pub(super) fn gave_up(at: Timestamp, calls: u64) -> Self {
        let message = format!(
            "the plugin was called {calls} times for this member, which is followed no further"
        );
        Self { member: None, at, about: "all calls".to_owned(), kind: "TOO_MANY_CALLS", message }
    }

    pub(super) fn of(at: Timestamp, about: &str, fault: &Fault) -> Self {
        Self {
            member: None,
            at,
            about: about.to_owned(),
            kind: fault.kind.name(),
            message: fault.message.clone(),
        }
    }
}
