//! Telling PostgreSQL's planner that tables have grown.
//!
//! A prepared statement is planned once. Planned while its tables are almost empty, any index that
//! begins with the program looks as good as the right one. Once the planner knows that a program
//! has more than a few rows, it does not – but by itself the database looks at a new table a minute
//! after it was filled, and a burst does not wait. So whoever works on the database looks whether a
//! table has outgrown what the planner believes, and has it counted again; that plans prepared
//! statements anew as well.

use super::Database;
use crate::Result;
use sea_orm::{ConnectionTrait, DbBackend};

/// Tables of ours with twice the pages that the planner knows of, and some.
const OUTGROWN: &str = "
    SELECT c.relname::text
    FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND pg_relation_size(c.oid) > 8192 * (2 * c.relpages::bigint + 4)";

impl Database {
    /// Counts the tables again that have outgrown the planner's statistics; returns how many. On
    /// SQLite, whose statements keep to their indexes by how they are written, there is nothing to
    /// do.
    pub(crate) async fn count_what_grew(&self) -> Result<usize> {
        if self.backend() != DbBackend::Postgres {
            return Ok(0);
        }
        let outgrown = self.read().query_all_raw(self.sql(OUTGROWN, [])).await?;
        for row in &outgrown {
            let table: String = row.try_get_by_index(0)?;
            self.writers.execute_unprepared(&format!("ANALYZE \"{table}\"")).await?;
        }
        Ok(outgrown.len())
    }
}
