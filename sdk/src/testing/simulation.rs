//! A small model of the platform: one member, one plugin, a clock that the test moves.

use super::fixtures::day;
use crate::{
    Action, Context, Date, Due, Effect, Event, EventOrigin, Failure, Json, Member, Plugin,
    Proposal, Purchase, Recipient, Record, RecordKey,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

/// A message that the plugin sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The day on which it was sent.
    pub on: Date,
    /// A template of the manifest.
    pub template: String,
    /// Who received it.
    pub to: Recipient,
    /// Values for the template's `{placeholders}`.
    pub parameters: BTreeMap<String, String>,
}

/// One member, one plugin, and a clock in UTC. A call that fails has none of the plugin's effects.
#[derive(Debug)]
pub struct Simulation<P> {
    /// The member, which the test may change. Points and tier stay as the test sets them.
    pub member: Member,
    now: Timestamp,
    config: Value,
    states: BTreeMap<Option<RecordKey>, Json>,
    records: BTreeMap<RecordKey, Json>,
    timers: BTreeMap<String, TimerSet>,
    sent: Vec<Sent>,
    points: i64,
    events: u64,
    plugin: PhantomData<P>,
}

#[derive(Clone, Debug)]
struct TimerSet {
    due: Timestamp,
    data: Json,
    about: Option<RecordKey>,
}

impl<P: Plugin> Simulation<P> {
    /// Starts at the first instant of a day such as `2026-11-22`, with the plugin's configuration.
    ///
    /// # Panics
    ///
    /// If `today` is not a date.
    pub fn new(today: &str, config: Value, member: Member) -> Self {
        Self {
            member,
            now: start_of(day(today)),
            config,
            states: BTreeMap::new(),
            records: BTreeMap::new(),
            timers: BTreeMap::new(),
            sent: Vec::new(),
            points: 0,
            events: 0,
            plugin: PhantomData,
        }
    }

    /// Delivers an event, with its data as the platform writes it, and carries out the answer,
    /// which it returns. Fails with the plugin's failure, or with `duplicate-key`.
    pub fn event(&mut self, name: &str, data: impl Into<Json>) -> Result<Vec<Action>, Failure> {
        self.deliver(name, &data.into(), None)
    }

    /// Records a purchase made on `on`, which may be in the past, in euros and with lines of
    /// `(sku, quantity, amount of the line in minor units)`. Delivers `purchase-recorded`.
    ///
    /// # Panics
    ///
    /// If `on` is not a date.
    pub fn purchase(
        &mut self,
        on: &str,
        lines: &[(&str, u32, i64)],
    ) -> Result<Vec<Action>, Failure> {
        let on = day(on);
        let total = lines.iter().map(|(_, _, amount)| amount).sum::<i64>();
        self.member.purchases += 1;
        self.member.spent_minor += total;
        self.member.last_purchase_on = self.member.last_purchase_on.max(Some(on));
        let reference = format!("P-{}", self.member.purchases);
        let data = json!({
            "purchaseId": format!("pur_{}", self.member.purchases),
            "reference": reference,
            "currency": "EUR",
            "totalMinor": total,
            "purchasedOn": on,
            "points": 0,
            "lines": lines.iter().copied().map(line).collect::<Vec<_>>(),
        });
        self.event("purchase-recorded", data)
    }

    /// Creates or replaces a record, as an operator would. Delivers `record-put`.
    pub fn put_record(
        &mut self,
        record_type: &str,
        external_id: &str,
        data: impl Into<Json>,
    ) -> Result<Vec<Action>, Failure> {
        let (key, data) = (RecordKey::new(record_type, external_id), data.into());
        let is_new = self.records.insert(key.clone(), data.clone()).is_none();
        let event = json!({
            "type": record_type, "externalId": external_id, "data": data, "isNew": is_new,
        });
        self.deliver("record-put", &event.into(), Some(&key))
    }

    /// Moves the clock to the first instant of a day. Timers that are due by then fire in order,
    /// each at its time. Stops at the first that fails.
    ///
    /// # Panics
    ///
    /// If `today` is not a date, or if more than 10,000 timers fire on the way.
    pub fn advance_to(&mut self, today: &str) -> Result<(), Failure> {
        const FIRED_MAX: u32 = 10_000;
        let until = start_of(day(today)).max(self.now);
        for _ in 0..FIRED_MAX {
            let due = self.timers.iter().min_by_key(|(name, timer)| (timer.due, (*name).clone()));
            let Some((name, timer)) = due.filter(|(_, timer)| timer.due <= until) else {
                self.now = until;
                return Ok(());
            };
            let (name, timer) = (name.clone(), timer.clone());
            self.timers.remove(&name);
            self.now = self.now.max(timer.due);
            self.fire(&name, &timer)?;
        }
        assert!(self.timers.is_empty(), "more than {FIRED_MAX} timers fired until {today}");
        Ok(())
    }

    /// What the plugin proposes for a cart.
    pub fn appraise(&self, cart: &Purchase) -> Result<Vec<Proposal>, Failure> {
        P::appraise(&self.context(None)?, &self.member, cart)
    }

    /// What the plugin shows to the member.
    pub fn view(&self) -> Result<Value, Failure> {
        let record = |(key, data): (&RecordKey, &Json)| Record {
            record_type: key.record_type.clone(),
            external_id: key.external_id.clone(),
            data: data.clone(),
            state: self.states.get(&Some(key.clone())).cloned(),
        };
        let records = self.records.iter().map(record).collect::<Vec<_>>();
        let view = P::view(&self.context(None)?, &self.member, &records)?;
        Ok(view.value().clone())
    }

    /// All messages so far, oldest first.
    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// The points that the plugin awarded so far; proposals of `appraise` do not count.
    pub const fn points(&self) -> i64 {
        self.points
    }

    /// The current data of a record.
    pub fn record(&self, record_type: &str, external_id: &str) -> Option<&Value> {
        self.records.get(&RecordKey::new(record_type, external_id)).map(Json::value)
    }

    /// The days on which the timers are due, by name.
    pub fn timers(&self) -> BTreeMap<&str, Date> {
        self.timers.iter().map(|(name, timer)| (name.as_str(), date_of(timer.due))).collect()
    }

    /// The current day.
    pub fn today(&self) -> Date {
        date_of(self.now)
    }

    fn fire(&mut self, name: &str, timer: &TimerSet) -> Result<(), Failure> {
        let record = timer.about.as_ref().and_then(|key| {
            let data = self.records.get(key)?;
            Some(json!({ "type": key.record_type, "externalId": key.external_id, "data": data }))
        });
        let data = json!({ "name": name, "data": timer.data, "record": record });
        self.deliver("timer-fired", &data.into(), timer.about.as_ref()).map(drop)
    }

    fn deliver(
        &mut self,
        name: &str,
        data: &Json,
        subject: Option<&RecordKey>,
    ) -> Result<Vec<Action>, Failure> {
        self.events += 1;
        let mut cx = self.context(subject)?;
        cx.event = Some(EventOrigin { id: format!("evt_{}", self.events), occurred_at: self.now });
        let event = Event::parse(name, &data.to_string())?;
        let actions = P::on_event(&cx, &event)?.finish()?;
        unique(&actions)?;
        for action in &actions {
            self.carry_out(action.effect.clone(), subject);
        }
        Ok(actions)
    }

    fn carry_out(&mut self, effect: Effect, subject: Option<&RecordKey>) {
        match effect {
            Effect::AwardPoints { points, .. } => self.points += points,
            Effect::SendMessage { template, to, parameters } => {
                let (on, parameters) = (self.today(), parameters.into_iter().collect());
                self.sent.push(Sent { on, template, to, parameters });
            }
            Effect::SetTimer { name, due, data, about } => {
                let due = match due {
                    Due::At(instant) => instant,
                    Due::On(date) => start_of(date),
                };
                self.timers.insert(name, TimerSet { due, data, about });
            }
            Effect::CancelTimer { name } => {
                self.timers.remove(&name);
            }
            Effect::PutRecord { key, data } => {
                self.records.insert(key, data);
            }
            Effect::SetState(Some(state)) => {
                self.states.insert(subject.cloned(), state);
            }
            Effect::SetState(None) => {
                self.states.remove(&subject.cloned());
            }
        }
    }

    fn context(&self, subject: Option<&RecordKey>) -> Result<Context<P::Config>, Failure> {
        Ok(Context {
            program: "test".to_owned(),
            revision: 1,
            now: self.now,
            today: self.today(),
            seed: self.events,
            config: Json::from(self.config.clone()).read()?,
            member: Some(self.member.clone()),
            event: None,
            state: self.states.get(&subject.cloned()).cloned(),
        })
    }
}

fn line((sku, quantity, amount): (&str, u32, i64)) -> Value {
    json!({ "sku": sku, "category": null, "quantity": quantity, "amountMinor": amount })
}

/// The platform refuses an answer with a key used twice.
fn unique(actions: &[Action]) -> Result<(), Failure> {
    let mut keys = BTreeSet::new();
    match actions.iter().find(|action| !keys.insert(&action.key)) {
        None => Ok(()),
        Some(action) => Err(Failure::new("duplicate-key", action.key.clone())),
    }
}

fn start_of(date: Date) -> Timestamp {
    let midnight = date.to_zoned(TimeZone::UTC);
    midnight.expect("every date of a test has a midnight in UTC").timestamp()
}

fn date_of(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date().into()
}
