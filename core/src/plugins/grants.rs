//! What a plugin may do, in words of people who do not read manifests, and whether one version may
//! do more than another.

use crate::runtime::{Foreign, Hook, Manifest};
use std::collections::BTreeSet;

/// What a manifest asks for. Whatever it does not name is refused when the plugin runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the manifest")]
pub struct Grants {
    /// The most for one event, and for one purchase if it appraises.
    points: i64,
    /// The most points that it takes at one event.
    deducts: i64,
    contacts: bool,
    purchases: bool,
    balances: bool,
    directory: bool,
    tags: bool,
    timers: bool,
    /// What it is asked besides events.
    hooks: BTreeSet<Hook>,
    events: BTreeSet<String>,
    templates: BTreeSet<String>,
    /// Events of its own.
    raises: BTreeSet<String>,
    /// Record types that it is shown.
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
}

impl Grants {
    pub fn of(manifest: &Manifest) -> Self {
        let may = &manifest.capabilities;
        let foreign = may.reads_records.iter().map(|name| spoken(name));
        Self {
            points: may.points_per_event_max,
            deducts: may.deducts_per_event_max,
            contacts: may.contacts,
            purchases: may.purchases,
            balances: may.balances,
            directory: may.directory,
            tags: may.tags,
            timers: may.timers,
            hooks: manifest.hooks.clone(),
            events: manifest.subscribes.iter().map(|name| spoken(name)).collect(),
            raises: manifest.events.keys().cloned().collect(),
            templates: manifest.templates().into_iter().map(str::to_owned).collect(),
            reads: manifest.records.keys().map(|own| spoken(own)).chain(foreign).collect(),
            writes: may.writes_records.iter().map(|name| spoken(name)).collect(),
        }
    }

    /// All of it, one sentence each, without the subject.
    pub fn sentences(&self) -> Vec<String> {
        self.wider_than(&Self::default())
    }

    /// What of it the other does not cover, one sentence each; empty if it asks for nothing more.
    pub fn wider_than(&self, approved: &Self) -> Vec<String> {
        let more = |mine: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            let more: Vec<_> = mine.difference(theirs).map(String::as_str).collect();
            (more.len(), more.join(", "))
        };
        let of_names = |(count, names): (usize, String), one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("{one} {names}")),
            _ => Some(format!("{many} {names}")),
        };
        let is_new = |mine: bool, theirs: bool, sentence: &str| {
            (mine && !theirs).then(|| sentence.to_owned())
        };
        let (events, templates) =
            (more(&self.events, &approved.events), more(&self.templates, &approved.templates));
        let (reads, writes) =
            (more(&self.reads, &approved.reads), more(&self.writes, &approved.writes));
        [
            of_names(events, "receives the event", "receives the events"),
            self.gives(approved),
            self.takes(approved),
            self.proposes(approved),
            of_names(
                templates,
                "sends messages from its template",
                "sends messages from its templates",
            ),
            is_new(self.timers, approved.timers, "sets timers"),
            is_new(
                self.contacts,
                approved.contacts,
                "sees the ids, roles and languages of contacts",
            ),
            is_new(
                self.purchases,
                approved.purchases,
                "looks up what members have bought and when",
            ),
            is_new(
                self.balances,
                approved.balances,
                "looks up what members have of each type of points",
            ),
            is_new(
                self.directory,
                approved.directory,
                "looks up the service network, with phones and addresses",
            ),
            is_new(self.tags, approved.tags, "sees, adds and removes members' tags"),
            of_names(
                more(&self.raises, &approved.raises),
                "raises the event of its own",
                "raises the events of its own",
            ),
            of_names(reads, "sees records of the type", "sees records of the types"),
            of_names(writes, "writes records of the type", "writes records of the types"),
            is_new(
                self.hooks.contains(&Hook::View),
                approved.hooks.contains(&Hook::View),
                "shows data to members and operators",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn gives(&self, approved: &Self) -> Option<String> {
        let Self { points, .. } = self;
        match approved.points {
            before if *points <= before => None,
            0 => Some(format!("gives up to {points} points for one event")),
            before => {
                Some(format!("gives up to {points} points for one event, instead of {before}"))
            }
        }
    }

    fn takes(&self, approved: &Self) -> Option<String> {
        let Self { deducts, .. } = self;
        match approved.deducts {
            before if *deducts <= before => None,
            0 => Some(format!("takes up to {deducts} points at one event")),
            before => {
                Some(format!("takes up to {deducts} points at one event, instead of {before}"))
            }
        }
    }

    fn proposes(&self, approved: &Self) -> Option<String> {
        let Self { points, .. } = self;
        let appraises = |grants: &Self| grants.hooks.contains(&Hook::Appraise);
        match (appraises(self), appraises(approved), approved.points) {
            (false, ..) => None,
            (true, false, _) if *points == 0 => {
                Some("is asked about every purchase and every cart".to_owned())
            }
            (true, false, _) => Some(format!(
                "is asked about every purchase and every cart, and may propose up to {points} points"
            )),
            (true, true, before) => (*points > before).then(|| {
                format!("may propose up to {points} points for a purchase, instead of {before}")
            }),
        }
    }
}

/// A record type as it is said: another's with whose it is.
fn spoken(name: &str) -> String {
    Foreign::named(name).map_or_else(
        || name.to_owned(),
        |Foreign { owner, record_type }| format!("{record_type} of the plugin {owner}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    const ALL: &str = r#"
        id = "tea"
        name = "Tea"
        version = "1.0.0"
        subscribes = ["member-joined", "purchase-recorded"]
        hooks = ["appraise", "view"]
        capabilities = { contacts = true, purchases = true, balances = true, messages = true, timers = true, directory = true, tags = true, deducts-per-event-max = 50, writes-records = ["offer"], points-per-event-max = 100 }
        records = { equipment = {}, offer = {} }
        events = { brewed = {} }
        messages.a.en = { subject = "A", body = "A" }
        messages.b.en = { subject = "B", body = "B" }
    "#;

    #[test]
    fn records_of_others_are_said_with_whose_they_are() {
        let all = grants("", "");
        let more = grants(
            "writes-records = [\"offer\"]",
            "reads-records = [\"machinery/machine\"], writes-records = [\"machinery/machine\", \"offer\"]",
        );
        assert_snapshot!(more.wider_than(&all).join("\n"), @r"
        sees records of the type machine of the plugin machinery
        writes records of the type machine of the plugin machinery
        ");
        assert!(all.wider_than(&more).is_empty());
    }

    fn grants(from: &str, to: &str) -> Grants {
        assert!(from.is_empty() || ALL.contains(from), "{from}");
        Grants::of(&Manifest::parse(&ALL.replacen(from, to, 1)).unwrap())
    }

    #[test]
    fn all_of_it_is_said() {
        assert_snapshot!(grants("", "").sentences().join("\n"), @r"
        receives the events member-joined, purchase-recorded
        gives up to 100 points for one event
        takes up to 50 points at one event
        is asked about every purchase and every cart, and may propose up to 100 points
        sends messages from its templates a, b
        sets timers
        sees the ids, roles and languages of contacts
        looks up what members have bought and when
        looks up what members have of each type of points
        looks up the service network, with phones and addresses
        sees, adds and removes members' tags
        raises the event of its own brewed
        sees records of the types equipment, offer
        writes records of the type offer
        shows data to members and operators
        ");
        let nothing = "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"";
        assert!(Grants::of(&Manifest::parse(nothing).unwrap()).sentences().is_empty());
    }

    /// What less may be approved, and what is then said to be new.
    const NEW: &[(&str, &str, &str)] = &[
        ("\"member-joined\", ", "", "receives the event member-joined"),
        (
            "points-per-event-max = 100",
            "points-per-event-max = 40",
            "gives up to 100 points for one event, instead of 40; \
             may propose up to 100 points for a purchase, instead of 40",
        ),
        (
            "\"appraise\", ",
            "",
            "is asked about every purchase and every cart, and may propose up to 100 points",
        ),
        (", \"view\"", "", "shows data to members and operators"),
        ("messages.b.en", "messages.a.de", "sends messages from its template b"),
        ("timers = true", "timers = false", "sets timers"),
        ("max = 50", "max = 5", "takes up to 50 points at one event, instead of 5"),
        ("deducts-per-event-max = 50, ", "", "takes up to 50 points at one event"),
        (
            "directory = true",
            "directory = false",
            "looks up the service network, with phones and addresses",
        ),
        ("tags = true", "tags = false", "sees, adds and removes members' tags"),
        ("brewed = {}", "", "raises the event of its own brewed"),
        ("contacts = true", "contacts = false", "sees the ids, roles and languages of contacts"),
        ("purchases = true, ", "", "looks up what members have bought and when"),
        ("balances = true, ", "", "looks up what members have of each type of points"),
        ("equipment = {}, ", "", "sees records of the type equipment"),
        ("writes-records = [\"offer\"]", "writes-records = []", "writes records of the type offer"),
    ];

    #[test]
    fn each_right_by_itself_is_wider_and_its_loss_is_not() {
        let all = grants("", "");
        assert!(all.wider_than(&all).is_empty());
        for (from, to, said) in NEW {
            let less = grants(from, to);
            assert_eq!(all.wider_than(&less).join("; "), *said);
            assert!(less.wider_than(&all).is_empty(), "{said}");
        }
    }
}
