//! What the plugin knows of a bicycle, and when it is to be reminded of. Nothing here knows the
//! platform, so each rule is a function that a test can call.

use perennial_sdk::{Date, Failure};
use serde::{Deserialize, Serialize};

/// The table `[plugins.bike-care]` of the program file. The platform fills in no default of the
/// schema, so the same defaults are here.
#[derive(Deserialize)]
#[serde(default)]
pub struct Config {
    pub service_points: i64,
    pub on_time_points: i64,
    pub service_months: i32,
    pub remind_days_before: i32,
    pub follow_up_days: i32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            service_points: 50,
            on_time_points: 20,
            service_months: 12,
            remind_days_before: 14,
            follow_up_days: 21,
        }
    }
}

/// The data of a record `bike`, which is the workshop's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bike {
    pub model: String,
    pub bought_on: Date,
    pub serviced_on: Option<Date>,
    #[serde(default)]
    pub is_sold: bool,
}

/// What the plugin keeps of a bicycle. Fields that a later version adds have a default, so that it can
/// read what this one has stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct State {
    pub serviced_on: Option<Date>,
    pub due_on: Option<Date>,
    pub reminders: u32,
    pub reminded_on: Option<Date>,
}

impl State {
    /// What is known after the bicycle was looked at. A service that is older than the last is known
    /// already, and another due day begins another round of reminders.
    pub fn after(&self, config: &Config, bike: &Bike) -> Result<Self, Failure> {
        let serviced_on = bike.serviced_on.max(self.serviced_on);
        let due_on = serviced_on.unwrap_or(bike.bought_on).plus_months(config.service_months)?;
        if self.due_on == Some(due_on) {
            return Ok(self.clone());
        }
        Ok(Self { serviced_on, due_on: Some(due_on), ..Self::default() })
    }

    /// Whether there was a service since, before it was due.
    pub fn is_on_time(&self, after: &Self) -> bool {
        after.serviced_on > self.serviced_on && after.serviced_on <= self.due_on
    }

    /// When the next reminder is to be sent: the first some days before, one follow-up, then none.
    pub fn next_on(&self, config: &Config) -> Result<Option<Date>, Failure> {
        let (from, days) = match self.reminders {
            0 => (self.due_on, -config.remind_days_before),
            1 => (self.reminded_on, config.follow_up_days),
            _ => return Ok(None),
        };
        from.map(|from| from.plus_days(days)).transpose()
    }
}
