//! SQL for both databases from one text: where the two differ in how rows come in as JSON, how they
//! go out, and how an index is sure to be used.

use super::field::Kind;
use super::row::Column;
use sea_orm::DbBackend;

/// The JSON rows of parameter `$number` as a table.
pub(super) fn as_table(backend: DbBackend, columns: &[Column], number: usize) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    if backend == DbBackend::Postgres {
        let taken = join(columns.iter().map(|column| taken(*column)).collect());
        let typed =
            join(columns.iter().map(|(name, kind)| format!("{name} {}", sent(*kind))).collect());
        return format!(
            "(SELECT {taken} FROM json_to_recordset(${number}::text::json) AS j ({typed}))"
        );
    }
    let values = join(columns.iter().map(|column| extracted(*column)).collect());
    format!("(SELECT {values} FROM json_each(${number}))")
}

const fn sent(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "uuid",
        Kind::Int => "bigint",
        Kind::Text | Kind::Bytes => "text",
        Kind::Json | Kind::OptionalJson => "json",
    }
}

fn taken((name, kind): Column) -> String {
    match kind {
        Kind::Bytes => format!("decode({name}, 'hex') AS {name}"),
        // PostgreSQL reads JSON's null as its own; where a value must be there, it is a value like
        // any other.
        Kind::Json => format!("COALESCE({name}, 'null'::json) AS {name}"),
        Kind::Id | Kind::Int | Kind::Text | Kind::OptionalJson => name.to_owned(),
    }
}

fn extracted((name, kind): Column) -> String {
    match kind {
        Kind::Id | Kind::Bytes => format!("unhex(value ->> '{name}') AS {name}"),
        Kind::Int | Kind::Text => format!("value ->> '{name}' AS {name}"),
        Kind::Json => format!("value -> '{name}' AS {name}"),
        Kind::OptionalJson => format!("nullif(value -> '{name}', 'null') AS {name}"),
    }
}

/// Text with its `SELECT … FROM keys AS k EACH table AS t WHERE …`: the rows of a table that belong
/// to each of some keys. On both databases an index finds them, key by key, whatever the planner
/// believes of the table: SQLite keeps to the order of a CROSS JOIN, and PostgreSQL cannot look
/// past OFFSET. Left to itself, each could as well read all of a program, because the table was
/// small when the statement was planned.
pub(super) fn with_each(backend: DbBackend, sql: &str) -> String {
    let selects: Vec<_> = sql.split("UNION").map(|select| each_of_part(backend, select)).collect();
    selects.join("UNION ")
}

fn each_of_part(backend: DbBackend, part: &str) -> String {
    match part.strip_prefix(" ALL") {
        Some(select) => format!("ALL {}", each(backend, select)),
        None => each(backend, part),
    }
}

fn each(backend: DbBackend, select: &str) -> String {
    let Some((keys, found)) = select.split_once(" EACH ") else { return select.to_owned() };
    if backend != DbBackend::Postgres {
        return format!("{keys} CROSS JOIN {found}");
    }
    let Some((columns, keys)) = keys.split_once("FROM ") else { return select.to_owned() };
    format!(
        "SELECT each_of.* FROM {keys} CROSS JOIN LATERAL ({columns} FROM {found} OFFSET 0) AS each_of "
    )
}

/// Text with its `{in: SELECT …}`, for what is changed or deleted: whether a column is among the
/// rows of a select, told by its index on both databases.
pub(super) fn with_members(backend: DbBackend, sql: &str) -> String {
    const OPEN: &str = "{in:";
    let mut text = sql.to_owned();
    // The innermost comes last, for it opens last.
    while let Some(start) = text.rfind(OPEN) {
        let Some(length) = text[start..].find('}') else { break };
        let select = text[start + OPEN.len()..start + length].trim().to_owned();
        let members = match backend {
            DbBackend::Postgres => format!("= ANY (ARRAY({select}))"),
            _ => format!("IN ({select})"),
        };
        text.replace_range(start..=start + length, &members);
    }
    text
}

/// A select as one JSON array of arrays, each with the columns in order; null without rows.
pub(super) fn as_json(backend: DbBackend, columns: &[Column], select: &str) -> String {
    let values: Vec<_> = columns.iter().map(|column| shown(backend, *column)).collect();
    let values = values.join(", ");
    match backend {
        DbBackend::Postgres => {
            format!("(SELECT json_agg(json_build_array({values}))::text FROM ({select}) AS q)")
        }
        _ => format!("(SELECT json_group_array(json_array({values})) FROM ({select}) AS q)"),
    }
}

fn shown(backend: DbBackend, (name, kind): Column) -> String {
    let is_postgres = backend == DbBackend::Postgres;
    match kind {
        Kind::Bytes if is_postgres => format!("encode(q.{name}, 'hex')"),
        // SQLite writes the hexadecimal form of nothing as empty text.
        Kind::Id | Kind::Bytes if !is_postgres => format!("nullif(hex(q.{name}), '')"),
        Kind::Json | Kind::OptionalJson if !is_postgres => format!("json(q.{name})"),
        _ => format!("q.{name}"),
    }
}
