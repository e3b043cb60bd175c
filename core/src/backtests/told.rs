//! The member as it stood, event by event.

use super::history::Past;
use crate::context::Enabled;
use crate::runtime::{Balance, Member};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// The id of the main points.
const MAIN: &str = "points";

/// What a plugin is shown of a member, as far as events say it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) member: Member,
    /// By type of points.
    balances: BTreeMap<String, i64>,
    sees_tags: bool,
}

impl Told {
    pub(super) fn of(newcomer: Member, plugin: &Enabled) -> Self {
        let (balances, sees_tags) = (BTreeMap::from([(MAIN.to_owned(), 0)]), plugin.sees_tags());
        Self { member: newcomer, balances, sees_tags }
    }

    /// Pending and held points are not told: events do not say what becomes of each.
    pub(super) fn balances(&self) -> Vec<Balance> {
        let balance = |(point_type, points): (&String, &i64)| Balance {
            point_type: point_type.clone(),
            points: *points,
            pending: 0,
            held: 0,
        };
        self.balances.iter().map(balance).collect()
    }

    /// The tags that the plugin has put itself follow from its answers.
    pub(super) fn goes_on(&mut self, past: &Past, is_its_doing: bool) {
        let data = &past.event.data;
        self.has_points(data);
        match past.event.name.as_str() {
            "purchase-recorded" => self.buys(data),
            "purchase-returned" => {
                self.member.spent_minor -= number(data, "amountMinor");
                self.member.purchases -= i64::from(is_whole(data));
            }
            "purchase-edited" => {
                let change = number(data, "totalMinor") - number(data, "totalBeforeMinor");
                self.member.spent_minor += change;
                self.member.purchases -= i64::from(is_whole(data));
            }
            "member-tagged" if is_its_doing => {}
            "member-tagged" => self.is_tagged(&texts(data, "added"), &texts(data, "removed")),
            "tier-changed" => self.member.tier = data["to"].as_str().map(str::to_owned),
            _ => {}
        }
    }

    /// Of whoever may not see tags none are known.
    pub(super) fn is_tagged(&mut self, added: &[String], removed: &[String]) {
        if !self.sees_tags {
            return;
        }
        let tags = &mut self.member.tags;
        tags.extend(added.iter().cloned());
        tags.retain(|tag| !removed.contains(tag));
        tags.sort();
        tags.dedup();
    }

    /// A member as it was seen, with the tags that it has here.
    pub(super) fn with_tags(&self, seen: &Member) -> Member {
        Member { tags: self.member.tags.clone(), ..seen.clone() }
    }

    fn buys(&mut self, data: &Value) {
        self.member.purchases += 1;
        self.member.spent_minor += number(data, "totalMinor");
        let on = data["purchasedOn"].as_str().and_then(|on| on.parse::<Date>().ok());
        self.member.last_purchase_on = self.member.last_purchase_on.max(on);
    }

    fn has_points(&mut self, data: &Value) {
        let Some(balance) = data["balance"].as_i64() else { return };
        let point_type = data["pointType"].as_str().unwrap_or(MAIN);
        self.balances.insert(point_type.to_owned(), balance);
        if point_type == MAIN {
            self.member.points = balance;
        }
    }
}

fn number(data: &Value, field: &str) -> i64 {
    data[field].as_i64().unwrap_or_default()
}

fn texts(data: &Value, field: &str) -> Vec<String> {
    let all = data[field].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_whole(data: &Value) -> bool {
    data["isWhole"] == true
}
