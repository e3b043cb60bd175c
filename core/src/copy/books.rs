//! What must be the same in the books of both sides.

use crate::db::Connection;
use crate::{Code, Error, Result};
use sea_orm::Statement;

const SUMS: [(&str, &str, &str); 4] = [
    ("points in members' entries", "amount", "entries WHERE account_id IS NOT NULL"),
    ("points in all entries", "amount", "entries"),
    ("points in wallets", "balance", "wallets"),
    ("points in lots", "remaining", "lots"),
];

/// A sum over the books.
#[derive(Clone, Debug)]
pub struct BookSum {
    pub name: &'static str,
    pub source: i64,
    pub target: i64,
}

/// The sums on both sides. Fails when one is not the same.
pub(super) async fn compare(
    source: &mut Connection,
    target: &mut Connection,
) -> Result<Vec<BookSum>> {
    let mut sums = Vec::new();
    for (name, column, rows) in SUMS {
        let sql = format!("SELECT CAST(COALESCE(SUM({column}), 0) AS BIGINT) FROM {rows}");
        let (source, target) = (sum(source, &sql).await?, sum(target, &sql).await?);
        if source != target {
            let why = format!("{name}: {target} instead of {source}: nothing was copied");
            return Err(Error::new(Code::Internal, why));
        }
        sums.push(BookSum { name, source, target });
    }
    Ok(sums)
}

async fn sum(connection: &mut Connection, sql: &str) -> Result<i64> {
    let statement = Statement::from_string(connection.backend(), sql);
    let row = connection.rows(&statement).await?.pop();
    let row = row.ok_or_else(|| Error::internal("a sum without an answer"))?;
    Ok(row.try_get_by_index(0)?)
}
