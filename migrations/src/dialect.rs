//! One SQL text for both databases: `{uuid}`, `{json}`, `{bytes}`, `{counter}`, `{clustered}` and
//! `{updated}` become what the database has, and so do a few functions that have another name on
//! each.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What the tokens stand for: types, how a table is kept, and functions, which end with `{)}`.
///
/// `{counter}` is a number that each row gets by itself, higher than those before it.
/// `{clustered}` keeps a table's rows in the order of its key instead of apart from it; PostgreSQL
/// has no such tables. `{updated}` leaves room in each page for new versions of rows that are
/// updated often.
const POSTGRES: &[(&str, &str)] = &[
    ("{uuid}", "UUID"),
    ("{json}", "JSON"),
    ("{bytes}", "BYTEA"),
    ("{clustered}", ""),
    ("{updated}", " WITH (fillfactor = 80)"),
    ("{counter}", "BIGSERIAL"),
    ("{hex_of_uuid(}", "encode(uuid_send("),
    ("{hex_of_bigint(}", "encode(int8send("),
    ("{unhex(}", "decode(("),
    ("{)}", "), 'hex')"),
    ("{small_ascii(}", "lower("),
    ("{small)}", " COLLATE \"C\")"),
];
const SQLITE: &[(&str, &str)] = &[
    ("{uuid}", "BLOB"),
    ("{json}", "TEXT"),
    ("{bytes}", "BLOB"),
    ("{clustered}", " WITHOUT ROWID"),
    ("{updated}", " WITHOUT ROWID"),
    ("{counter}", "INTEGER PRIMARY KEY"),
    ("{hex_of_uuid(}", "hex("),
    ("{hex_of_bigint(}", "printf('%016x', "),
    ("{unhex(}", "unhex("),
    ("{)}", ")"),
    ("{small_ascii(}", "lower("),
    ("{small)}", ")"),
];

/// Runs statements in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let tokens = match manager.get_database_backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    for statement in statements {
        let sql = tokens
            .iter()
            .fold((*statement).to_owned(), |sql, (token, name)| sql.replace(token, name));
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Makes the database itself refuse to change or delete rows of `table`. A guard against mistakes
/// and tampering, not part of the platform's logic: nothing relies on it. It stands at each row: an
/// engine that distributes tables can let a trigger of the statement pass, and a row's trigger
/// fires where the row is.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let function = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$";
        connection.execute_unprepared(function).await?;
        for (name, when) in [
            ("append_only", "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"),
            ("no_truncate", "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"),
        ] {
            let when = when.replace("{table}", table);
            let trigger =
                format!("CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION refuse_change()");
            connection.execute_unprepared(&trigger).await?;
        }
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

/// Makes the database itself refuse to delete rows of `table`, or to change their `key`, which
/// other tables refer to. Cheaper than foreign keys, whose check every insert would pay.
pub(crate) async fn permanent(
    manager: &SchemaManager<'_>,
    table: &str,
    key: &str,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        let function = "CREATE OR REPLACE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS \
                        $$ BEGIN RAISE EXCEPTION 'rows of % are permanent', TG_TABLE_NAME; END $$";
        connection.execute_unprepared(function).await?;
        let truncate = format!(
            "CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
        );
        connection.execute_unprepared(&truncate).await?;
    }
    for (name, when) in [("kept", "DELETE".to_owned()), ("not_renamed", format!("UPDATE OF {key}"))]
    {
        let refuse = if is_postgres {
            "FOR EACH ROW EXECUTE FUNCTION refuse_loss()".to_owned()
        } else {
            format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} are permanent'); END")
        };
        let trigger = format!("CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} {refuse}");
        connection.execute_unprepared(&trigger).await?;
    }
    Ok(())
}

/// The same as [`append_only`], but that `change`, UPDATE or DELETE, is right where `allowed` is
/// true, an expression over OLD and NEW that reads rows of the same program at most. Unknown is not
/// true.
pub(crate) async fn append_only_unless(
    manager: &SchemaManager<'_>,
    table: &str,
    change: &str,
    allowed: &str,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let name = |change: &str| format!("{table}_append_only_{}", change.to_lowercase());
    let message = format!("{table} is append-only");
    if manager.get_database_backend() == DbBackend::Postgres {
        let other = if change == "UPDATE" { "DELETE" } else { "UPDATE" };
        let refuse = format!("DROP TRIGGER {table}_append_only ON {table}");
        connection.execute_unprepared(&refuse).await?;
        refuse_unless(manager, table, &name(other), other, "1 = 0", &message).await?;
    }
    refuse_unless(manager, table, &name(change), change, allowed, &message).await
}

/// Makes a trigger of [`permanent`] anew, or another: `change` is right where `allowed` is true.
pub(crate) async fn permanent_unless(
    manager: &SchemaManager<'_>,
    table: &str,
    trigger: &str,
    change: &str,
    allowed: &str,
) -> Result<(), DbErr> {
    let message = format!("rows of {table} are permanent");
    refuse_unless(manager, table, trigger, change, allowed, &message).await
}

async fn refuse_unless(
    manager: &SchemaManager<'_>,
    table: &str,
    trigger: &str,
    change: &str,
    allowed: &str,
    message: &str,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        // A trigger's own condition cannot read other rows.
        let kept = if change == "DELETE" { "OLD" } else { "NEW" };
        for sql in [
            format!("DROP TRIGGER IF EXISTS {trigger} ON {table}"),
            format!(
                "CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF {allowed} THEN RETURN {kept}; END IF; RAISE EXCEPTION '{message}'; END $$"
            ),
            format!(
                "CREATE TRIGGER {trigger} BEFORE {change} ON {table} FOR EACH ROW \
                 EXECUTE FUNCTION {trigger}()"
            ),
        ] {
            connection.execute_unprepared(&sql).await?;
        }
        return Ok(());
    }
    connection.execute_unprepared(&format!("DROP TRIGGER IF EXISTS {trigger}")).await?;
    let sql = format!(
        "CREATE TRIGGER {trigger} BEFORE {change} ON {table} WHEN NOT COALESCE(({allowed}), 0) \
         BEGIN SELECT RAISE(ABORT, '{message}'); END"
    );
    connection.execute_unprepared(&sql).await.map(drop)
}
