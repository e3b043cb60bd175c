//! What happens to the member, and what the plugin does about it.

use super::{Answer, Line, Simulation, day, key, unasked};
use crate::Engine;
use jiff::Timestamp;
use jiff::civil::Date;
use perennial_contract::call::{Event, PastPurchase, Purchase};
use perennial_contract::events::{self, PLUGIN_EVENT, SUBSCRIBABLE, TIMER_FIRED};
use perennial_contract::{Fault, taken, text};
use serde_json::{Value, json};

impl<E: Engine> Simulation<E> {
    /// Delivers an event, with its data as the platform writes it, and carries out the answer. An
    /// event that the manifest does not subscribe to is not delivered. What a plugin beside it raises is
    /// `PLUGIN/EVENT`, with the event's own data.
    pub fn event(&mut self, name: &str, data: Value) -> Result<Answer, Fault> {
        if let Some((plugin, event)) = name.split_once('/') {
            return self.raised_beside(plugin, event, &data);
        }
        if name != TIMER_FIRED && !SUBSCRIBABLE.contains(&name) {
            return Err(unasked(events::unknown(name)));
        }
        self.deliver(name, data, self.now)
    }

    fn raised_beside(&mut self, plugin: &str, event: &str, data: &Value) -> Result<Answer, Fault> {
        let Some(other) = self.others.iter().find(|other| other.id == plugin) else {
            return Err(unasked(format!("there is no plugin `{plugin}` beside it")));
        };
        other.check_event(event, data).map_err(unasked)?;
        let data = json!({ "plugin": plugin, "event": event, "data": data });
        self.deliver(PLUGIN_EVENT, data, self.now)
    }

    /// Records a purchase made on `on`, which may be in the past, with lines such as `("TEA", 1,
    /// 590)`. A plugin that answers `appraise` is asked first, and what it proposes is given. Delivers
    /// `purchase-recorded`.
    ///
    /// # Panics
    ///
    /// If `on` is not a date.
    pub fn purchase<L: Clone + Into<Line>>(
        &mut self,
        on: &str,
        lines: &[L],
    ) -> Result<Answer, Fault> {
        let lines = lines.iter().cloned().map(Into::into).collect();
        self.buy(day(on), None, lines)
    }

    pub(crate) fn buy(
        &mut self,
        on: Date,
        reference: Option<String>,
        lines: Vec<Line>,
    ) -> Result<Answer, Fault> {
        if on > self.today() {
            return Err(unasked(format!("the purchase is of {on}, and today is {}", self.today())));
        }
        let at = if on == self.today() { self.now } else { self.start_of(on)? };
        let number = self.events + 1;
        let reference = reference.unwrap_or_else(|| format!("P-{number}"));
        let total = lines.iter().map(|line| line.amount_minor).sum();
        let told: Vec<_> = lines.iter().map(Line::told).collect();
        let purchase = Purchase {
            reference: reference.clone(),
            currency: self.program.currency.clone(),
            total_minor: total,
            purchased_on: on,
            lines: lines.into_iter().map(Into::into).collect(),
        };
        let proposals = self.proposed(&purchase, at)?;
        self.remember(&purchase, at, number);
        let points = proposals.iter().map(|proposal| proposal.points).sum();
        self.give(points);
        let member = self.member_mut();
        member.purchases += 1;
        member.spent_minor += total;
        member.last_purchase_on = member.last_purchase_on.max(Some(on));
        let data = json!({
            "purchaseId": format!("pur_{number}"),
            "reference": reference,
            "currency": purchase.currency,
            "totalMinor": total,
            "purchasedOn": on,
            "points": points,
            "cut": 0,
            "lines": told,
        });
        Ok(Answer { proposals, ..self.deliver("purchase-recorded", data, at)? })
    }

    fn remember(&mut self, purchase: &Purchase, at: Timestamp, number: u64) {
        let purchase = purchase.clone();
        let past = PastPurchase {
            id: format!("pur_{number}"),
            reference: purchase.reference,
            purchased_at: at,
            purchased_on: purchase.purchased_on,
            currency: purchase.currency,
            total_minor: purchase.total_minor,
            lines: purchase.lines,
        };
        let purchases = &mut self.accounts[self.current].purchases;
        let place = purchases.partition_point(|it| it.purchased_at <= at);
        purchases.insert(place, past);
    }

    /// Creates or replaces a record, as an operator would. Delivers `record-put`, unless nothing of the
    /// record changes.
    pub fn put_record(
        &mut self,
        record_type: &str,
        external_id: &str,
        data: Value,
    ) -> Result<Answer, Fault> {
        if !text::is_identifier(external_id) {
            return Err(unasked(format!("externalId: {}", text::no_identifier())));
        }
        let all = || self.others.iter().chain([&self.manifest]);
        let owner = all().find(|manifest| manifest.records.contains_key(record_type));
        if self.is_left_out && owner.is_some_and(|owner| owner.id == self.manifest.id) {
            let why = "no plugin of this program declares the record type";
            return Err(unasked(format!("{why} `{record_type}`")));
        }
        owner
            .unwrap_or(&self.manifest)
            .check_record(record_type, &data)
            .map_err(|misfit| unasked(misfit.at("data").to_string()))?;
        let key = key(record_type, external_id);
        let before = self.records.get(&key);
        if before.is_some_and(|before| before.owner != self.current) {
            return Err(unasked(taken(&key)));
        }
        if before.is_some_and(|before| before.data == data) {
            return Ok(Answer::default());
        }
        let is_new = before.is_none();
        let event = json!({
            "type": record_type, "externalId": external_id, "data": data, "isNew": is_new,
        });
        self.store(key, data);
        self.deliver("record-put", event, self.now)
    }

    /// Puts tags on the member and takes some away, as an operator would. Delivers `member-tagged`, unless
    /// nothing changes.
    pub fn tag<T: AsRef<str>>(&mut self, add: &[T], remove: &[T]) -> Result<Answer, Fault> {
        let has = |tag: &&str, tags: &[String]| tags.iter().any(|known| known == tag);
        let tags = self.member().tags.clone();
        let (add, remove) = (add.iter().map(AsRef::as_ref), remove.iter().map(AsRef::as_ref));
        let added: Vec<&str> = add.filter(|tag| !has(tag, &tags)).collect();
        let removed: Vec<&str> = remove.filter(|tag| has(tag, &tags)).collect();
        if let Some(wrong) = added.iter().find(|tag| !text::is_slug(tag)) {
            return Err(unasked(format!("add: `{wrong}`: {}", text::NO_SLUG)));
        }
        if added.is_empty() && removed.is_empty() {
            return Ok(Answer::default());
        }
        let member = self.member_mut();
        for tag in &added {
            member.add_tag(tag);
        }
        member.tags.retain(|tag| !removed.contains(&tag.as_str()));
        let data = json!({ "added": added, "removed": removed });
        self.deliver("member-tagged", data, self.now)
    }

    pub(super) fn deliver(
        &mut self,
        name: &str,
        data: Value,
        occurred_at: Timestamp,
    ) -> Result<Answer, Fault> {
        self.events += 1;
        let id = format!("evt_{}", self.events);
        let event = Event { id, name: name.to_owned(), occurred_at, data };
        if self.is_left_out || !self.manifest.is_told(name, event.topic().as_deref()) {
            return Ok(Answer::default());
        }
        let unseen = self.unseen_tags();
        self.warnings.extend(unseen);
        let subject = event.subject();
        let state = self.account().states.get(&subject).cloned();
        let context = self.context(occurred_at, &event.id, state);
        let member = self.shown(true);
        self.has_run = true;
        let run = self.engine.on_event(&context, &member, &event, &self.known())?;
        self.carry_out(&event, run.output.clone())
            .map_err(|why| Fault::not_allowed(&self.manifest.id, &why).with_log(run.log.clone()))?;
        let (actions, log) = (run.output, run.log);
        Ok(Answer { is_delivered: true, actions, proposals: Vec::new(), log })
    }
}
