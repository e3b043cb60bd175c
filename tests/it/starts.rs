//! How the executable starts: what it creates, what it prints, and what it survives.

use crate::support::programs::SHOP;
use crate::support::{Backend, Perennial, Served, TestDb, on_both_databases, perennial, plugins};
use perennial_core::db::Database;
use perennial_core::{Code, Loyalty};
use sea_orm::ConnectionTrait;
use std::io::Read;
use std::process::Stdio;
use std::sync::Arc;

on_both_databases!(
    a_command_creates_neither_a_database_nor_a_key,
    a_database_that_cannot_be_used_is_not_called_busy,
    a_server_says_what_it_has_nothing_of,
    a_hangup_does_not_end_a_server,
);

const SECRET: &str = "s3cret";

async fn a_command_creates_neither_a_database_nor_a_key(backend: Backend) {
    let db = TestDb::empty(backend).await;
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    let program = program.to_str().unwrap();
    let commands: [&[&str]; 8] = [
        &["program", "list"],
        &["program", "apply", program],
        &["import", "purchases", program, "--program", "shop"],
        &["plugin", "list", "--program", "shop"],
        &["token", "create", "--program", "shop", "--scope", "read"],
        &["token", "list", "--program", "shop"],
        &["token", "revoke", "--program", "shop", "--subject", "office"],
        &["token", "rotate"],
    ];
    for command in commands {
        let refused = perennial(&db, command);
        assert_eq!(refused.code, Some(1), "{command:?}");
        let names_it = refused.stderr.contains("perennial migrate")
            || refused.stderr.contains("there is no signing key");
        assert!(names_it, "{command:?} {}", refused.stderr);
    }
    let left: Vec<_> = std::fs::read_dir(db.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    if backend == Backend::Postgres {
        let connected = Database::connect(&db.url).await.unwrap();
        let history = connected.write().execute_unprepared("SELECT 1 FROM seaql_migrations").await;
        assert!(history.is_err(), "a table was created");
    }
    perennial(&db, &["migrate"]).succeeds();
    assert!(!db.key().exists());
    perennial(&db, &["program", "apply", program]).succeeds();
}

async fn a_database_that_cannot_be_used_is_not_called_busy(backend: Backend) {
    let mut db = TestDb::create(backend).await;
    let url = db.url.clone();
    let wrong = match backend {
        Backend::Sqlite => {
            let path = db.folder.path().join("broken.db");
            std::fs::write(&path, "this is no database, although it is long enough".repeat(99))
                .unwrap();
            vec![(format!("sqlite:{}", path.display()), "not a database")]
        }
        Backend::Postgres => {
            let name = url.rsplit('/').next().unwrap();
            let create = format!(
                "CREATE DATABASE {name}_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
            );
            let connected = Database::connect(&url).await.unwrap();
            connected.write().execute_unprepared(&create).await.unwrap();
            connected.close().await.unwrap();
            vec![
                (format!("{url}_gone"), "does not exist"),
                (format!("{url}_latin"), "encoding is LATIN1"),
                (url.replace("postgres@", "nobody@"), "role \"nobody\" does not exist"),
            ]
        }
    };
    for (url, cause) in wrong {
        db.url = url;
        for command in ["list", "migrate"] {
            let arguments: &[&str] =
                if command == "list" { &["program", "list"] } else { &["migrate"] };
            let refused = perennial(&db, arguments);
            assert_eq!(refused.code, Some(1));
            let said = &refused.stderr;
            assert!(said.contains("DATABASE_UNUSABLE") && said.contains(cause), "{said}");
            assert!(!said.contains("busy"), "{said}");
        }
    }
}

async fn a_server_says_what_it_has_nothing_of(backend: Backend) {
    let db = TestDb::empty(backend).await;
    if backend == Backend::Sqlite {
        std::fs::create_dir(db.folder.path().join("data")).unwrap();
    }
    let connected = Database::connect(&db.url).await.unwrap();
    let loyalty = Loyalty::new(connected, Arc::clone(&*plugins::HOST) as _);
    let refused = loyalty.ready().await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(refused.message(), "the database has no tables: run `perennial migrate`");

    let mut command = Perennial::command(&db);
    let nowhere = db.folder.path().join("nowhere");
    command.arg("serve").env("PERENNIAL_LISTEN", "127.0.0.1:0").env("PERENNIAL_PLUGINS", &nowhere);
    command.stderr(Stdio::piped());
    let mut served = Served::of(&mut command).come_up();
    let ready = reqwest::get(served.api().address().replace("admin/graphql", "readyz")).await;
    let ready = ready.unwrap();
    assert_eq!(ready.status(), reqwest::StatusCode::OK);
    assert_eq!(ready.text().await.unwrap(), "ready, but no program was applied yet");
    served.kill();
    let mut said = String::new();
    served.stderr().read_to_string(&mut said).unwrap();
    assert!(said.contains("there is no such plugins folder"), "{said}");
    assert!(said.contains(&nowhere.display().to_string()), "{said}");
}

async fn a_hangup_does_not_end_a_server(backend: Backend) {
    let db = TestDb::create(backend).await;
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    perennial(&db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let mut served = Served::start(&db, "").await;
    perennial(&db, &["token", "rotate", "--forget-previous"]).succeeds();
    let create = ["token", "create", "--program", "shop", "--scope", "read"];
    let token = perennial(&db, &create).succeeds().stdout.trim().to_owned();
    served.hang_up();
    crate::tokens::soon(async || served.accepts(&token).await).await;
    assert!(served.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_in_addresses_are_not_shown() {
    let db = TestDb::create(Backend::Sqlite).await;
    let database = format!("postgres://app:{SECRET}@127.0.0.1:1/shop?password={SECRET}");
    let jwks = format!("https://app:{SECRET}@id.example/keys?api_key={SECRET}");
    let issuer = ["--issuer", "https://id.example"];
    for (database, arguments) in [
        (Some(&database), vec!["program", "list"]),
        (Some(&database), vec!["migrate"]),
        (Some(&database), vec!["serve"]),
        (Some(&database), vec!["--help"]),
        (None, [&["serve", "--jwks", &jwks][..], &issuer].concat()),
    ] {
        let mut command = Perennial::command(&db);
        command.env("PERENNIAL_LISTEN", "127.0.0.1:0").env("PERENNIAL_LOG", "trace");
        if let Some(database) = database {
            command.env("PERENNIAL_DATABASE", database);
            command.env("PERENNIAL_JWKS", &jwks).env("PERENNIAL_ISSUER", issuer[1]);
        }
        let output = command.args(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains(SECRET), "{arguments:?}\n{said}");
        let is_help = arguments == ["--help"];
        assert!(is_help || (said.contains("***") && output.status.code() == Some(1)), "{said}");
    }
}
