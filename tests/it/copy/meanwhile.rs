//! What happens while a copy runs.

use super::lively::lively;
use super::{Copied, copy, run};
use crate::support::{Backend, Perennial, TestDb, on_both_databases, perennial};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

on_both_databases!(
    a_copy_that_is_killed_leaves_what_no_server_starts_on_and_is_done_by_the_next,
    what_is_written_meanwhile_is_not_in_the_copy,
);

async fn a_copy_that_is_killed_leaves_what_no_server_starts_on_and_is_done_by_the_next(
    backend: Backend,
) {
    let source = large(Backend::Sqlite).await;
    let target = TestDb::empty(backend).await;
    let mut copying = begun(&source, &target);
    copying.kill().unwrap();
    copying.wait().unwrap();
    for command in [&["serve"][..], &["migrate"], &["program", "list"]] {
        let refused = perennial(&target, command).exits(1);
        let why = "is being filled by `perennial copy`";
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    let copied = copy(&source, &target);
    assert!(copied.tables["events"] > 120_000, "{copied:?}");
    perennial(&target, &["program", "list"]).succeeds();
}

async fn what_is_written_meanwhile_is_not_in_the_copy(backend: Backend) {
    let source = large(backend).await;
    let target = TestDb::empty(Backend::Sqlite).await;
    let copying = begun(&source, &target);
    // Into a table that is read late.
    let written = match backend {
        Backend::Sqlite => "INSERT INTO timer_holds SELECT id, randomblob(16), 1 FROM programs",
        Backend::Postgres => {
            "INSERT INTO timer_holds SELECT id, gen_random_uuid(), 1 FROM programs"
        }
    };
    run(&source, written).await;
    let output = copying.wait_with_output().unwrap();
    assert!(output.status.success());
    let copied: Copied = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(copied.tables["timer_holds"], 2, "one of each program, from before");
    let later = copy(&source, &TestDb::empty(Backend::Sqlite).await);
    assert_eq!(later.tables["timer_holds"], 4);
}

/// An installation that takes a while to copy.
async fn large(backend: Backend) -> TestDb {
    let db = TestDb::create(backend).await;
    lively(&db).await;
    let numbers = match backend {
        Backend::Sqlite => {
            "(WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000) \
              SELECT n, randomblob(16) AS id FROM n) AS n"
        }
        Backend::Postgres => {
            "(SELECT n, gen_random_uuid() AS id FROM generate_series(1, 60000) AS s (n)) AS n"
        }
    };
    let insert = format!(
        "INSERT INTO events \
             (program_id, id, member_id, member_seq, name, data, occurred_at, recorded_at) \
         SELECT p.id, n.id, p.id, n.n, 'bulk', '{{}}', 0, 0 FROM {numbers} CROSS JOIN programs AS p"
    );
    run(&db, &insert).await;
    db
}

/// A copy that has copied its first rows, and has many to go.
fn begun(source: &TestDb, target: &TestDb) -> Child {
    let mut command = Perennial::command(target);
    command.args(["copy", "--from", &source.url, "--to", &target.url, "--json", "--log-json"]);
    command.env("PERENNIAL_LOG", "perennial_core::copy=debug");
    let mut copying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(copying.stderr.take().unwrap()).lines().map(Result::unwrap);
    let first = log.find(|line| line.contains("\"copied\""));
    assert!(first.is_some(), "the copy ended before it copied anything");
    // Nobody may wait for a reader of the rest.
    std::thread::spawn(move || log.for_each(drop));
    copying
}
