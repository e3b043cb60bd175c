//! A kind of row, described once: the struct is the list of columns, their types and their form in
//! JSON.

use super::field::Kind;
use sea_orm::DbBackend;

/// A column by name and kind.
pub(crate) type Column = (&'static str, Kind);

/// Rows of one shape: those of a table without the program, which every statement names as a
/// parameter, or those of a question.
pub(crate) trait Row {
    const COLUMNS: &'static [Column];

    /// Appends the row as a JSON object.
    fn write(&self, json: &mut String);
}

/// Rows that a table is made of.
pub(crate) trait TableRow: Row {
    const TABLE: &'static str;
}

/// Declares a kind of row: `row! { struct LotRow in "lots" { id: LotId, amount: i64 } }`. Without a
/// table it is the key or the answer of a statement.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(in $table:literal)? {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }

        impl $crate::db::Row for $name {
            const COLUMNS: &'static [$crate::db::Column] =
                &[$((stringify!($field), <$type as $crate::db::Field>::KIND),)*];

            fn write(&self, json: &mut String) {
                let mut separator = '{';
                $(
                    json.push(std::mem::replace(&mut separator, ','));
                    json.push_str(concat!("\"", stringify!($field), "\":"));
                    $crate::db::Field::write(&self.$field, json);
                )*
                json.push('}');
            }
        }

        $(
            impl $crate::db::TableRow for $name {
                const TABLE: &'static str = $table;
            }
        )?

        // An answer comes as an array of its columns, in their order.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Columns;

                impl<'de> serde::de::Visitor<'de> for Columns {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("the columns of ", stringify!($name)))
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(
                        self,
                        mut columns: A,
                    ) -> Result<$name, A::Error> {
                        Ok($name { $($field: $crate::db::next_column(&mut columns)?,)* })
                    }
                }

                deserializer.deserialize_seq(Columns)
            }
        }
    };
}
pub(crate) use row;

/// The value of the next column of an answer.
pub(crate) fn next_column<'de, F, A>(columns: &mut A) -> Result<F, A::Error>
where
    F: super::Field,
    A: serde::de::SeqAccess<'de>,
{
    struct Seed<F>(std::marker::PhantomData<F>);

    impl<'de, F: super::Field> serde::de::DeserializeSeed<'de> for Seed<F> {
        type Value = F;

        fn deserialize<D: serde::Deserializer<'de>>(self, column: D) -> Result<F, D::Error> {
            F::read(column)
        }
    }

    let value = columns.next_element_seed(Seed(std::marker::PhantomData))?;
    value.ok_or_else(|| serde::de::Error::custom("an answer lacks a column"))
}

/// Rows as one JSON array.
#[derive(Clone, Debug)]
pub(crate) struct JsonRows {
    json: String,
    count: usize,
}

impl JsonRows {
    pub(crate) fn new() -> Self {
        Self { json: "[]".to_owned(), count: 0 }
    }

    pub(crate) fn of<'r, R: Row + 'r>(rows: impl IntoIterator<Item = &'r R>) -> Self {
        let mut all = Self::new();
        rows.into_iter().for_each(|row| all.push(row));
        all
    }

    pub(crate) fn push(&mut self, row: &impl Row) {
        self.json.pop();
        if self.count > 0 {
            self.json.push(',');
        }
        row.write(&mut self.json);
        self.json.push(']');
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How long it is now, to come back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.json.len(), self.count)
    }

    /// Takes back what was added since a mark.
    pub(crate) fn reset(&mut self, (length, count): (usize, usize)) {
        if count < self.count {
            self.json.truncate(length - 1);
            self.json.push(']');
            self.count = count;
        }
    }

    pub(crate) fn into_json(self) -> String {
        self.json
    }
}

/// The JSON rows of parameter `$number` as a table.
pub(crate) fn as_table(backend: DbBackend, columns: &[Column], number: usize) -> String {
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
        Kind::Json | Kind::OptionalJson => "jsonb",
    }
}

fn taken((name, kind): Column) -> String {
    match kind {
        Kind::Bytes => format!("decode({name}, 'hex') AS {name}"),
        // PostgreSQL reads JSON's null as its own; where a value must be there, it is a value like
        // any other.
        Kind::Json => format!("COALESCE({name}, 'null'::jsonb) AS {name}"),
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
    let selects: Vec<_> = sql.split("UNION").map(|select| each(backend, select)).collect();
    selects.join("UNION ")
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
pub(crate) fn as_json(backend: DbBackend, columns: &[Column], select: &str) -> String {
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
