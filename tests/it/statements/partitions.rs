//! An engine that places rows by program runs each hot statement on one node. Partitions show the
//! same: each statement touches one of each table.

use super::plans::plans;
use super::{Shop, is_round};
use crate::support::{Backend, TestDb};
use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_hot_statement_touches_the_rows_of_one_program() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let placed = place_by_program(db).await;
        let shop = Shop::open(placed).await;
        let mut seen = BTreeSet::new();
        for (operation, _, statements) in shop.hot().await {
            // A round asks all programs what is due: the one question that is not about one
            // program.
            for statement in statements.iter().filter(|one| !is_round(one)) {
                for plan in plans(shop.app.loyalty.db(), statement).await {
                    for (table, partitions) in partitions(&plan) {
                        let count = partitions.len();
                        assert_eq!(count, 1, "{operation}: {table} in {count} partitions\n{plan}");
                        seen.insert(table);
                    }
                }
            }
        }
        for table in ["accounts", "deliveries", "events", "lots", "members", "purchases", "wallets"]
        {
            assert!(seen.contains(table), "no hot statement reads {table}: {seen:?}");
        }
    });
}

/// The partitions that a plan reads, by table.
fn partitions(plan: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for word in plan.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if let Some((table, part)) = word.rsplit_once("_part") {
            if part.len() == 1 {
                found.entry(table.to_owned()).or_default().insert(part.to_owned());
            }
        }
    }
    found
}

/// The same tables once more, each one with a program in four partitions, in a schema that comes
/// first.
async fn place_by_program(mut db: TestDb) -> TestDb {
    let connected = Database::connect(&db.url).await.unwrap();
    let run = async |sql: String| {
        connected.write().execute_unprepared(&sql).await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
    };
    run("CREATE SCHEMA placed".to_owned()).await;
    let tables = Statement::from_string(
        DbBackend::Postgres,
        "SELECT table_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND column_name = 'program_id'",
    );
    for row in connected.read().query_all_raw(tables).await.unwrap() {
        let table: String = row.try_get_by_index(0).unwrap();
        run(format!(
            "CREATE TABLE placed.{table} (LIKE public.{table} INCLUDING ALL) PARTITION BY HASH (program_id)"
        ))
        .await;
        for part in 0..4 {
            run(format!(
                "CREATE TABLE placed.{table}_part{part} PARTITION OF placed.{table} \
                 FOR VALUES WITH (MODULUS 4, REMAINDER {part})"
            ))
            .await;
        }
    }
    connected.close().await.unwrap();
    db.url = format!("{}?options=-csearch_path%3Dplaced,public", db.url);
    db
}
