//! A kind of row, described once: the struct is the list of columns, their types and their form in
//! JSON.

use super::field::Kind;
use sea_orm::{DbErr, QueryResult};

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

/// Rows that are read as columns, one after the other, and not as JSON: for what is read in numbers.
pub(crate) trait ColumnRow: Row + Sized {
    fn of(row: &QueryResult) -> Result<Self, DbErr>;
}

/// Declares a kind of row: `row! { struct LotRow in "lots" { id: LotId, amount: i64 } }`. Without a
/// table it is the key or the answer of a statement. `by column` lets it be read as a [`ColumnRow`]
/// as well.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident by column {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)*
        }
    ) => {
        $crate::db::row! {
            $(#[$meta])*
            $vis struct $name {
                $($(#[$field_meta])* $field_vis $field: $type,)*
            }
        }

        impl $crate::db::ColumnRow for $name {
            fn of(row: &sea_orm::QueryResult) -> Result<Self, sea_orm::DbErr> {
                let mut columns = 0..;
                let mut next = || columns.next().unwrap_or_default();
                Ok(Self { $($field: row.try_get_by_index(next())?,)* })
            }
        }
    };
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
