//! A column of an export: its name in the document, and how its value is written.

use crate::{Id, Result, Timestamp};
use data_encoding::HEXLOWER;
use sea_orm::QueryResult;
use serde_json::{Value, json};
use uuid::Uuid;

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
    /// What explains a transaction, without whom else it names.
    Explanation,
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
            Kind::Json | Kind::Explanation => format!("CAST({sql} AS TEXT)"),
            Kind::Id(_) | Kind::Text | Kind::Hex => sql.to_owned(),
        }
    }

    /// Its value in a row.
    pub(super) fn read(&self, row: &QueryResult, index: usize) -> Result<Value> {
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
            Kind::Json => parsed(row, index)?,
            Kind::Explanation => without_others(parsed(row, index)?),
        })
    }
}

fn parsed(row: &QueryResult, index: usize) -> Result<Value> {
    let text: Option<String> = row.try_get_by_index(index)?;
    // What cannot be read as JSON is shown as what it is.
    Ok(text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// A transfer is about two people, and so is a referral: an explanation of one's points names the other, and for whoever
/// brought somebody also what that one bought.
fn without_others(mut explanation: Value) -> Value {
    let is_referrers = explanation["referral"] == json!("referrer");
    if let Some(explained) = explanation.as_object_mut() {
        explained.remove("with");
        if explained.contains_key("transfer") {
            explained.remove("member");
        }
        if is_referrers {
            explained.remove("purchase");
            explained.remove("return");
            explained.remove("edit");
        }
    }
    explanation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_names_nobody_else() {
        let referred = json!({ "referral": "referred", "with": "mem_1", "purchase": "pur_1" });
        let own = json!({ "referral": "referred", "purchase": "pur_1" });
        assert_eq!(without_others(referred), own);
        let referrer = json!({ "referral": "referrer", "with": "mem_1", "purchase": "pur_1" });
        assert_eq!(without_others(referrer), json!({ "referral": "referrer" }));
        for other in [json!({ "reason": "Sorry", "purchase": "pur_1" }), Value::Null] {
            assert_eq!(without_others(other.clone()), other);
        }
    }
}
