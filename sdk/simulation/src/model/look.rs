//! What the plugin is shown, and the hooks that have no effect.

use super::{Simulation, unasked};
use crate::Engine;
use jiff::Timestamp;
use perennial_contract::call::{Context, Member, Purchase, RecordKey, StoredRecord};
use perennial_contract::limits::RECORDS_SHOWN;
use perennial_contract::{Fault, FaultKind, Hook, Proposal, grant_proposals};
use serde_json::Value;

/// The occasion of a quote, where a purchase has its reference.
const QUOTE: &str = "quote";

impl<E: Engine> Simulation<E> {
    /// What the plugin proposes for a cart. Fails if the manifest does not name the hook.
    pub fn appraise(&self, cart: &Purchase) -> Result<Vec<Proposal>, Fault> {
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
        Ok(self.engine.view(&context, &member, &records)?.output)
    }

    /// What is proposed for a purchase: nothing by a plugin that is not asked.
    pub(super) fn proposed(
        &self,
        purchase: &Purchase,
        at: Timestamp,
    ) -> Result<Vec<Proposal>, Fault> {
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
    ) -> Result<Vec<Proposal>, Fault> {
        let context = self.context(at, occasion, self.state().cloned());
        let run = self.engine.appraise(&context, &self.shown(false), purchase)?;
        grant_proposals(&self.manifest, &run.output).map_err(|why| {
            let fault = Fault::of_call(FaultKind::NotAllowed, &self.manifest.id, "appraise", &why);
            fault.with_log(run.log)
        })?;
        Ok(run.output)
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

    /// The member's records of a type, newest first, as many as are shown.
    fn newest(&self, record_type: &str) -> Vec<StoredRecord> {
        let own = self
            .records
            .iter()
            .filter(|(key, stored)| key.record_type == record_type && stored.owner == self.current);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|(_, stored)| std::cmp::Reverse(stored.number));
        let stored = |(key, stored): (&RecordKey, &super::Stored)| StoredRecord {
            key: key.clone(),
            data: stored.data.clone(),
            state: self.account().states.get(&Some(key.clone())).cloned(),
        };
        own.into_iter().take(RECORDS_SHOWN).map(stored).collect()
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
