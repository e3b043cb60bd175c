//! Which documents are for whom, and what somebody is sent of them today: pure, and without the
//! platform.

use crate::config::{Config, Document};
use perennial_sdk::{Contact, Date, Failure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The models and the categories that are kept of a member, each.
pub(crate) const KNOWN_MAX: usize = 100;
/// The longest of them that are kept.
const NAME_BYTES: usize = 100;
/// The contacts of a member who are written to, the first ones.
pub(crate) const CONTACTS_MAX: usize = 25;
/// A parameter of a message has at most 2 KiB.
const LIST_BYTES: usize = 2000;

/// What the plugin remembers of a member.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct State {
    /// Of the member's machines.
    pub(crate) models: BTreeSet<String>,
    /// Of what the member bought.
    pub(crate) categories: BTreeSet<String>,
    /// By document, the contacts who have got it.
    pub(crate) sent: BTreeMap<String, BTreeSet<String>>,
    pub(crate) looked_on: Option<Date>,
    pub(crate) opted_out: bool,
    pub(crate) contacts_out: BTreeSet<String>,
}

/// As the record says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OptOut {
    opt_out: bool,
    contact_id: Option<String>,
}

/// What one contact is sent today, never empty.
pub(crate) struct Letter<'a> {
    pub(crate) contact: &'a Contact,
    pub(crate) documents: Vec<(&'a String, &'a Document)>,
    /// Whether something is left for another day.
    pub(crate) is_cut: bool,
}

impl State {
    /// Keeps what was met newly, unless there is too much already.
    pub(crate) fn meet(known: &mut BTreeSet<String>, name: &str) {
        if known.len() < KNOWN_MAX && name.len() <= NAME_BYTES {
            known.insert(name.to_owned());
        }
    }

    /// Whether a document is about something that the member has.
    pub(crate) fn concerns(&self, document: &Document) -> bool {
        let is_for_all = document.models.is_empty() && document.categories.is_empty();
        is_for_all
            || document.models.iter().any(|model| self.models.contains(model))
            || document.categories.iter().any(|category| self.categories.contains(category))
    }

    pub(crate) fn choose(&mut self, choice: OptOut) {
        match (choice.contact_id, choice.opt_out) {
            (None, opt_out) => self.opted_out = opt_out,
            (Some(contact), true) if self.contacts_out.len() < KNOWN_MAX => {
                self.contacts_out.insert(contact);
            }
            (Some(contact), _) => drop(self.contacts_out.remove(&contact)),
        }
    }

    /// The letters that are due, in the order of the contacts.
    pub(crate) fn letters<'a>(
        &self,
        config: &'a Config,
        contacts: &'a [Contact],
        today: Date,
    ) -> Vec<Letter<'a>> {
        let wants =
            |contact: &&Contact| !self.opted_out && !self.contacts_out.contains(&contact.id);
        let contacts = contacts.iter().take(CONTACTS_MAX).filter(wants);
        let letters = contacts.map(|contact| {
            let due = config.documents.iter().filter(|(key, document)| {
                let had = self.sent.get(*key).is_some_and(|sent| sent.contains(&contact.id));
                let is_theirs = document.roles.contains(&contact.role);
                is_theirs && !had && document.is_out(today) && self.concerns(document)
            });
            let mut due: Vec<_> = due.collect();
            due.sort_by_key(|(_, document)| document.from);
            let fit = how_many_fit(&due, &contact.locale);
            let is_cut = fit < due.len();
            due.truncate(fit);
            Letter { contact, documents: due, is_cut }
        });
        letters.filter(|letter| !letter.documents.is_empty()).collect()
    }

    pub(crate) fn mark(&mut self, letter: &Letter<'_>) {
        for (key, _) in &letter.documents {
            let sent = self.sent.entry((*key).clone()).or_default();
            sent.insert(letter.contact.id.clone());
        }
    }

    /// Forgets documents that are in the program file no longer, and contacts who left.
    pub(crate) fn forget(&mut self, config: &Config, contacts: &[Contact]) {
        let is_here = |id: &String| contacts.iter().any(|contact| contact.id == *id);
        self.sent.retain(|key, sent| {
            sent.retain(&is_here);
            config.documents.contains_key(key) && !sent.is_empty()
        });
        self.contacts_out.retain(&is_here);
    }
}

/// The next day with something to look for.
pub(crate) fn next_look(config: &Config, today: Date, is_cut: bool) -> Result<Date, Failure> {
    if is_cut {
        return today.plus_days(1);
    }
    let coming = config.documents.values().filter_map(|document| document.from);
    let next = coming.filter(|from| *from > today).min().unwrap_or(Date::MAX);
    Ok(next.min(today.plus_days(config.look_every_days)?))
}

/// A line of a digest.
pub(crate) fn line(document: &Document, locale: &str) -> String {
    format!("– {}: {}\n", document.title_in(locale), document.url_in(locale))
}

fn how_many_fit(documents: &[(&String, &Document)], locale: &str) -> usize {
    let mut bytes = 0;
    let fits = |(_, document): &&(&String, &Document)| {
        bytes += line(document, locale).len();
        bytes <= LIST_BYTES
    };
    documents.iter().take_while(fits).count()
}
