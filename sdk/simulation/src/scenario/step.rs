//! A step: one thing that happens, and what is expected then.

use super::change;
use crate::{Change, Line};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where messages point into.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

/// A day, as text or as TOML has days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub(super) Date);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    /// An external id; the first member if it is left out.
    member: Option<String>,
    event: Option<String>,
    data: Option<toml::Value>,
    purchase: Option<CartFile>,
    quote: Option<CartFile>,
    record: Option<RecordFile>,
    tag: Option<TagFile>,
    advance: Option<Day>,
    change: Option<String>,
    config: Option<toml::Value>,
    from: Option<String>,
    view: Option<bool>,
    expect: Option<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CartFile {
    on: Option<Day>,
    reference: Option<String>,
    #[serde(default)]
    lines: Vec<LineFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineFile {
    sku: String,
    #[serde(default = "one")]
    quantity: u32,
    amount_minor: i64,
    category: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordFile {
    #[serde(rename = "type")]
    record_type: String,
    id: String,
    #[serde(default)]
    data: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagFile {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

/// What is expected after a step. What is left out is not looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    /// Whether the plugin was told.
    pub(super) delivered: Option<bool>,
    /// What the plugin gave in this step, less what it took.
    pub(super) points: Option<i64>,
    /// All awards of this step, in order; what was taken has points below zero.
    pub(super) awards: Option<Vec<ExpectedPoints>>,
    /// All messages of this step, in order.
    pub(super) messages: Option<Vec<ExpectedMessage>>,
    /// All events that the plugin raised in this step, in order.
    pub(super) events: Option<Vec<ExpectedEvent>>,
    /// All tags of the member, in any order.
    pub(super) tags: Option<Vec<String>>,
    /// All timers that wait, by name: a day or an instant.
    pub(super) timers: Option<BTreeMap<String, String>>,
    /// By `type/id`; `false` for one that is not there.
    pub(super) records: Option<BTreeMap<String, toml::Value>>,
    /// Of the member; `false` if there is none.
    pub(super) state: Option<toml::Value>,
    /// Of records, by `type/id`.
    pub(super) states: Option<BTreeMap<String, toml::Value>>,
    /// Of the member, by the plugin's own keys; `false` for one that is not there.
    pub(super) values: Option<BTreeMap<String, toml::Value>>,
    /// All proposals of this step, in order.
    pub(super) proposals: Option<Vec<ExpectedPoints>>,
    pub(super) view: Option<toml::Value>,
    /// A part of what the platform says.
    pub(super) refused: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedMessage {
    pub(super) template: String,
    /// A contact's id, or `member`.
    pub(super) to: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) body: Option<String>,
    pub(super) on: Option<Day>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedEvent {
    pub(super) name: String,
    pub(super) data: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedPoints {
    pub(super) points: i64,
    pub(super) key: Option<String>,
    pub(super) reason: Option<String>,
}

#[derive(Debug)]
pub(super) struct Step {
    number: usize,
    line: usize,
    pub(super) member: Option<String>,
    pub(super) what: What,
    pub(super) expected: Expected,
}

/// What happens.
#[derive(Debug)]
pub(super) enum What {
    Event { name: String, data: Value },
    Purchase { on: Option<Date>, reference: Option<String>, lines: Vec<Line> },
    Quote { on: Option<Date>, lines: Vec<Line> },
    Record { record_type: String, id: String, data: Value },
    Tag { add: Vec<String>, remove: Vec<String> },
    Advance(Date),
    Change(Change),
    View,
}

impl StepFile {
    pub(super) fn check(self, number: usize, line: usize) -> Result<Step, String> {
        const ONE: &str = "say one of `event`, `purchase`, `quote`, `record`, `tag`, `advance`, \
                           `change` and `view`";
        if self.data.is_some() && self.event.is_none() {
            return Err("`data` goes with `event`".to_owned());
        }
        if (self.config.is_some() || self.from.is_some()) && self.change.is_none() {
            return Err("`config` and `from` go with `change`".to_owned());
        }
        let json = |value: Option<toml::Value>| match value {
            None => Ok(Value::Object(serde_json::Map::new())),
            Some(value) => serde_json::to_value(value).map_err(|error| error.to_string()),
        };
        let mut all = Vec::new();
        if let Some(name) = self.event {
            all.push(What::Event { name, data: json(self.data)? });
        }
        if let Some(CartFile { on, reference, lines }) = self.purchase {
            let (on, lines) = (on.map(|on| on.0), lines_of(lines));
            all.push(What::Purchase { on, reference, lines });
        }
        if let Some(CartFile { on, reference, lines }) = self.quote {
            if reference.is_some() {
                return Err("a quote has no reference yet".to_owned());
            }
            all.push(What::Quote { on: on.map(|on| on.0), lines: lines_of(lines) });
        }
        if let Some(RecordFile { record_type, id, data }) = self.record {
            all.push(What::Record { record_type, id, data: json(Some(data.into()))? });
        }
        all.extend(self.tag.map(|TagFile { add, remove }| What::Tag { add, remove }));
        all.extend(self.advance.map(|day| What::Advance(day.0)));
        if let Some(name) = self.change {
            let config = self.config.map(|config| json(Some(config))).transpose()?;
            all.push(What::Change(change::change(&name, config, self.from)?));
        }
        match self.view {
            Some(true) => all.push(What::View),
            Some(false) => return Err("`view` is `true`, or left out".to_owned()),
            None => {}
        }
        let expected = self.expect.unwrap_or_default();
        let mut all = all.into_iter();
        let (Some(what), None) = (all.next(), all.next()) else { return Err(ONE.to_owned()) };
        expected.fits(&what)?;
        Ok(Step { number, line, member: self.member, what, expected })
    }
}

impl Step {
    pub(super) fn expects_something(&self) -> bool {
        !self.expected.is_nothing()
    }

    /// Names the step, for whoever has to find it.
    pub(super) fn place(&self) -> String {
        format!("step {} (line {}, {})", self.number, self.line, self.what)
    }
}

impl Expected {
    fn is_nothing(&self) -> bool {
        let Self {
            delivered,
            points,
            awards,
            messages,
            events,
            tags,
            timers,
            records,
            state,
            states,
            values,
            proposals,
            view,
            refused,
        } = self;
        delivered.is_none()
            && points.is_none()
            && awards.is_none()
            && messages.is_none()
            && events.is_none()
            && tags.is_none()
            && timers.is_none()
            && records.is_none()
            && state.is_none()
            && states.is_none()
            && values.is_none()
            && proposals.is_none()
            && view.is_none()
            && refused.is_none()
    }

    /// Whether the step can bring what is expected of it.
    fn fits(&self, what: &What) -> Result<(), String> {
        if self.view.is_some() && !matches!(what, What::View) {
            return Err("only a step with `view = true` shows a view".to_owned());
        }
        let proposes = matches!(what, What::Purchase { .. } | What::Quote { .. });
        if self.proposals.is_some() && !proposes {
            return Err("only a `purchase` and a `quote` have proposals".to_owned());
        }
        let delivers = matches!(
            what,
            What::Event { .. }
                | What::Purchase { .. }
                | What::Record { .. }
                | What::Tag { .. }
                | What::Change(_)
        );
        if self.delivered.is_some() && !delivers {
            return Err(
                "only an event, a purchase, a record, a tag and a change are delivered".to_owned()
            );
        }
        Ok(())
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event { name, .. } => write!(f, "event {name}"),
            Self::Purchase { .. } => f.write_str("purchase"),
            Self::Quote { .. } => f.write_str("quote"),
            Self::Record { record_type, id, .. } => write!(f, "record {record_type}/{id}"),
            Self::Tag { .. } => f.write_str("tag"),
            Self::Advance(day) => write!(f, "advance to {day}"),
            Self::Change(change) => write!(f, "change {}", change::name(change)),
            Self::View => f.write_str("view"),
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(day) => day.to_string(),
            other => other.to_string(),
        };
        let wrong = || D::Error::custom(format!("`{text}` is not a day such as 2026-11-22"));
        let day: Date = text.parse().map_err(|_| wrong())?;
        if day.to_string() == text { Ok(Self(day)) } else { Err(wrong()) }
    }
}

fn lines_of(lines: Vec<LineFile>) -> Vec<Line> {
    let line = |line: LineFile| Line {
        sku: line.sku,
        category: line.category,
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    };
    lines.into_iter().map(line).collect()
}

const fn one() -> u32 {
    1
}
