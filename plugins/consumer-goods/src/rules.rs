//! What counts as silence and as a return: pure, and without the platform.

use perennial_sdk::{Date, Failure};
use serde::{Deserialize, Serialize};

/// The plugin's table in the program file; the manifest's schema describes it.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    pub(crate) silence_days: i32,
    pub(crate) offer_discount_percent: u8,
    pub(crate) offer_valid_days: i32,
    pub(crate) welcome_back_points: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            silence_days: 180,
            offer_discount_percent: 10,
            offer_valid_days: 30,
            welcome_back_points: 0,
        }
    }
}

/// What the plugin remembers of a member.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) last_purchase_on: Option<Date>,
    /// Runs from the silence to the next purchase.
    pub(crate) reactivation: Option<Reactivation>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Reactivation {
    /// The purchase after which the member fell silent.
    since: Date,
    started_on: Date,
    pub(crate) discount_percent: u8,
    pub(crate) valid_until: Date,
}

impl State {
    /// The state after a purchase; none if a later one is known already, for then nothing changes.
    pub(crate) fn after_purchase(&self, on: Date) -> Option<Self> {
        let is_later = self.last_purchase_on.is_none_or(|known| on > known);
        is_later.then_some(Self { last_purchase_on: Some(on), reactivation: None })
    }

    /// When to look whether the member is silent. Tomorrow at the earliest: purchases that are
    /// recorded late tend to come many at once, and the last of them decides.
    pub(crate) fn next_look(&self, config: &Config, today: Date) -> Result<Date, Failure> {
        let since = self.last_purchase_on.unwrap_or(today);
        let silent_on = since.plus_days(config.silence_days)?;
        Ok(silent_on.max(today.plus_days(1)?))
    }

    /// Whether the member has bought, and is not being won back.
    pub(crate) const fn is_waited_for(&self) -> bool {
        self.last_purchase_on.is_some() && self.reactivation.is_none()
    }

    /// The last purchase, if it is so long ago that the member counts as silent and nothing was
    /// done about it.
    pub(crate) fn silent_since(
        &self,
        config: &Config,
        today: Date,
    ) -> Result<Option<Date>, Failure> {
        let Some(last) = self.last_purchase_on else { return Ok(None) };
        let is_silent = today >= last.plus_days(config.silence_days)?;
        Ok((is_silent && self.reactivation.is_none()).then_some(last))
    }

    /// Begins to win the member back.
    pub(crate) fn reactivate(
        &mut self,
        config: &Config,
        since: Date,
        today: Date,
    ) -> Result<&Reactivation, Failure> {
        let valid_until = today.plus_days(config.offer_valid_days)?;
        Ok(self.reactivation.insert(Reactivation {
            since,
            started_on: today,
            discount_percent: config.offer_discount_percent,
            valid_until,
        }))
    }

    /// Whether a purchase is the return that was hoped for. A member who has bought since the
    /// silence has returned already, even if this plugin has not received that event yet.
    pub(crate) fn welcomes_back(&self, last_purchase_on: Option<Date>, on: Date) -> bool {
        self.reactivation.as_ref().is_some_and(|reactivation| {
            let in_time = (reactivation.started_on..=reactivation.valid_until).contains(&on);
            in_time && last_purchase_on.is_none_or(|last| last <= reactivation.since)
        })
    }
}
