//! When a mail is due, and whether its reason still holds then: pure, and without the platform.

use crate::config::{Mail, Stage};
use perennial_sdk::{Date, Failure, Member};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the plugin remembers of a member.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct State {
    /// How many purchases there were, counted event by event, so that the tenth is the tenth however
    /// late it is told; none before the first event.
    pub(crate) purchases: Option<i64>,
    pub(crate) last_purchase_on: Option<Date>,
    /// By the mail's key, the day on which it was sent last.
    pub(crate) sent: BTreeMap<String, Date>,
    /// The mails of anniversaries that a timer waits for.
    pub(crate) awaited: BTreeSet<String>,
    pub(crate) opted_out: bool,
}

/// What may bring a mail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Occasion<'a> {
    Joined,
    Bought,
    Reached(&'a str),
    /// Nothing but that the plugin was called.
    Other,
}

impl State {
    /// When the mail is due because of what happened; none if that is no reason for it.
    pub(crate) fn due(
        &self,
        key: &str,
        mail: &Mail,
        occasion: Occasion<'_>,
        member: &Member,
        today: Date,
    ) -> Result<Option<Date>, Failure> {
        let since = match mail.stage {
            Stage::Joined => (occasion == Occasion::Joined).then_some(today),
            Stage::Purchases => {
                let is_it = occasion == Occasion::Bought && self.purchases == Some(mail.number);
                is_it.then_some(today)
            }
            Stage::Tier => (occasion == Occasion::Reached(&mail.tier)).then_some(today),
            Stage::Anniversary if self.awaited.contains(key) => None,
            Stage::Anniversary => return next_anniversary(mail, member, today).map(Some),
            Stage::Silent => {
                let begins = matches!(occasion, Occasion::Joined | Occasion::Bought);
                let silent_on = self.last_sign_of(member).plus_days(mail.days)?;
                begins.then_some(silent_on)
            }
        };
        let Some(since) = since else { return Ok(None) };
        let on = since.plus_days(mail.delay_days)?;
        Ok(self.may_send(key, mail, on)?.then_some(on))
    }

    /// Whether it was not sent before, or so long ago that it is sent again.
    pub(crate) fn may_send(&self, key: &str, mail: &Mail, on: Date) -> Result<bool, Failure> {
        let Some(last) = self.sent.get(key) else { return Ok(true) };
        Ok(mail.repeats() && last.plus_months(12)? <= on)
    }

    /// Whether the reason for a mail is still there on the day on which it is due.
    pub(crate) fn holds(&self, mail: &Mail, member: &Member, today: Date) -> Result<bool, Failure> {
        Ok(match mail.stage {
            Stage::Joined | Stage::Anniversary => true,
            Stage::Purchases => self.purchases >= Some(mail.number),
            Stage::Tier => member.tier.as_ref() == Some(&mail.tier),
            Stage::Silent => self.last_sign_of(member).plus_days(mail.days)? <= today,
        })
    }

    /// The last purchase, which the platform may know before the plugin is told; else the joining.
    fn last_sign_of(&self, member: &Member) -> Date {
        self.last_purchase_on.max(member.last_purchase_on).unwrap_or(member.joined_on)
    }
}

/// The first anniversary of joining whose mail is due after today.
pub(crate) fn next_anniversary(mail: &Mail, member: &Member, today: Date) -> Result<Date, Failure> {
    let mut years = years_since(member.joined_on, today).max(1);
    loop {
        let on = member.joined_on.plus_months(12 * years)?.plus_days(mail.delay_days)?;
        if on > today {
            return Ok(on);
        }
        years += 1;
    }
}

/// Full years, at least none.
pub(crate) fn years_since(joined_on: Date, today: Date) -> i32 {
    let years = i32::from(today.year()) - i32::from(joined_on.year());
    let is_full = joined_on.plus_months(12 * years).is_ok_and(|anniversary| anniversary <= today);
    if is_full { years } else { (years - 1).max(0) }
}
