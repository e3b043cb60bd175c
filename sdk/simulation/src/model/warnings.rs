//! What the platform lets pass, and what whoever writes a plugin wants to know of it.

use super::Simulation;
use super::account::Place;
use jiff::Timestamp;
use perennial_contract::limits::MESSAGE_MOMENT;
use perennial_contract::{TimerKey, Unique};

impl<E> Simulation<E> {
    /// That a timer is cancelled where none waits, while one of its name waits at a record instead of
    /// the member itself, or the other way round.
    pub(super) fn cancelled_in_vain(&self, key: &TimerKey) -> Option<String> {
        let timers = &self.account().timers;
        let meant = Place::from(key.clone());
        if key.unique == Unique::PerMember || timers.contains_key(&meant) {
            return None;
        }
        let is_elsewhere = |place: &&Place| {
            place.name == meant.name && place.about.is_some() != meant.about.is_some()
        };
        let elsewhere = timers.keys().find(is_elsewhere)?;
        let to_do = match elsewhere.about {
            Some(_) => "cancel that with the record behind it, `.about(…)`",
            None => "cancel that without a record, which it is not about",
        };
        Some(format!(
            "the plugin cancels the timer `{meant}`, and none waits under that; `{elsewhere}` does: {to_do}"
        ))
    }

    /// Whether a message about something that happened then comes too late to be sent.
    pub(super) fn is_too_late(&self, occurred_at: Timestamp) -> bool {
        occurred_at.checked_add(MESSAGE_MOMENT).is_ok_and(|last| self.now > last)
    }

    /// That the member has tags which the plugin is not shown.
    pub(super) fn unseen_tags(&self) -> Option<String> {
        let sees = self.manifest.capabilities.tags;
        let warning = "the member has tags, and the plugin sees none: it does not ask for the \
                       capability `tags`";
        let is_said = self.warnings.iter().any(|said| said == warning);
        (!sees && !is_said && !self.member().tags.is_empty()).then(|| warning.to_owned())
    }

    pub(super) fn left_out(&self, template: &str, occurred_at: Timestamp) -> String {
        let (moment, days) = (self.day_of(occurred_at), MESSAGE_MOMENT.as_secs() / (24 * 60 * 60));
        format!(
            "the message `{template}` is not sent: its moment, {moment}, is more than {days} days ago"
        )
    }
}
