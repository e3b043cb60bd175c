//! A SELECT whose conditions depend on what is asked for.

use super::sql::with_members;
use sea_orm::{ConnectionTrait, Statement, Value};

/// Text with `$1`, `$2`… and their values.
#[derive(Debug)]
pub(crate) struct Select {
    text: String,
    values: Vec<Value>,
}

impl Select {
    pub(crate) fn new(text: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.into(), values: values.into_iter().collect() }
    }

    /// Adds a condition such as `member_id = {}` if there is a value for it.
    pub(crate) fn and(mut self, condition: &str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.values.push(value);
            let condition = condition.replace("{}", &format!("${}", self.values.len()));
            self.text.push_str(" AND ");
            self.text.push_str(&condition);
        }
        self
    }

    /// Adds that a column names a member, or one that was merged into it.
    pub(crate) fn and_of(self, column: &str, member: Option<Value>) -> Self {
        let condition = format!(
            "{column} {{in: SELECT {{}} UNION ALL SELECT f.id FROM members AS f \
             WHERE f.program_id = $1 AND f.merged_into = {{}}}}"
        );
        self.and(&condition, member)
    }

    /// The finished statement, `ending` with its order and limit.
    pub(crate) fn ending(mut self, connection: &impl ConnectionTrait, ending: &str) -> Statement {
        self.text.push_str(ending);
        let backend = connection.get_database_backend();
        Statement::from_sql_and_values(backend, with_members(backend, &self.text), self.values)
    }
}
