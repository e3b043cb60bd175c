//! How a database means to run a statement.

use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

/// Tables that do not grow with a program's members. A statement that reads any other from end to
/// end grows with the program.
const SMALL: &[&str] = &[
    "journal_unplaced",
    "plugin_approvals",
    "plugin_changes",
    "plugin_components",
    "plugin_publishers",
    "plugin_versions",
    "program_plugins",
    "program_revisions",
    "programs",
    "seaql_migrations",
    "server_clock",
    "service_center_tags",
    "service_centers",
    "timer_holds",
];

/// The tables that grow, of those that have rows: a plan says nothing of an empty one.
pub(super) async fn large(db: &Database) -> Vec<String> {
    let catalog = match db.backend() {
        DbBackend::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    };
    let mut large = Vec::new();
    for table in rows(db, catalog).await {
        let table: String = table.try_get_by_index(0).unwrap();
        let has_rows = !rows(db, &format!("SELECT 1 FROM {table} LIMIT 1")).await.is_empty();
        if has_rows && !SMALL.contains(&table.as_str()) {
            large.push(table);
        }
    }
    large
}

async fn rows(db: &Database, sql: &str) -> Vec<QueryResult> {
    db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap()
}

/// The plans of a statement, or of each statement of a script.
pub(super) async fn plans(db: &Database, statement: &Statement) -> Vec<String> {
    let backend = db.backend();
    let explain = match backend {
        DbBackend::Postgres => "EXPLAIN",
        _ => "EXPLAIN QUERY PLAN",
    };
    let whole = Statement {
        sql: statement.sql.clone(),
        values: statement.values.clone(),
        db_backend: backend,
    };
    let text = whole.to_string();
    let parts = text.split(";\n").map(str::trim);
    let mut plans = Vec::new();
    for part in parts.filter(|part| !part.starts_with("BEGIN") && *part != "COMMIT") {
        let rows =
            db.read().query_all_raw(Statement::from_string(backend, format!("{explain} {part}")));
        let column = if backend == DbBackend::Postgres { 0 } else { 3 };
        let lines = rows.await.unwrap_or_else(|error| panic!("{error}\n{part}"));
        let lines: Vec<String> =
            lines.iter().map(|row| row.try_get_by_index(column).unwrap()).collect();
        plans.push(lines.join("\n"));
    }
    plans
}

/// Those of the tables that a plan reads from end to end, or through all of a program.
pub(super) fn scans(plan: &str, tables: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut lines = plan.lines().peekable();
    while let Some(line) = lines.next() {
        let words: Vec<_> = line.trim().trim_start_matches("->").split_whitespace().collect();
        let is_all = matches!(words.as_slice(), ["SCAN" | "SEARCH", ..])
            && (words[0] == "SCAN" || line.trim_end().ends_with("(program_id=?)"));
        let condition = lines.peek().copied().unwrap_or_default().trim();
        let is_prefix =
            condition.starts_with("Index Cond: (program_id = ") && !condition.contains(" AND ");
        if is_all || line.contains("Seq Scan on") || (line.contains("Scan") && is_prefix) {
            wrong.extend(Some(table_of(line)).filter(|table| tables.contains(table)));
        }
    }
    wrong
}

/// The table that a line of a plan reads: `SCAN name` of SQLite, which shows aliases, or `… on name
/// alias` of PostgreSQL.
fn table_of(line: &str) -> String {
    let after =
        line.split(" on ").nth(1).or_else(|| line.trim().split_once(' ').map(|(_, rest)| rest));
    let name = after.unwrap_or_default().split_whitespace().next().unwrap_or_default();
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, table)| table).to_owned()
}

/// What the core's statements call tables.
const ALIASES: &[(&str, &str)] = &[
    ("a", "accounts"),
    ("b", "purchases"),
    ("c", "contacts"),
    ("f", "deliveries"),
    ("j", "journal"),
    ("l", "lots"),
    ("m", "members"),
    ("o", "records"),
    ("run", "plugin_recordings"),
    ("s", "plugin_states"),
    ("t", "transactions"),
    ("u", "plugin_runs"),
    ("v", "events"),
    ("w", "wallets"),
    ("y", "messages"),
    ("z", "seals"),
];
