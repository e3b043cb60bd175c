//! One SQL text for both databases: `{uuid}`, `{json}` and `{bytes}` become the database's own type.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs statements in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let types = match manager.get_database_backend() {
        DbBackend::Postgres => [("{uuid}", "UUID"), ("{json}", "JSONB"), ("{bytes}", "BYTEA")],
        _ => [("{uuid}", "BLOB"), ("{json}", "TEXT"), ("{bytes}", "BLOB")],
    };
    for statement in statements {
        let sql = types
            .iter()
            .fold((*statement).to_owned(), |sql, (token, name)| sql.replace(token, name));
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Makes the database itself refuse to change or delete rows of `table`. A guard against mistakes and tampering, not part of
/// the platform's logic: nothing relies on it.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let function = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$";
        connection.execute_unprepared(function).await?;
        let trigger = format!(
            "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        );
        connection.execute_unprepared(&trigger).await?;
        return Ok(());
    }
    for change in ["UPDATE", "DELETE"] {
        let trigger = format!(
            "CREATE TRIGGER {table}_append_only_{} BEFORE {change} ON {table} \
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            change.to_lowercase()
        );
        connection.execute_unprepared(&trigger).await?;
    }
    Ok(())
}
