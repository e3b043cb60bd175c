//! What has to hold of a manifest: rules, in the order in which an author meets them.

use super::template::placeholders;
use super::{Foreign, Manifest, MessageText, fluent, schema};
use crate::limits::{BODY_BYTES, EVENTS, LANGUAGES, SUBJECT_BYTES, SUBSCRIPTIONS, TEMPLATES};
use crate::{events, text};
use semver::Version;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, and where.
#[derive(Debug)]
pub(super) enum Wrong {
    /// A key of the manifest.
    Key { at: Vec<String>, why: String },
    /// A place in a file of `locales`.
    Text(fluent::TextFlaw),
}

/// The first key that is wrong; if none is, all that is wrong with the texts.
pub(super) fn check(manifest: &Manifest) -> Result<(), Vec<Wrong>> {
    keys(manifest).map_err(|wrong| vec![wrong])?;
    let flaws = fluent::check(&manifest.locales);
    if !flaws.is_empty() {
        return Err(flaws.into_iter().map(Wrong::Text).collect());
    }
    something_to_send(manifest).map_err(|wrong| vec![wrong])
}

fn keys(manifest: &Manifest) -> Result<(), Wrong> {
    head(manifest)?;
    subscriptions(manifest)?;
    capabilities(manifest)?;
    schemas(manifest)?;
    messages(manifest)
}

fn head(manifest: &Manifest) -> Result<(), Wrong> {
    let Manifest { id, version, name, .. } = manifest;
    if !text::is_plugin_id(id) {
        return wrong(&["id"], format!("\"{id}\": {}", text::NO_PLUGIN_ID));
    }
    if let Err(error) = Version::parse(version) {
        let why = format!("\"{version}\": use a semantic version such as 1.2.0 ({error})");
        return wrong(&["version"], why);
    }
    if !text::is_name(name) {
        return wrong(&["name"], text::no_name());
    }
    Ok(())
}

fn subscriptions(manifest: &Manifest) -> Result<(), Wrong> {
    if manifest.subscribes.len() > SUBSCRIPTIONS {
        return wrong(&["subscribes"], format!("use at most {SUBSCRIPTIONS}"));
    }
    for name in &manifest.subscribes {
        match Foreign::named(name) {
            Some(Foreign { owner, .. }) if owner == manifest.id => {
                let why = format!("`{name}`: a plugin is not told of what it raises itself");
                return wrong(&["subscribes"], why);
            }
            Some(Foreign { owner, record_type: event }) => {
                if !(text::is_plugin_id(owner) && text::is_slug(event)) {
                    let why = format!("\"{name}\": name the plugin and its event, `PLUGIN/EVENT`");
                    return wrong(&["subscribes"], why);
                }
            }
            None if events::SUBSCRIBABLE.contains(&name.as_str()) => {}
            None => return wrong(&["subscribes"], events::unknown(name)),
        }
    }
    Ok(())
}

fn capabilities(manifest: &Manifest) -> Result<(), Wrong> {
    let capabilities = &manifest.capabilities;
    record_types(manifest)?;
    for (key, most) in [
        ("points-per-event-max", capabilities.points_per_event_max),
        ("deducts-per-event-max", capabilities.deducts_per_event_max),
    ] {
        if most < 0 {
            return wrong(&["capabilities", key], "use 0 or more");
        }
    }
    if !capabilities.messages
        && let Some(template) = manifest.messages.keys().next()
    {
        let why = "the plugin does not ask to send messages: add `messages = true` under \
                   [capabilities], or leave the text out";
        return wrong(&["messages", template], why);
    }
    if !capabilities.messages
        && let Some(template) = manifest.templates().first()
    {
        let why = format!(
            "the plugin has the message `{template}` in `locales` and does not ask to send any: add \
             `messages = true`, or leave it out"
        );
        return wrong(&["capabilities"], why);
    }
    Ok(())
}

/// A type is the plugin's own, or another's by name; in one program it has one owner.
fn record_types(manifest: &Manifest) -> Result<(), Wrong> {
    let at = ["capabilities", "reads-records"];
    let mut shown = BTreeSet::new();
    for name in &manifest.capabilities.reads_records {
        let foreign = Foreign::named(name).filter(|foreign| {
            text::is_plugin_id(foreign.owner) && text::is_identifier(foreign.record_type)
        });
        let Some(Foreign { owner, record_type }) = foreign else {
            let why = format!("\"{name}\": name the plugin and its record type, `OWNER/TYPE`");
            return wrong(&at, why);
        };
        if owner == manifest.id || manifest.records.contains_key(record_type) {
            let why = format!("`{name}`: what is declared under [records] is shown anyway");
            return wrong(&at, why);
        }
        if !shown.insert(record_type) {
            let why = format!("`{name}`: the record type `{record_type}` has one owner");
            return wrong(&at, why);
        }
    }
    let is_shown = |name: &&String| {
        manifest.records.contains_key(*name) || manifest.capabilities.reads_records.contains(*name)
    };
    match manifest.capabilities.writes_records.iter().find(|name| !is_shown(name)) {
        None => Ok(()),
        Some(name) => {
            let why = format!("`{name}` is neither declared under [records] nor in reads-records");
            wrong(&["capabilities", "writes-records"], why)
        }
    }
}

fn schemas(manifest: &Manifest) -> Result<(), Wrong> {
    // The program file says there which version the program runs.
    if manifest.config.pointer("/properties/version").is_some() {
        let why = "the key `version` is the platform's; use another name";
        return wrong(&["config", "properties", "version"], why);
    }
    sound(&["config"], &manifest.config)?;
    for (name, record) in &manifest.records {
        sound(&["records", name], record)?;
    }
    if manifest.events.len() > EVENTS {
        return wrong(&["events"], format!("use at most {EVENTS}"));
    }
    for (name, event) in &manifest.events {
        if !text::is_slug(name) {
            return wrong(&["events", name], text::NO_SLUG);
        }
        sound(&["events", name], event)?;
    }
    Ok(())
}

fn sound(at: &[&str], schema: &Value) -> Result<(), Wrong> {
    schema::check(schema).map_err(|(inside, why)| {
        let at = at.iter().map(|&key| key.to_owned()).chain(inside).collect();
        Wrong::Key { at, why }
    })
}

fn messages(manifest: &Manifest) -> Result<(), Wrong> {
    if !manifest.messages.is_empty() && !manifest.locales.is_empty() {
        let why = "texts are here or in `locales`, not in both: move these to the files there";
        return wrong(&["messages"], why);
    }
    if manifest.messages.len() > TEMPLATES {
        return wrong(&["messages"], format!("use at most {TEMPLATES} templates"));
    }
    for (template, texts) in &manifest.messages {
        languages(template, texts)?;
        for (language, text) in texts {
            lengths(template, language, text)?;
        }
        same_placeholders(template, texts)?;
    }
    Ok(())
}

fn something_to_send(manifest: &Manifest) -> Result<(), Wrong> {
    if manifest.capabilities.messages && manifest.templates().is_empty() {
        let why = "the plugin asks to send messages and has no text to send: write \
                   `locales/en.ftl` beside plugin.toml, or [messages]";
        return wrong(&["capabilities", "messages"], why);
    }
    Ok(())
}

fn languages(template: &str, texts: &BTreeMap<String, MessageText>) -> Result<(), Wrong> {
    if let Some(tag) = texts.keys().find(|tag| !text::is_language(tag)) {
        return wrong(&["messages", template, tag], text::no_language(tag));
    }
    if texts.len() > LANGUAGES {
        let why = format!("use at most {LANGUAGES} languages");
        return wrong(&["messages", template], why);
    }
    if !texts.contains_key("en") {
        let why =
            "it has no text in English (`en`), which whoever reads none of its languages gets";
        return wrong(&["messages", template], why);
    }
    Ok(())
}

fn lengths(template: &str, language: &str, text: &MessageText) -> Result<(), Wrong> {
    for (part, said, most) in
        [("subject", &text.subject, SUBJECT_BYTES), ("body", &text.body, BODY_BYTES)]
    {
        let at = ["messages", template, language, part];
        if said.trim().is_empty() {
            return wrong(&at, "it is empty");
        }
        if said.len() > most {
            return wrong(&at, format!("it exceeds {most} bytes"));
        }
        if let Err(why) = placeholders(said) {
            return wrong(&at, why);
        }
    }
    Ok(())
}

/// What a text names has to have a value, in whatever language it is read.
fn same_placeholders(template: &str, texts: &BTreeMap<String, MessageText>) -> Result<(), Wrong> {
    let named = |text: &MessageText| {
        let mut names = placeholders(&text.subject).map(owned).unwrap_or_default();
        names.extend(placeholders(&text.body).map(owned).unwrap_or_default());
        names
    };
    let Some(english) = texts.get("en").map(named) else { return Ok(()) };
    for (language, text) in texts {
        let names = named(text);
        if let Some(missing) = english.symmetric_difference(&names).next() {
            let (has, lacks) = if names.contains(missing) {
                (language.as_str(), "en")
            } else {
                ("en", language.as_str())
            };
            let why = format!("`{{{missing}}}` is in the text in `{has}` and not in `{lacks}`");
            return wrong(&["messages", template, language], why);
        }
    }
    Ok(())
}

fn owned(names: BTreeSet<&str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn wrong(at: &[&str], why: impl Into<String>) -> Result<(), Wrong> {
    let at = at.iter().map(|&key| key.to_owned()).collect();
    Err(Wrong::Key { at, why: why.into() })
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const SOUND: &str = r#"id = "tea"
name = "Tea"
version = "1.0.0"
subscribes = ["member-joined"]

[capabilities]
messages = true

[messages.welcome]
en = { subject = "Welcome", body = "{points} points" }
de = { subject = "Willkommen", body = "{points} Punkte" }
"#;

    /// What an author wrote instead of what, and what she reads.
    const WRONG: &[(&str, &str, &str)] = &[
        ("id = \"tea\"", "id = \"Tea\"", "line 1, id: \"Tea\": use lower-case letters"),
        ("1.0.0", "1.0", "line 3, version: \"1.0\": use a semantic version such as 1.2.0"),
        ("name = \"Tea\"", "name = \" Tea\"", "line 2, name: use 1 to 200 printable characters"),
        (
            "member-joined",
            "member-jointed",
            "line 4, subscribes: there is no event `member-jointed`; did you mean `member-joined`?",
        ),
        ("messages = true", "timers = true", "line 9, messages.welcome: the plugin does not ask"),
        ("en = {", "pl = {", "line 9, messages.welcome: it has no text in English (`en`)"),
        (
            "de = {",
            "deutsch_ = {",
            "line 11, messages.welcome.deutsch_: `deutsch_` is not a BCP 47",
        ),
        ("{points} Punkte", "{points Punkte", "line 11, messages.welcome.de.body: a brace without"),
        (
            "{points} Punkte",
            "Punkte",
            "line 11, messages.welcome.de: `{points}` is in the text in `en` and not in `de`",
        ),
        (
            "\"Willkommen\"",
            "\"Hallo {name}\"",
            "line 11, messages.welcome.de: `{name}` is in the text in `de` and not in `en`",
        ),
        ("\"Welcome\"", "\" \"", "line 10, messages.welcome.en.subject: it is empty"),
    ];

    #[test]
    fn whose_a_record_is_has_to_be_clear() {
        for (capabilities, said) in [
            ("reads-records = [\"machine\"]", "name the plugin and its record type, `OWNER/TYPE`"),
            ("reads-records = [\"/machine\"]", "name the plugin and its record type"),
            ("reads-records = [\"tea/cup\"]", "what is declared under [records] is shown anyway"),
            ("reads-records = [\"a/x\", \"b/x\"]", "the record type `x` has one owner"),
            ("writes-records = [\"a/x\"]", "`a/x` is neither declared under [records] nor in"),
        ] {
            let text =
                SOUND.replacen("messages = true", &format!("messages = true\n{capabilities}"), 1);
            let said_of =
                Manifest::parse(&format!("{text}[records.cup]\n")).unwrap_err().to_string();
            assert!(said_of.contains(said), "{said_of}");
        }
    }

    #[test]
    fn events_of_ones_own_and_of_others_have_names() {
        for (right, instead, said) in [
            ("member-joined", "tea/brewed", "a plugin is not told of what it raises itself"),
            ("member-joined", "Tea/brewed", "name the plugin and its event, `PLUGIN/EVENT`"),
            ("member-joined", "coffee/", "name the plugin and its event, `PLUGIN/EVENT`"),
            ("member-joined", "plugin-event", "name the plugin and its event, `PLUGIN/EVENT`"),
            ("[messages.welcome]", "[events.Brewed]\n[messages.welcome]", "use lower-case letters"),
            (
                "[messages.welcome]",
                "[events.brewed]\ntype = \"objct\"\n[messages.welcome]",
                "line 9, events.brewed: it is not a JSON Schema",
            ),
            ("messages = true", "messages = true\ndeducts-per-event-max = -1", "use 0 or more"),
        ] {
            let text = SOUND.replacen(right, instead, 1);
            let found = Manifest::parse(&text).unwrap_err().to_string();
            assert!(found.contains(said), "{found}");
        }
        let many = (0..101).map(|number| format!("coffee/e{number}")).collect::<Vec<_>>();
        let text = SOUND.replacen("[\"member-joined\"]", &format!("{many:?}"), 1);
        assert!(Manifest::parse(&text).unwrap_err().to_string().contains("use at most 100"));
        let many: String = (0..101).map(|number| format!("[events.e{number}]\n")).collect();
        let text = format!("{SOUND}{many}");
        assert!(Manifest::parse(&text).unwrap_err().to_string().contains("use at most 100"));
        let text = SOUND.replacen("member-joined", "coffee/brewed", 1);
        let manifest = Manifest::parse(&text).unwrap();
        assert!(manifest.receives("plugin-event", Some("coffee/brewed")));
        assert!(!manifest.receives("plugin-event", Some("coffee/spilt")));
        assert!(!manifest.receives("member-joined", None));
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_key() {
        Manifest::parse(SOUND).unwrap();
        for (right, instead, expected) in WRONG {
            let text = SOUND.replacen(right, instead, 1);
            assert_ne!(text, SOUND, "{right}");
            let said = Manifest::parse(&text).unwrap_err().to_string();
            assert!(said.starts_with(&format!("plugin.toml: {expected}")), "{said}");
        }
        let long = SOUND.replacen("{points} Punkte", &"x".repeat(20_000), 1);
        let said = Manifest::parse(&long).unwrap_err().to_string();
        assert!(said.contains("exceeds 16384 bytes"), "{said}");
    }
}
