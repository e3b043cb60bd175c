//! The mark on a database that is being filled, or whose filling was cut off: a table of its own,
//! which goes in the transaction that brings the rows.

use crate::Result;
use crate::db::Database;
use sea_orm::{ConnectionTrait, DbBackend};

pub(super) const TABLE: &str = "unfinished_copy";
pub(super) const SET: &str = "CREATE TABLE IF NOT EXISTS unfinished_copy (since BIGINT)";
pub(super) const UNSET: &str = "DROP TABLE unfinished_copy";

const IS_SET_POSTGRES: &str = "SELECT 1 WHERE to_regclass('unfinished_copy') IS NOT NULL";
const IS_SET_SQLITE: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'unfinished_copy'";

/// Whether a database is the target of a copy that has not finished: it is nobody's installation,
/// and only another copy may use it.
pub async fn is_unfinished(db: &Database) -> Result<bool> {
    let sql = match db.backend() {
        DbBackend::Postgres => IS_SET_POSTGRES,
        _ => IS_SET_SQLITE,
    };
    Ok(db.read().query_one_raw(db.sql(sql, [])).await?.is_some())
}
