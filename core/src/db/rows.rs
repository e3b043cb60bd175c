//! Many rows as one parameter. A hot statement takes its rows as one JSON text, so its own text is fixed whatever the number of
//! rows: the database prepares it once, and a batch of a hundred costs one round trip like a batch of one.
//!
//! A statement is written once for both databases, with `{rows}` where the rows stand as a table:
//! `UPDATE wallets SET balance = balance + r.points FROM {rows} AS r WHERE wallets.id = r.wallet_id`.

use crate::{MemberId, ProgramId, Result};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde::Serialize;

/// How a field of a row travels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    Id,
    Int,
    Text,
    Json,
}

/// The fields of a kind of row: the names that it serializes under, in any order.
pub(crate) type Fields = [(&'static str, Field)];

/// Inserts rows into `table`, whose columns are named as the fields.
pub(crate) async fn insert<R: Serialize>(
    connection: &impl ConnectionTrait,
    table: &str,
    fields: &Fields,
    rows: &[R],
) -> Result<()> {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    // `WHERE true` keeps SQLite from reading a following ON CONFLICT as a join condition.
    let sql = format!("INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}} AS r WHERE true");
    execute(connection, &sql, fields, rows).await.map(drop)
}

/// Runs a statement over rows; answers how many rows it changed.
pub(crate) async fn execute<R: Serialize>(
    connection: &impl ConnectionTrait,
    sql: &str,
    fields: &Fields,
    rows: &[R],
) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    Ok(connection.execute_raw(statement(connection, sql, fields, rows)?).await?.rows_affected())
}

/// Runs a statement over rows and reads what it returns.
pub(crate) async fn query<T: FromQueryResult, R: Serialize>(
    connection: &impl ConnectionTrait,
    sql: &str,
    fields: &Fields,
    rows: &[R],
) -> Result<Vec<T>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Ok(T::find_by_statement(statement(connection, sql, fields, rows)?).all(connection).await?)
}

/// An id as it travels in a row.
pub(crate) fn hex<S: serde::Serializer>(
    id: &impl crate::Id,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&id.uuid().simple().to_string())
}

/// An optional id as it travels in a row.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(crate) fn hex_option<S: serde::Serializer>(
    id: &Option<impl crate::Id>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    id.map(|id| id.uuid().simple().to_string()).serialize(serializer)
}

/// An id as it travels in a row written with `json!`.
pub(crate) fn hex_text(id: impl crate::Id) -> String {
    id.uuid().simple().to_string()
}

/// The key of a row that belongs to a member.
#[derive(Debug, Serialize)]
pub(crate) struct MemberKey {
    #[serde(serialize_with = "hex")]
    program_id: ProgramId,
    #[serde(serialize_with = "hex")]
    member_id: MemberId,
}

pub(crate) const MEMBER_KEY: &Fields = &[("program_id", Field::Id), ("member_id", Field::Id)];

pub(crate) fn member_keys(program: ProgramId, members: &[MemberId]) -> Vec<MemberKey> {
    members.iter().map(|member| MemberKey { program_id: program, member_id: *member }).collect()
}

/// A statement with `$1`, `$2`… for both databases.
pub(crate) fn sql(
    connection: &impl ConnectionTrait,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), text, values)
}

/// A row limit as a parameter.
pub(crate) fn limit(rows: u64) -> Value {
    i64::try_from(rows).unwrap_or(i64::MAX).into()
}

/// Any id as a parameter.
pub(crate) fn id(id: impl crate::Id) -> Value {
    Value::from(id.uuid())
}

fn statement<R: Serialize>(
    connection: &impl ConnectionTrait,
    sql: &str,
    fields: &Fields,
    rows: &[R],
) -> Result<Statement> {
    let backend = connection.get_database_backend();
    let json = serde_json::to_string(rows)
        .map_err(|error| crate::Error::internal("rows that cannot be JSON").caused_by(error))?;
    let text = sql.replace("{rows}", &table(backend, fields));
    Ok(Statement::from_sql_and_values(backend, text, [Value::from(json)]))
}

fn table(backend: DbBackend, fields: &Fields) -> String {
    let columns: Vec<_> =
        fields.iter().map(|(name, field)| column(backend, name, *field)).collect();
    let columns = columns.join(", ");
    match backend {
        DbBackend::Postgres => {
            let taken: Vec<_> = fields.iter().map(|(name, field)| taken(name, *field)).collect();
            let taken = taken.join(", ");
            format!("(SELECT {taken} FROM jsonb_to_recordset($1::text::jsonb) AS j({columns}))")
        }
        _ => format!("(SELECT {columns} FROM json_each($1))"),
    }
}

/// PostgreSQL reads JSON's null as its own; in a field that is JSON it is a value like any other.
fn taken(name: &str, field: Field) -> String {
    match field {
        Field::Json => format!("COALESCE({name}, 'null'::jsonb) AS {name}"),
        _ => name.to_owned(),
    }
}

fn column(backend: DbBackend, name: &str, field: Field) -> String {
    match (backend, field) {
        (DbBackend::Postgres, Field::Id) => format!("{name} uuid"),
        (DbBackend::Postgres, Field::Int) => format!("{name} bigint"),
        (DbBackend::Postgres, Field::Text) => format!("{name} text"),
        (DbBackend::Postgres, Field::Json) => format!("{name} jsonb"),
        (_, Field::Id) => format!("unhex(value ->> '{name}') AS {name}"),
        (_, Field::Int | Field::Text) => format!("value ->> '{name}' AS {name}"),
        (_, Field::Json) => format!("value -> '{name}' AS {name}"),
    }
}
