//! The platform, as far as a plugin meets it.

mod account;
mod carry;
mod change;
mod deliver;
mod look;
mod setup;
mod timers;
mod warnings;

pub use account::{Awarded, Raised, Sent};
pub use change::Change;

use crate::program::{Program, day};
use crate::{Line, Member};
use account::{Account, Stored};
use jiff::{Timestamp, civil::Date};
use perennial_contract::call::{RecordKey, ServiceCenter};
use perennial_contract::{Action, Fault, FaultKind, Manifest, Proposed, time};
use serde_json::Value;
use std::collections::BTreeMap;

/// One plugin, the members of a program, and a clock. What a call fails with is what the platform
/// would say of it, and it has none of the plugin's effects.
///
/// It is about one member at a time: the first, until [`turn_to`](Self::turn_to) names another.
#[derive(Debug)]
pub struct Simulation<E> {
    engine: E,
    manifest: Manifest,
    /// Of the plugins beside it.
    others: Vec<Manifest>,
    program: Program,
    config: Value,
    /// Whether the program leaves the plugin out at the moment.
    is_left_out: bool,
    /// Whether the plugin was told anything, and was not purged since.
    has_run: bool,
    now: Timestamp,
    accounts: Vec<Account>,
    /// Which account it is about.
    current: usize,
    records: BTreeMap<RecordKey, Stored>,
    /// The program's service network.
    centers: Vec<ServiceCenter>,
    /// How many events there were, and how many timers and records were made.
    events: u64,
    made: u64,
    warnings: Vec<String>,
}

/// The one key of a plugin's table in the program file that is the platform's.
const VERSION: &str = "version";

/// What became of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Whether the plugin was told of the event: it was not if the manifest does not subscribe to it.
    pub is_delivered: bool,
    /// What the plugin asked for, and got.
    pub actions: Vec<Action>,
    /// What it had proposed for the purchase that the event is about.
    pub proposals: Vec<Proposed>,
    /// What it logged meanwhile, as `level: message`.
    pub log: Vec<String>,
}

impl Answer {
    /// Whether the plugin asked for nothing.
    pub const fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.proposals.is_empty()
    }
}

impl<E> Simulation<E> {
    /// The member that it is about.
    pub fn member(&self) -> &Member {
        &self.account().member
    }

    /// The member that it is about, to be changed as an operator would.
    pub fn member_mut(&mut self) -> &mut Member {
        &mut self.accounts[self.current].member
    }

    /// Goes on with another member, by the external id.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn turn_to(&mut self, external_id: &str) {
        assert!(self.try_turn_to(external_id), "there is no member `{external_id}`");
    }

    pub(crate) fn try_turn_to(&mut self, external_id: &str) -> bool {
        let found = self.accounts.iter().position(|it| it.member.external_id == external_id);
        self.current = found.unwrap_or(self.current);
        found.is_some()
    }

    /// All messages to the member so far, oldest first.
    pub fn sent(&self) -> &[Sent] {
        &self.account().sent
    }

    /// The points that the plugin gave the member so far: awards, and what it proposed for purchases
    /// that were recorded, less what it took.
    pub fn points(&self) -> i64 {
        self.account().points
    }

    /// Each time that the plugin gave the member points at an event so far, or took some, with the reason
    /// as the member reads it, oldest first.
    pub fn awarded(&self) -> &[Awarded] {
        &self.account().awarded
    }

    /// The events that the plugin raised about the member so far, oldest first.
    pub fn raised(&self) -> &[Raised] {
        &self.account().raised
    }

    /// Puts a service center that the plugin can look up. With a distance it is that far from wherever the
    /// plugin looks.
    pub fn put_center(&mut self, center: ServiceCenter) {
        self.centers.push(center);
    }

    /// What the platform lets pass and the plugin's author has probably not meant, so far: a timer that
    /// is cancelled where none waits while one of its name waits elsewhere, a message whose moment has
    /// passed.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The current data of a record.
    pub fn record(&self, record_type: &str, external_id: &str) -> Option<&Value> {
        self.records.get(&key(record_type, external_id)).map(|stored| &stored.data)
    }

    /// What the plugin keeps of the member.
    pub fn state(&self) -> Option<&Value> {
        self.account().states.get(&None)
    }

    /// What the plugin keeps of a record of the member.
    pub fn state_of(&self, record_type: &str, external_id: &str) -> Option<&Value> {
        self.account().states.get(&Some(key(record_type, external_id)))
    }

    /// What the plugin keeps of the member under a key of its own.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.account().values.get(key)
    }

    /// The days on which the timers of the member are due, by name: `reminder`, or
    /// `reminder machine/press-7` if it is about a record.
    pub fn timers(&self) -> BTreeMap<String, Date> {
        let day = |due| time::date_in(due, &self.program.zone);
        self.timers_due().into_iter().map(|(name, due)| (name, day(due))).collect()
    }

    /// The instants at which the timers of the member are due, by name.
    pub fn timers_due(&self) -> BTreeMap<String, Timestamp> {
        let timers = self.account().timers.iter();
        timers.map(|(place, timer)| (place.to_string(), timer.due)).collect()
    }

    /// The current day, in the program's time zone.
    pub fn today(&self) -> Date {
        self.day_of(self.now)
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    fn account(&self) -> &Account {
        &self.accounts[self.current]
    }

    fn day_of(&self, instant: Timestamp) -> Date {
        time::date_in(instant, &self.program.zone)
    }

    fn start_of(&self, date: Date) -> Result<Timestamp, Fault> {
        time::start_of(date, &self.program.zone).map_err(unasked)
    }
}

fn key(record_type: &str, external_id: &str) -> RecordKey {
    RecordKey { record_type: record_type.to_owned(), external_id: external_id.to_owned() }
}

/// What the platform refuses before any plugin is asked.
fn unasked(why: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Host, why)
}
