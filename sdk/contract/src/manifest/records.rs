//! Whose records and events a plugin deals with. Those of the types that it declares are its own; those of another
//! plugin it is shown, and may write, if its manifest names them with their owner: `machinery/machine`.

use super::Manifest;

/// A record type of another plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foreign<'a> {
    /// The plugin that declares it.
    pub owner: &'a str,
    pub record_type: &'a str,
}

/// Whose a record type is that a plugin may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    Own,
    Of(&'a str),
}

impl<'a> Foreign<'a> {
    /// Reads `OWNER/TYPE`.
    pub fn named(name: &'a str) -> Option<Self> {
        let (owner, record_type) = name.split_once('/')?;
        Some(Self { owner, record_type })
    }
}

impl Manifest {
    /// The types of other plugins whose records it is shown.
    pub fn foreign_records(&self) -> impl Iterator<Item = Foreign<'_>> {
        self.capabilities.reads_records.iter().filter_map(|name| Foreign::named(name))
    }

    /// The types whose records it is shown: its own, then those of others.
    pub fn shown_records(&self) -> impl Iterator<Item = &str> {
        let own = self.records.keys().map(String::as_str);
        own.chain(self.foreign_records().map(|foreign| foreign.record_type))
    }

    /// Whether it is shown records of a type.
    pub fn is_shown(&self, record_type: &str) -> bool {
        self.shown_records().any(|shown| shown == record_type)
    }

    /// Whose the type is, if it may write records of it.
    pub fn writes(&self, record_type: &str) -> Option<Whose<'_>> {
        let written = &self.capabilities.writes_records;
        if written.contains(record_type) {
            return Some(Whose::Own);
        }
        let foreign = written.iter().filter_map(|name| Foreign::named(name));
        let mut of_type = foreign.filter(|foreign| foreign.record_type == record_type);
        of_type.next().map(|foreign| Whose::Of(foreign.owner))
    }
}

impl Manifest {
    /// The events of other plugins that it receives, with whose they are.
    pub fn foreign_events(&self) -> impl Iterator<Item = (&str, &str)> {
        self.subscribes.iter().filter_map(|name| name.split_once('/'))
    }
}

/// Why plugins cannot be enabled together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Two declare the same record type.
    TwoOwners { plugin: String, record_type: String, owner: String },
    /// One is shown records of a plugin that is not there, or that does not declare them.
    NoOwner { plugin: String, record_type: String, owner: String },
    /// One is subscribed to an event of a plugin that is not there, or that does not raise it.
    NoEvent { plugin: String, event: String, owner: String },
}

/// Whether plugins can be enabled together: a record type has one owner, and who is shown records of
/// another has that one beside it. Those `left_out` of the program still own what they declare.
pub fn side_by_side(enabled: &[&Manifest], left_out: &[&Manifest]) -> Result<(), Clash> {
    let owner_among = |manifests: &[&Manifest], record_type: &str| {
        let owner = manifests.iter().find(|manifest| manifest.records.contains_key(record_type));
        owner.map(|owner| owner.id.clone())
    };
    for (index, manifest) in enabled.iter().enumerate() {
        let plugin = &manifest.id;
        for record_type in manifest.records.keys().cloned() {
            let other = owner_among(&enabled[..index], &record_type)
                .or_else(|| owner_among(left_out, &record_type));
            if let Some(owner) = other {
                return Err(Clash::TwoOwners { plugin: plugin.clone(), record_type, owner });
            }
        }
        for Foreign { owner, record_type } in manifest.foreign_records() {
            if owner_among(enabled, record_type).as_deref() != Some(owner) {
                let (record_type, owner) = (record_type.to_owned(), owner.to_owned());
                return Err(Clash::NoOwner { plugin: plugin.clone(), record_type, owner });
            }
        }
        for (owner, event) in manifest.foreign_events() {
            let raises = |other: &&&Manifest| other.id == owner && other.events.contains_key(event);
            if !enabled.iter().any(|other| raises(&other)) {
                let (event, owner) = (event.to_owned(), owner.to_owned());
                return Err(Clash::NoEvent { plugin: plugin.clone(), event, owner });
            }
        }
    }
    Ok(())
}

impl Clash {
    /// The plugin that does not fit.
    pub fn plugin(&self) -> &str {
        match self {
            Self::TwoOwners { plugin, .. }
            | Self::NoOwner { plugin, .. }
            | Self::NoEvent { plugin, .. } => plugin,
        }
    }
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TwoOwners { record_type, owner, .. } => write!(
                f,
                "it declares the record type `{record_type}`, and so does the plugin `{owner}`: a \
                 record type has one owner"
            ),
            Self::NoOwner { record_type, owner, .. } => write!(
                f,
                "it is shown the records `{record_type}` of the plugin `{owner}`, and the program \
                 enables no version of that which declares them"
            ),
            Self::NoEvent { event, owner, .. } => write!(
                f,
                "it is subscribed to the event `{event}` of the plugin `{owner}`, and the program \
                 enables no version of that which declares it"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(id: &str, rest: &str) -> Manifest {
        let head = format!("id = \"{id}\"\nname = \"A plugin\"\nversion = \"1.0.0\"\n");
        Manifest::parse(&format!("{head}{rest}")).unwrap()
    }

    #[test]
    fn own_records_are_shown_and_others_by_name() {
        let plugin = manifest(
            "parts",
            "capabilities.reads-records = [\"machinery/machine\"]\n\
             capabilities.writes-records = [\"machinery/machine\", \"order\"]\n\
             records = { order = {}, draft = {} }",
        );
        assert_eq!(plugin.shown_records().collect::<Vec<_>>(), ["draft", "order", "machine"]);
        assert_eq!(plugin.writes("machine"), Some(Whose::Of("machinery")));
        assert_eq!(plugin.writes("order"), Some(Whose::Own));
        assert_eq!(plugin.writes("draft"), None);
    }

    #[test]
    fn who_is_subscribed_to_anothers_event_has_that_one_beside_it() {
        let owner = manifest("machinery", "events = { overdue = {} }");
        let reader = manifest("parts", "subscribes = [\"machinery/overdue\"]");
        let mistaken = manifest("parts", "subscribes = [\"machinery/broken\"]");
        side_by_side(&[&reader, &owner], &[]).unwrap();
        for (enabled, event) in [(vec![&reader], "overdue"), (vec![&owner, &mistaken], "broken")] {
            let clash = side_by_side(&enabled, &[&owner]).unwrap_err();
            assert_eq!(clash.plugin(), "parts");
            assert_eq!(
                clash.to_string(),
                format!(
                    "it is subscribed to the event `{event}` of the plugin `machinery`, and the \
                     program enables no version of that which declares it"
                )
            );
        }
    }

    #[test]
    fn plugins_fit_together_if_each_type_has_one_owner_who_is_there() {
        let owner = manifest("machinery", "records = { machine = {} }");
        let reader = manifest("parts", "capabilities.reads-records = [\"machinery/machine\"]");
        let another = manifest("tractors", "records = { machine = {} }");
        side_by_side(&[&owner, &reader], &[]).unwrap();
        side_by_side(&[&reader, &owner], &[]).unwrap();
        let clash = |enabled: &[&Manifest], left_out: &[&Manifest]| {
            let clash = side_by_side(enabled, left_out).unwrap_err();
            format!("{}: {clash}", clash.plugin())
        };
        let two = "tractors: it declares the record type `machine`, and so does the plugin \
                   `machinery`: a record type has one owner";
        assert_eq!(clash(&[&owner, &another], &[]), two);
        assert_eq!(clash(&[&another], &[&owner]), two);
        let none = "parts: it is shown the records `machine` of the plugin `machinery`, and the \
                    program enables no version of that which declares them";
        assert_eq!(clash(&[&reader], &[]), none);
        assert_eq!(clash(&[&another, &reader], &[]), none);
        assert_eq!(clash(&[&reader], &[&owner]), none);
    }
}
