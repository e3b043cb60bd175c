//! Beginning a simulation.

use super::account::Account;
use super::{Simulation, VERSION, day};
use crate::engine::Packaged;
use crate::{Member, Program};
use jiff::civil::Date;
use perennial_contract::{Clash, Manifest, side_by_side, time};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words that a panic shows as they are.
struct Said(String);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Packaged> Simulation<E> {
    /// Starts at the first instant of a day such as `2026-11-22`, with the plugin's manifest and its
    /// table of the program file. No default of a schema is filled in: the platform fills in none.
    ///
    /// # Panics
    ///
    /// If `today` is not a date, or the platform would refuse the manifest or the configuration.
    pub fn new(today: &str, config: Value, member: Member) -> Self {
        Self::in_program(Program::default(), today, config, vec![member])
    }

    /// Starts in a program of its own, with several members.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new), or if there is no member.
    pub fn in_program(program: Program, today: &str, config: Value, members: Vec<Member>) -> Self {
        let (engine, manifest) = E::package();
        let manifest = Manifest::parse(&manifest).expect("the platform takes the manifest");
        let begun = Self::begin(engine, manifest, program, day(today), config, members);
        begun.map_err(Said).expect("the platform takes the configuration")
    }
}

impl<E> Simulation<E> {
    /// Puts another plugin beside it, by the text of its `plugin.toml`: one whose records this plugin
    /// is shown. It does nothing, and what is put are records of its types.
    ///
    /// # Panics
    ///
    /// If the platform would refuse the manifest, or the two together.
    pub fn beside(&mut self, manifest: &str) {
        let other = Manifest::parse(manifest).expect("the platform takes the manifest");
        let put = self.put_beside([other]);
        put.map_err(Said).expect("the platform enables the plugins together");
    }

    /// Fails with why the platform would not enable them together.
    pub(crate) fn put_beside(
        &mut self,
        others: impl IntoIterator<Item = Manifest>,
    ) -> Result<(), String> {
        self.others.extend(others);
        let all: Vec<_> = self.others.iter().chain([&self.manifest]).collect();
        let said = |clash: Clash| format!("plugins.{}: {clash}", clash.plugin());
        side_by_side(&all, &[]).map_err(said)
    }

    /// Fails with why the platform would not begin.
    pub(crate) fn begin(
        engine: E,
        manifest: Manifest,
        program: Program,
        today: Date,
        mut config: Value,
        members: Vec<Member>,
    ) -> Result<Self, String> {
        if let Some(table) = config.as_object_mut() {
            table.remove(VERSION);
        }
        manifest
            .check_config(&config)
            .map_err(|misfit| misfit.at(format!("plugins.{}", manifest.id)).to_string())?;
        if members.is_empty() {
            return Err("there is no member".to_owned());
        }
        let now = time::start_of(today, &program.zone)?;
        Ok(Self {
            engine,
            manifest,
            others: Vec::new(),
            program,
            config,
            is_left_out: false,
            has_run: false,
            now,
            accounts: members.into_iter().map(Account::of).collect(),
            current: 0,
            records: BTreeMap::new(),
            centers: Vec::new(),
            events: 0,
            made: 0,
            warnings: Vec::new(),
        })
    }
}
