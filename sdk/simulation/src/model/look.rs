//! What the plugin is shown, and the hooks that have no effect.

use super::account::Stored;
use super::{Simulation, unasked};
use crate::Engine;
use jiff::Timestamp;
use perennial_contract::call::{Balance, Context, Member, Purchase, RecordKey, StoredRecord};
use perennial_contract::limits::RECORDS_SHOWN;
use perennial_contract::look_up::Known;
use perennial_contract::{Fault, FaultKind, Hook, Proposed, Readers, grant_proposals};
use serde_json::Value;
use std::sync::Arc;

/// The occasion of a quote, where a purchase has its reference.
const QUOTE: &str = "quote";
/// The id of the main points, which every program has.
const MAIN_POINTS: &str = "points";

impl<E: Engine> Simulation<E> {
    /// What the plugin proposes for a cart. Fails if the manifest does not name the hook.
    pub fn appraise(&self, cart: &Purchase) -> Result<Vec<Proposed>, Fault> {
        self.require(Hook::Appraise, "appraise")?;
        let at = if cart.purchased_on == self.today() {
            self.now
        } else {
            self.start_of(cart.purchased_on)?
        };
        self.ask(cart, at, QUOTE)
    }

    /// What the plugin shows of the member. Fails if the manifest does not name the hook.
    pub fn view(&self) -> Result<Value, Fault> {
        self.require(Hook::View, "view")?;
        let member = self.shown(true);
        let context = self.context(self.now, &member.id, self.state().cloned());
        let records: Vec<_> = self
            .manifest
            .shown_records()
            .flat_map(|record_type| self.newest(record_type))
            .collect();
        Ok(self.engine.view(&context, &member, &records, &self.known())?.output)
    }

    /// What is proposed for a purchase: nothing by a plugin that is not asked.
    pub(super) fn proposed(
        &self,
        purchase: &Purchase,
        at: Timestamp,
    ) -> Result<Vec<Proposed>, Fault> {
        match self.manifest.hooks.contains(&Hook::Appraise) && !self.is_left_out {
            true => self.ask(purchase, at, &purchase.reference),
            false => Ok(Vec::new()),
        }
    }

    fn ask(
        &self,
        purchase: &Purchase,
        at: Timestamp,
        occasion: &str,
    ) -> Result<Vec<Proposed>, Fault> {
        let context = self.context(at, occasion, self.state().cloned());
        let member = self.shown(false);
        let run = self.engine.appraise(&context, &member, purchase, &self.known())?;
        let readers = Readers { member: &member.locale, program: &self.program.locale };
        grant_proposals(&self.manifest, readers, run.output.clone()).map_err(|why| {
            let fault = Fault::of_call(FaultKind::NotAllowed, &self.manifest.id, "appraise", &why);
            fault.with_log(run.log)
        })
    }

    fn require(&self, hook: Hook, name: &str) -> Result<(), Fault> {
        if self.is_left_out {
            return Err(self.not_enabled());
        }
        if self.manifest.hooks.contains(&hook) {
            return Ok(());
        }
        Err(unasked(format!(
            "the manifest does not name the hook `{name}`, so the platform does not ask it"
        )))
    }
}

impl<E> Simulation<E> {
    /// The member as the plugin sees it.
    pub(super) fn shown(&self, with_contacts: bool) -> Member {
        let mut shown = Member::clone(self.member());
        if !(with_contacts && self.manifest.capabilities.contacts) {
            shown.contacts.clear();
        }
        if !self.manifest.capabilities.tags {
            shown.tags.clear();
        }
        shown
    }

    pub(super) fn context(&self, now: Timestamp, occasion: &str, state: Option<Value>) -> Context {
        Context {
            program: self.program.slug.clone(),
            revision: 1,
            now,
            today: self.day_of(now),
            seed: seed(&[&self.program.slug, &self.manifest.id, occasion]),
            config: self.config.clone(),
            state,
        }
    }

    /// What the plugin can look up of the member.
    pub(super) fn known(&self) -> Arc<Known> {
        let account = self.account();
        let own = self.records.iter().filter(|(_, stored)| stored.owner == self.current);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|(_, stored)| stored.number);
        let records = own.into_iter().map(|(key, stored)| self.shown_record(key, stored));
        Arc::new(Known {
            records: records.collect(),
            purchases: account.purchases.iter().rev().cloned().collect(),
            balances: vec![Balance {
                point_type: MAIN_POINTS.to_owned(),
                points: account.member.points,
                pending: 0,
                held: 0,
            }],
            values: account.values.clone(),
            centers: self.centers.clone(),
        })
    }

    /// The member's records of a type, newest first, as many as are shown.
    fn newest(&self, record_type: &str) -> Vec<StoredRecord> {
        let own = self
            .records
            .iter()
            .filter(|(key, stored)| key.record_type == record_type && stored.owner == self.current);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|(_, stored)| std::cmp::Reverse(stored.number));
        let newest = own.into_iter().take(RECORDS_SHOWN);
        newest.map(|(key, stored)| self.shown_record(key, stored)).collect()
    }

    fn shown_record(&self, key: &RecordKey, stored: &Stored) -> StoredRecord {
        StoredRecord {
            key: key.clone(),
            data: stored.data.clone(),
            state: self.account().states.get(&Some(key.clone())).cloned(),
        }
    }
}

/// A number that is the same for the same occasion (FNV-1a): the platform's differ, and a plugin cannot
/// tell.
fn seed(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
