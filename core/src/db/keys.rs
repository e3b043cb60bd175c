//! Many keys as parameters of a select that finds rows of each by an index: `SELECT … FROM {keys} AS k
//! EACH table AS t WHERE …`. They travel as arrays, or as JSON where there are none.

use super::sql::with_each;
use data_encoding::HEXLOWER;
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

/// Numbers of something that has an id, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// Keys: parameters from `$2` on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys<'k> {
    /// With the column `id`.
    Ids(&'k [Uuid]),
    /// With the columns `id`, `first` and `last`.
    Runs(&'k [Run]),
}

const IDS_POSTGRES: &str = "(SELECT i.id FROM unnest(CAST($2::text AS UUID[])) AS i (id))";
const IDS_SQLITE: &str = "(SELECT unhex(value) AS id FROM json_each($2))";
const RUNS_POSTGRES: &str = "(
        SELECT i.id, i.first, i.last
        FROM unnest(
            CAST($2::text AS UUID[]), CAST($3::text AS BIGINT[]), CAST($4::text AS BIGINT[])
        ) AS i (id, first, last)
    )";
const RUNS_SQLITE: &str = "(
        SELECT unhex(value ->> 0) AS id, value ->> 1 AS first, value ->> 2 AS last
        FROM json_each($2)
    )";

impl Keys<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Ids(ids) => ids.is_empty(),
            Self::Runs(runs) => runs.is_empty(),
        }
    }

    /// The finished text of a select over these keys.
    pub(crate) fn select(&self, backend: DbBackend, text: &str) -> String {
        let table = match (self, backend) {
            (Self::Ids(_), DbBackend::Postgres) => IDS_POSTGRES,
            (Self::Ids(_), _) => IDS_SQLITE,
            (Self::Runs(_), DbBackend::Postgres) => RUNS_POSTGRES,
            (Self::Runs(_), _) => RUNS_SQLITE,
        };
        with_each(backend, text).replace("{keys}", table)
    }

    pub(crate) fn values(&self, backend: DbBackend) -> Vec<Value> {
        match (self, backend) {
            (Self::Ids(ids), DbBackend::Postgres) => vec![array(ids.iter().map(hex))],
            (Self::Ids(ids), _) => vec![list(ids.iter().map(|id| format!("\"{}\"", hex(id))))],
            (Self::Runs(runs), DbBackend::Postgres) => vec![
                array(runs.iter().map(|run| hex(&run.id))),
                array(runs.iter().map(|run| run.first.to_string())),
                array(runs.iter().map(|run| run.last.to_string())),
            ],
            (Self::Runs(runs), _) => vec![list(
                runs.iter().map(|run| format!("[\"{}\",{},{}]", hex(&run.id), run.first, run.last)),
            )],
        }
    }
}

fn hex(id: &Uuid) -> String {
    HEXLOWER.encode(id.as_bytes())
}

fn array(values: impl Iterator<Item = String>) -> Value {
    format!("{{{}}}", values.collect::<Vec<_>>().join(",")).into()
}

fn list(values: impl Iterator<Item = String>) -> Value {
    format!("[{}]", values.collect::<Vec<_>>().join(",")).into()
}
