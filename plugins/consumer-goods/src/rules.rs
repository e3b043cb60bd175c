//! What counts as silence and as a return, and which step comes next: pure, and without the
//! platform.

use crate::config::{Config, Step};
use perennial_sdk::{Date, Failure};
use serde::{Deserialize, Serialize};

/// What the plugin remembers of a member.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) last_purchase_on: Option<Date>,
    /// The category of that purchase that has a silence of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// Runs from the silence to the next purchase.
    pub(crate) reactivation: Option<Reactivation>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) opted_out: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Reactivation {
    /// The purchase after which the member fell silent.
    pub(crate) since: Date,
    pub(crate) started_on: Date,
    /// The last offer, 0 if none was made.
    pub(crate) discount_percent: u8,
    pub(crate) valid_until: Date,
    /// When it was made; with the start if that is not said.
    #[serde(default)]
    offered_on: Option<Date>,
    /// The last step that was taken, and when; the first and with the start if that is not said.
    #[serde(default = "one")]
    pub(crate) step: usize,
    #[serde(default)]
    stepped_on: Option<Date>,
    #[serde(default)]
    pub(crate) group: Group,
}

/// Whether a member is won back, or shows what happens without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Group {
    #[default]
    Treated,
    HeldOut,
}

impl State {
    /// The state after a purchase; none if a later one is known already, for then nothing changes.
    pub(crate) fn after_purchase(&self, on: Date, category: Option<&String>) -> Option<Self> {
        let is_later = self.last_purchase_on.is_none_or(|known| on > known);
        is_later.then(|| Self {
            last_purchase_on: Some(on),
            category: category.cloned(),
            reactivation: None,
            opted_out: self.opted_out,
        })
    }

    /// When to look whether the member is silent. Tomorrow at the earliest: purchases that are
    /// recorded late tend to come many at once, and the last of them decides.
    pub(crate) fn next_look(&self, config: &Config, today: Date) -> Result<Date, Failure> {
        let since = self.last_purchase_on.unwrap_or(today);
        let silent_on = since.plus_days(config.silence_of(self.category.as_ref()))?;
        Ok(silent_on.max(today.plus_days(1)?))
    }

    /// When the step after the one that was taken is due; none after the last.
    fn next_step_on(&self, config: &Config) -> Result<Option<Date>, Failure> {
        let Some(running) = &self.reactivation else { return Ok(None) };
        let next = config.step(running.step + 1);
        let since = running.stepped_on.unwrap_or(running.started_on);
        next.map(|next| since.plus_days(next.after_days)).transpose()
    }

    /// When to look again; not at all at who has bought nothing or wants none of this, or after the last
    /// step.
    pub(crate) fn next_on(&self, config: &Config, today: Date) -> Result<Option<Date>, Failure> {
        match (&self.reactivation, self.last_purchase_on) {
            _ if self.opted_out => Ok(None),
            (Some(_), _) => self.next_step_on(config),
            (None, Some(_)) => self.next_look(config, today).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// As the platform knows it, which may know of a purchase whose event is still on its way. What
    /// that ends stays until the event comes, which closes it.
    pub(crate) fn seen_by_platform(&self, last_purchase_on: Option<Date>) -> Self {
        let later = last_purchase_on.and_then(|on| self.after_purchase(on, None));
        later.unwrap_or_else(|| self.clone())
    }

    /// The step that is due today, with its number.
    pub(crate) fn due_step(
        &self,
        config: &Config,
        today: Date,
    ) -> Result<Option<(usize, Step)>, Failure> {
        let Some(last) = self.last_purchase_on.filter(|_| !self.opted_out) else { return Ok(None) };
        let (number, since) = match &self.reactivation {
            None => (1, last.plus_days(config.silence_of(self.category.as_ref()))?),
            Some(running) => (running.step + 1, running.stepped_on.unwrap_or(running.started_on)),
        };
        let Some(step) = config.step(number) else { return Ok(None) };
        let on = since.plus_days(step.after_days)?;
        Ok((on <= today).then_some((number, step)))
    }

    /// Takes a step to win the member back, or records that it would be taken.
    pub(crate) fn take(
        &mut self,
        (number, step): (usize, Step),
        group: Group,
        today: Date,
    ) -> Result<&Reactivation, Failure> {
        let since = self.last_purchase_on.unwrap_or(today);
        let running = self.reactivation.get_or_insert(Reactivation {
            since,
            started_on: today,
            discount_percent: 0,
            valid_until: today,
            offered_on: None,
            step: number,
            stepped_on: None,
            group,
        });
        (running.step, running.stepped_on) = (number, Some(today));
        if let Some(percent) = step.discount_percent.filter(|_| running.group == Group::Treated) {
            running.discount_percent = percent;
            running.valid_until = today.plus_days(step.valid_days)?;
            running.offered_on = Some(today);
        }
        Ok(running)
    }

    /// Whether a purchase is the return that was hoped for. A member who has bought since the
    /// silence has returned already, even if this plugin has not received that event yet.
    pub(crate) fn welcomes_back(&self, last_purchase_on: Option<Date>, on: Date) -> bool {
        self.reactivation.as_ref().is_some_and(|reactivation| {
            let first = last_purchase_on.is_none_or(|last| last <= reactivation.since);
            first && reactivation.offers_on(on)
        })
    }
}

impl Reactivation {
    pub(crate) const fn has_offer(&self) -> bool {
        self.discount_percent > 0
    }

    /// Whether a purchase on the day has the offer.
    pub(crate) fn offers_on(&self, on: Date) -> bool {
        let from = self.offered_on.unwrap_or(self.started_on);
        self.has_offer() && (from..=self.valid_until).contains(&on)
    }
}

/// Which group a member is in: the same in each program for good, and more percent hold out whom
/// fewer did and others. What the id is hashed to (FNV-1a, mixed once more) is as good as drawn.
pub(crate) fn group(config: &Config, program: &str, member: &str) -> Group {
    let bytes = program.bytes().chain([0]).chain(member.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    match (mixed >> 32) % 100 < config.hold_out_percent {
        true => Group::HeldOut,
        false => Group::Treated,
    }
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::field_reassign_with_default, reason = "its other fields are private")]
    fn as_many_are_held_out_as_the_program_says() {
        let in_group = |percent: u64, program: &str| {
            let mut config = Config::default();
            config.hold_out_percent = percent;
            let members = (0..10_000).map(|number| format!("mem_{number}"));
            let held = members.filter(|id| group(&config, program, id) == Group::HeldOut);
            held.collect::<std::collections::BTreeSet<_>>()
        };
        let (five, twenty) = (in_group(5, "shop"), in_group(20, "shop"));
        assert!((400..600).contains(&five.len()), "{}", five.len());
        assert!((1_850..2_150).contains(&twenty.len()), "{}", twenty.len());
        assert!(five.is_subset(&twenty));
        assert!((0..300).contains(&in_group(20, "other").intersection(&five).count()));
        assert!(in_group(0, "shop").is_empty());
        assert_eq!(in_group(100, "shop").len(), 10_000);
    }
}
