//! What becomes of the plugin in the program: it is left out and enabled, configured, moved to another
//! version.

use super::account::Account;
use super::{Answer, Simulation, VERSION, unasked};
use crate::Engine;
use perennial_contract::Fault;
use perennial_contract::call::RecordKey;
use perennial_contract::events::PLUGIN_CHANGED;
use serde_json::{Value, json};

/// What becomes of the plugin. See [`Simulation::change`].
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The program file leaves it out: it is told nothing, and its timers wait.
    LeftOut,
    /// What it kept and set was taken away, as `perennial plugin purge` does after it was left out.
    Purged,
    /// The program file names it, for the first time or again.
    Enabled,
    /// The program file has another table for it.
    Configured(Value),
    /// The version that there is took the place of this older one.
    UpgradedFrom(String),
    /// The version that there is took the place of this newer one.
    RolledBackFrom(String),
}

impl<E: Engine> Simulation<E> {
    /// Changes the plugin in the program, and delivers `plugin-changed`: about each record of its types,
    /// and about each member – all of them when it was enabled, otherwise those of whom it keeps
    /// something or has a timer. Returns the answers in that order; stops at the first that fails.
    ///
    /// A simulation begins with a plugin that is enabled and was told nothing. To begin with members
    /// and records that were there before it, leave it out first.
    pub fn change(&mut self, change: Change) -> Result<Vec<Answer>, Fault> {
        let runs = self.manifest.version.clone();
        let (name, before) = match change {
            Change::LeftOut => {
                self.is_left_out = true;
                return Ok(Vec::new());
            }
            Change::Purged => return self.purge().map(|()| Vec::new()),
            Change::Enabled => {
                self.is_left_out = false;
                ("enabled", self.has_run.then_some(runs))
            }
            _ if self.is_left_out => return Err(self.not_enabled()),
            Change::Configured(config) => {
                self.configure(config)?;
                ("configured", Some(runs))
            }
            Change::UpgradedFrom(before) => ("upgraded", Some(before)),
            Change::RolledBackFrom(before) => ("rolled-back", Some(before)),
        };
        let version = &self.manifest.version;
        let said = json!({ "change": name, "version": version, "versionBefore": before });
        self.tell_everybody(&said)
    }

    fn tell_everybody(&mut self, said: &Value) -> Result<Vec<Answer>, Fault> {
        let is_for_all = said["change"] == "enabled";
        let mut answers = Vec::new();
        for (owner, key) in self.own_records() {
            let data = &self.records[&key].data;
            let record =
                json!({ "type": key.record_type, "externalId": key.external_id, "data": data });
            answers.push(self.tell(owner, said, record)?);
        }
        for owner in 0..self.accounts.len() {
            if is_for_all || self.accounts[owner].is_known() {
                answers.push(self.tell(owner, said, Value::Null)?);
            }
        }
        Ok(answers)
    }

    /// Afterwards the simulation is about whom it was.
    fn tell(&mut self, owner: usize, said: &Value, record: Value) -> Result<Answer, Fault> {
        let mut data = said.clone();
        data["record"] = record;
        let before = std::mem::replace(&mut self.current, owner);
        let answer = self.deliver(PLUGIN_CHANGED, data, self.now);
        self.current = before;
        answer
    }
}

impl<E> Simulation<E> {
    /// Those of the plugin's types, type by type, the oldest first, and whose they are.
    fn own_records(&self) -> Vec<(usize, RecordKey)> {
        let is_own = |key: &RecordKey| self.manifest.records.contains_key(&key.record_type);
        let mut own: Vec<_> = self.records.iter().filter(|(key, _)| is_own(key)).collect();
        own.sort_by_key(|(key, stored)| (key.record_type.clone(), stored.number));
        own.into_iter().map(|(key, stored)| (stored.owner, key.clone())).collect()
    }

    fn configure(&mut self, mut config: Value) -> Result<(), Fault> {
        if let Some(table) = config.as_object_mut() {
            table.remove(VERSION);
        }
        let misfit = self.manifest.check_config(&config);
        misfit.map_err(|misfit| {
            unasked(misfit.at(format!("plugins.{}", self.manifest.id)).to_string())
        })?;
        self.config = config;
        Ok(())
    }

    fn purge(&mut self) -> Result<(), Fault> {
        if !self.is_left_out {
            let id = &self.manifest.id;
            let why = format!("the program file names `{id}`: take it out and apply the file");
            return Err(unasked(why));
        }
        self.accounts.iter_mut().for_each(Account::forget);
        self.has_run = false;
        Ok(())
    }

    pub(super) fn not_enabled(&self) -> Fault {
        unasked(format!("the program enables no plugin `{}`", self.manifest.id))
    }
}
