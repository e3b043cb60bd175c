//! Living through a member's history.

use super::booked::booked;
use super::history::{self, Past, Seen, Since};
use super::look_ups::Standing;
use super::purchases::appraised;
use super::report::{Failure, Given, Lived};
use super::told::Told;
use super::world::World;
use crate::context::{Context, Enabled, Program};
use crate::events::RAISING_DEPTH_MAX;
use crate::members::{Contact, Member, Members};
use crate::messages::is_too_late;
use crate::plugins::{circumstances, newcomer};
use crate::runtime::{
    self, Event, Fault, Granted, Hook, Manifest, Occasion, Readers, Shown, grant, grant_proposals,
};
use crate::{Actor, Result, Timestamp};
use std::sync::Arc;

/// How often the plugin is called for one member.
const CALLS_MAX: u64 = 20_000;

/// What all members' lives have in common.
pub(super) struct Life<'a> {
    pub(super) context: &'a Context,
    pub(super) actor: &'a Actor,
    pub(super) program: &'a Program,
    pub(super) plugin: &'a Enabled,
    pub(super) since: Since,
}

/// When the plugin is told something.
#[derive(Clone, Copy)]
struct Moment {
    at: Timestamp,
    /// What could be taken of the member.
    points: i64,
    /// Whether it stands so far in front in its chain that the plugin may raise events.
    may_raise: bool,
}

impl Moment {
    /// That of an event so deep in its chain.
    const fn of(at: Timestamp, depth: i32) -> Self {
        Self { at, points: 0, may_raise: depth < RAISING_DEPTH_MAX }
    }
}

/// A member's life under way.
struct Living<'a> {
    life: &'a Life<'a>,
    member: &'a Member,
    contacts: Vec<Contact>,
    seen: Seen,
    world: World,
    /// The latest that anything happened.
    now: Timestamp,
    lived: Lived,
}

impl Life<'_> {
    /// What the plugin gave a member, and what it would have given.
    pub(super) async fn of(&self, member: Member) -> Result<Lived> {
        let Self { context, actor, program, plugin, .. } = self;
        let events = history::events(context, program, &plugin.id, member.id).await?;
        let contacts = match plugin.sees_contacts() {
            true => Members { context }.contacts_many(actor, &[member.id]).await?,
            false => Vec::new(),
        };
        let mut living = Living {
            life: self,
            seen: history::seen(context, program, &plugin.id, member.id).await?,
            world: World::of(Told::of(newcomer(program, &member, contacts.clone()), plugin)),
            now: Timestamp::EPOCH,
            lived: Lived::of(&member),
            member: &member,
            contacts,
        };
        living.through(&events).await;
        let mut lived = living.lived;
        lived.was = booked(context, actor, &plugin.id, member.id).await?;
        lived.was.extend(events.iter().filter_map(|past| past.raised_by(&plugin.id)));
        Ok(lived)
    }
}

impl Living<'_> {
    async fn through(&mut self, events: &[Past]) {
        for (index, past) in events.iter().enumerate() {
            if self.is_over() {
                return;
            }
            let later = &events[index..];
            self.fires_until(past.at, later).await;
            self.now = self.now.max(past.at);
            self.appraises(past).await;
            self.world.goes_on(past, past.is_its_doing(self.life.since));
            let told = self.after_commit(past, &later[1..]);
            self.is_told(past, told).await;
        }
        self.fires_until(self.life.program.now, &[]).await;
    }

    /// The member after all that was recorded with an event, which is when plugins are told.
    fn after_commit(&self, past: &Past, later: &[Past]) -> runtime::Member {
        let mut told = self.world.told.clone();
        let same = later.iter().take_while(|next| next.recorded_at == past.recorded_at);
        same.for_each(|next| told.goes_on(next, next.is_its_doing(self.life.since)));
        match self.seen.at_events.get(&past.event.id) {
            Some(seen) => told.with_tags(seen),
            None => told.member,
        }
    }

    /// What fired then fires where it did; what the plugin has set otherwise, when it is due.
    async fn fires_until(&mut self, now: Timestamp, later: &[Past]) {
        let fires_later = |timer: &super::world::Timer| {
            later.iter().any(|past| past.is_handled && timer.is_of(&past.event))
        };
        // No timer is set within the hour of a firing, but there are many hours.
        while let Some(timer) = self.world.next_due(now, fires_later) {
            if self.is_over() {
                return;
            }
            let id = format!("{}/{}/{}", self.member.id, timer.name, timer.due);
            self.now = self.now.max(timer.due);
            let event = self.world.fire(&timer, id);
            let told = self.world.told.member.clone();
            self.delivers(&event, Moment::of(timer.due, 0), told).await;
        }
    }

    /// Whether the member is followed no further; that is said once.
    fn is_over(&mut self) -> bool {
        let is_over = self.lived.calls >= CALLS_MAX;
        if is_over && !std::mem::replace(&mut self.lived.is_cut, true) {
            self.lived.failures.push(Failure::gave_up(self.now, CALLS_MAX));
        }
        is_over
    }

    async fn is_told(&mut self, past: &Past, told: runtime::Member) {
        let (event, since) = (&past.event, self.life.since);
        if event.name == "timer-fired" {
            if past.is_handled
                && let Some(timer) = self.world.fired(event)
            {
                let event = self.world.fire(&timer, event.id.clone());
                self.delivers(&event, Moment::of(past.at, past.depth), told).await;
            }
            return;
        }
        let manifest = &self.life.plugin.component.manifest;
        if manifest.is_told(&event.name, event.topic().as_deref())
            && past.is_told(since, &self.life.plugin.id)
        {
            self.delivers(event, Moment::of(past.at, past.depth), told).await;
        }
    }

    async fn delivers(&mut self, event: &Event, moment: Moment, told: runtime::Member) {
        let at = moment.at;
        let Life { context, program, plugin, .. } = self.life;
        let subject = event.subject();
        let state = self.world.state(subject.as_ref());
        let cx = circumstances(program, plugin, at, &event.id, state);
        let (component, known) = (&plugin.component, self.standing());
        let run = context.runtime.on_event(component, &cx, Some(&told), event, &known).await;
        self.lived.calls += 1;
        let granted = run.and_then(|run| {
            self.lived.fuel += run.fuel;
            let granted = self.grants(event, at, run.output);
            granted.map_err(|why| Fault::not_allowed(&plugin.id, &why))
        });
        match granted {
            Ok(granted) => {
                let points = told.points.max(0);
                self.carry_out(granted, subject.as_ref(), Moment { points, ..moment });
            }
            Err(fault) => self.lived.failures.push(Failure::of(at, &event.name, &fault)),
        }
    }

    /// What it can look up.
    fn standing(&self) -> Standing<'_> {
        Standing { life: self.life, known: self.world.known() }
    }

    fn grants(
        &self,
        event: &Event,
        at: Timestamp,
        actions: Vec<runtime::Action>,
    ) -> Result<Vec<Granted>, String> {
        let Life { program, plugin, .. } = self.life;
        let shown = |contact: &Contact| Shown {
            id: contact.id.to_string(),
            locale: contact.locale.clone(),
        };
        let contacts: Vec<_> = self.contacts.iter().map(shown).collect();
        let beside = program.enabled().filter(|other| other.id != plugin.id);
        let others: Vec<&Manifest> = beside.map(|other| &*other.component.manifest).collect();
        let occasion = Occasion {
            manifest: &plugin.component.manifest,
            others: &others,
            readers: self.readers(),
            contacts: &contacts,
            zone: &program.definition.zone,
            event: &event.name,
            occurred_at: at.instant(),
        };
        grant(&occasion, actions)
    }

    fn readers(&self) -> Readers<'_> {
        let program = &self.life.program.definition.locale;
        Readers { member: &self.member.locale, program }
    }

    fn carry_out(
        &mut self,
        granted: Vec<Granted>,
        subject: Option<&runtime::RecordKey>,
        moment: Moment,
    ) {
        let (at, mut points_left) = (moment.at, moment.points);
        for one in granted {
            match &one {
                Granted::Award { key, points, .. } => {
                    points_left = points_left.saturating_add(*points);
                    self.lived.would.push(Given::award(at, key, *points));
                }
                // Of nothing nothing is taken, and nothing tells of it.
                Granted::Deduct { key, points, .. } if points_left > 0 => {
                    points_left -= points_left.min(*points);
                    self.lived.would.push(Given::deduction(at, key, *points));
                }
                Granted::Raise { name, .. } if moment.may_raise => {
                    self.lived.would.push(Given::event(at, name));
                }
                Granted::Message { template, contact, .. } if !is_too_late(self.now, at) => {
                    let contact = contact.map(|index| self.contacts[index].id);
                    self.lived.would.push(Given::message(at, template, contact));
                }
                _ => {}
            }
            self.world.carry_out(subject.cloned(), one);
        }
    }

    /// Asks what a purchase is worth, about the member as it stood before.
    async fn appraises(&mut self, past: &Past) {
        let Life { context, program, plugin, since, .. } = self.life;
        let manifest = Arc::clone(&plugin.component.manifest);
        let is_there = match since {
            Since::Beginning => true,
            Since::Instant(since) => past.recorded_at >= *since,
        };
        if past.event.name != "purchase-recorded"
            || !manifest.hooks.contains(&Hook::Appraise)
            || !is_there
        {
            return;
        }
        let Some((id, purchase)) = appraised(past) else { return };
        let state = self.world.state(None);
        let cx = circumstances(program, plugin, past.at, &purchase.reference, state);
        let mut told = self.world.told.member.clone();
        told.contacts.clear();
        if let Some(seen) = self.seen.at_purchases.get(&id) {
            told = self.world.told.with_tags(seen);
        }
        let (component, known) = (&plugin.component, self.standing());
        let run = context.runtime.appraise(component, &cx, &told, &purchase, &known).await;
        self.lived.calls += 1;
        let proposed = run.and_then(|run| {
            self.lived.fuel += run.fuel;
            let granted = grant_proposals(&manifest, self.readers(), run.output);
            granted.map_err(|why| Fault::not_allowed(&plugin.id, &why))
        });
        match proposed {
            Ok(proposed) => self.lived.would.extend(
                proposed
                    .into_iter()
                    .map(|one| Given::proposal(past.at, &purchase.reference, &one.key, one.points)),
            ),
            Err(fault) => self.lived.failures.push(Failure::of(past.at, "appraise", &fault)),
        }
    }
}
