//! Bringing the tables up to date: one migration after the other, each in a transaction, and one
//! process at a time.
//!
//! Whoever begins a step waits for whoever is in one, and looks only then what is left to do. So
//! servers that start at once on an empty database all come up, and what a killed one had begun is
//! undone by the database.

use crate::Migrator;
use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// Held by the process that migrates, for as long as its transaction. The number means nothing; it
/// is not any other lock's.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305808869231650156)";

/// Brings the tables up to date. Fails when the database has migrations that this version does not
/// know.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    while !is_current(db).await? {
        let step = begin(db).await?;
        Migrator::up(&step, Some(1)).await?;
        step.commit().await?;
    }
    Ok(())
}

/// Whether the tables are those of this version. Writes nothing. Fails with `DbErr::Custom` when the
/// database has migrations that this version does not know.
pub async fn is_current(db: &DatabaseConnection) -> Result<bool, DbErr> {
    match Migrator::get_pending_migrations_read_only(db).await {
        Ok(pending) => Ok(pending.is_empty()),
        Err(DbErr::Custom(_)) => {
            let why = "the database's tables are those of a later version";
            Err(DbErr::Custom(why.to_owned()))
        }
        Err(error) => Err(error),
    }
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        // Taken at once: a transaction that began by reading could not wait for a writer.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let step = db.begin_with_options(options).await?;
    if step.get_database_backend() == DbBackend::Postgres {
        step.execute_unprepared(LOCK).await?;
    }
    Ok(step)
}
