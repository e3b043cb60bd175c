//! A column of an export: its name in the document, and how its value is written.

use crate::{Id, MemberId, PointType, Result, Timestamp};
use data_encoding::HEXLOWER;
use sea_orm::QueryResult;
use serde_json::{Value, json};
use uuid::Uuid;

/// How an actor is written who is a member.
const MEMBER: &str = "member";

#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    sql: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// As the API writes it.
    Id(fn(Uuid) -> Value),
    Number,
    Flag,
    Instant,
    Text,
    Json,
    /// Bytes in hexadecimal.
    Hex,
    /// The id of a type of points.
    PointType,
    /// Who did something, without which other member that was.
    Actor,
    /// What explains a transaction, without whom else it names.
    Explanation,
    /// What an event says, without whom else it names.
    Event,
}

pub(super) const fn id<I: Id + serde::Serialize>(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Id(|uuid| json!(I::from_uuid(uuid))) }
}

pub(super) const fn number(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Number }
}

pub(super) const fn flag(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Flag }
}

pub(super) const fn instant(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Instant }
}

pub(super) const fn text(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Text }
}

pub(super) const fn point_type(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::PointType }
}

pub(super) const fn actor(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Actor }
}

pub(super) const fn event(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Event }
}

pub(super) const fn any(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Json }
}

pub(super) const fn hex(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Hex }
}

pub(super) const fn explanation(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Explanation }
}

impl Column {
    /// As it is selected, of the same type on both databases.
    pub(super) fn selected(&self) -> String {
        let sql = self.sql;
        match self.kind {
            Kind::Number | Kind::Flag | Kind::Instant => format!("CAST({sql} AS BIGINT)"),
            Kind::Json | Kind::Explanation | Kind::Event => format!("CAST({sql} AS TEXT)"),
            Kind::Id(_) | Kind::Text | Kind::PointType | Kind::Actor | Kind::Hex => sql.to_owned(),
        }
    }

    /// Its value in a row about `own`, the member and whoever was merged into it.
    pub(super) fn read(&self, row: &QueryResult, index: usize, own: &[MemberId]) -> Result<Value> {
        Ok(match self.kind {
            Kind::Id(shown) => {
                let id: Option<Uuid> = row.try_get_by_index(index)?;
                id.map_or(Value::Null, shown)
            }
            Kind::Number => json!(row.try_get_by_index::<Option<i64>>(index)?),
            Kind::Flag => json!(row.try_get_by_index::<Option<i64>>(index)?.map(|flag| flag != 0)),
            Kind::Instant => json!(row.try_get_by_index::<Option<Timestamp>>(index)?),
            Kind::Text => json!(row.try_get_by_index::<Option<String>>(index)?),
            Kind::Hex => {
                let bytes: Option<Vec<u8>> = row.try_get_by_index(index)?;
                json!(bytes.map(|bytes| HEXLOWER.encode(&bytes)))
            }
            Kind::PointType => json!(row.try_get_by_index::<Option<PointType>>(index)?),
            Kind::Actor => {
                let actor: Option<String> = row.try_get_by_index(index)?;
                json!(actor.map(|actor| without_other_member(actor, own)))
            }
            Kind::Json => parsed(row, index)?,
            Kind::Explanation => without_others(parsed(row, index)?, own),
            Kind::Event => event_without_others(parsed(row, index)?),
        })
    }
}

fn parsed(row: &QueryResult, index: usize) -> Result<Value> {
    let text: Option<String> = row.try_get_by_index(index)?;
    // What cannot be read as JSON is shown as what it is.
    Ok(text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// A transfer and a merge are about two people, and so is a referral: an explanation of one's points
/// names the other, and for whoever brought somebody also what that one bought.
fn without_others(mut explanation: Value, own: &[MemberId]) -> Value {
    let is_referrers = explanation["referral"] == json!("referrer");
    if let Some(explained) = explanation.as_object_mut() {
        explained.remove("with");
        if explained.contains_key("transfer") || explained.contains_key("merge") {
            let other = explained.remove("member");
            let is_own = other.is_some_and(|other| own.iter().any(|own| json!(own) == other));
            if !is_own {
                explained.remove("transaction");
            }
        }
        if is_referrers {
            explained.remove("purchase");
            explained.remove("return");
            explained.remove("edit");
        }
    }
    explanation
}

/// What an event says of another member: who it is, and which of its transactions.
const OF_OTHERS: [&str; 5] = [
    "mergedMemberId",
    "mergedExternalId",
    "otherMemberId",
    "otherExternalId",
    "otherTransactionId",
];

fn event_without_others(mut data: Value) -> Value {
    if let Some(said) = data.as_object_mut() {
        said.retain(|key, _| !OF_OTHERS.contains(&key.as_str()));
    }
    data
}

/// Another member is only said to be one.
fn without_other_member(actor: String, own: &[MemberId]) -> String {
    match actor.split_once(':') {
        Some((MEMBER, id)) if own.iter().all(|own| own.to_string() != id) => MEMBER.to_owned(),
        _ => actor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_names_nobody_else() {
        let shown = |explanation| without_others(explanation, &[]);
        let referred = json!({ "referral": "referred", "with": "mem_1", "purchase": "pur_1" });
        let own = json!({ "referral": "referred", "purchase": "pur_1" });
        assert_eq!(shown(referred), own);
        for of in ["return", "edit"] {
            let referrer =
                json!({ "referral": "referrer", "with": "mem_1", "purchase": "pur_1", of: "x_1" });
            assert_eq!(shown(referrer), json!({ "referral": "referrer" }));
        }
        for what in ["transfer", "merge"] {
            let both =
                json!({ what: "in", "member": "mem_1", "transaction": "txn_1", "reason": "r" });
            assert_eq!(shown(both), json!({ what: "in", "reason": "r" }));
        }
        for other in [json!({ "reason": "Sorry", "purchase": "pur_1" }), Value::Null] {
            assert_eq!(shown(other.clone()), other);
        }
    }

    #[test]
    fn another_member_who_acted_is_only_said_to_be_one() {
        let (own, other) = (MemberId::new(), MemberId::new());
        let shown = |actor: String| without_other_member(actor, &[own]);
        assert_eq!(shown(format!("member:{other}")), "member");
        for actor in [format!("member:{own}"), "operator:till".to_owned(), "system".to_owned()] {
            assert_eq!(shown(actor.clone()), actor);
        }
    }
}
