//! The clock, and the timers that fire when it moves.

use super::account::{Place, Timer};
use super::{Answer, Simulation, day, unasked};
use crate::Engine;
use jiff::civil::Date;
use perennial_contract::Fault;
use perennial_contract::events::TIMER_FIRED;
use serde_json::json;

/// More fire on the way of no sound plugin.
const FIRED_MAX: u32 = 10_000;

impl<E: Engine> Simulation<E> {
    /// Moves the clock to the first instant of a day. Timers that are due by then fire in order,
    /// each at its time. Stops at the first that fails.
    ///
    /// # Panics
    ///
    /// If `today` is not a date.
    pub fn advance_to(&mut self, today: &str) -> Result<(), Fault> {
        self.advance(day(today)).map(drop)
    }

    /// What the timers brought on the way, with what the plugin logged.
    pub(crate) fn advance(&mut self, today: Date) -> Result<Vec<Answer>, Fault> {
        let until = self.start_of(today)?.max(self.now);
        let mut answers = Vec::new();
        for _ in 0..FIRED_MAX {
            let all = self.accounts.iter().enumerate().flat_map(|(owner, account)| {
                account.timers.iter().map(move |(place, timer)| (owner, place, timer))
            });
            let due = all.filter(|(_, _, timer)| timer.due <= until && !self.is_left_out);
            let next = due.min_by_key(|(_, _, timer)| (timer.due, timer.number));
            let Some((owner, place, timer)) = next else {
                self.now = until;
                return Ok(answers);
            };
            let (place, timer) = (place.clone(), timer.clone());
            self.now = self.now.max(timer.due);
            answers.push(self.fire(owner, &place, &timer)?);
        }
        Err(unasked(format!("more than {FIRED_MAX} timers fired until {today}")))
    }

    /// As of the time at which it was due; afterwards the simulation is about whom it was.
    fn fire(&mut self, owner: usize, place: &Place, timer: &Timer) -> Result<Answer, Fault> {
        self.accounts[owner].timers.remove(place);
        let record = place.about.as_ref().and_then(|key| {
            let stored = self.records.get(key).filter(|stored| stored.owner == owner)?;
            let data = &stored.data;
            Some(json!({ "type": key.record_type, "externalId": key.external_id, "data": data }))
        });
        let data = json!({ "name": place.name, "data": timer.data, "record": record });
        let before = std::mem::replace(&mut self.current, owner);
        let answer = self.deliver(TIMER_FIRED, data, timer.due);
        self.current = before;
        answer
    }
}
