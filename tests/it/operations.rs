//! What an operator watches a server by.

use crate::support::{Backend, Perennial, Served, TestDb, run};
use reqwest::StatusCode;
use std::process::Command;

/// A server whose operations listen at an address.
fn serving(db: &TestDb, operations: &str) -> Command {
    let mut command = Perennial::command(db);
    command
        .arg("serve")
        .env("PERENNIAL_LISTEN", "127.0.0.1:0")
        .env("PERENNIAL_PLUGINS", db.folder.path())
        .env("PERENNIAL_OPERATIONS_LISTEN", operations);
    command
}

#[test]
fn metrics_are_not_on_the_port_of_the_api() {
    run(async {
        let db = TestDb::create(Backend::Sqlite).await;
        let served = Served::of(&mut serving(&db, "127.0.0.1:0")).come_up();
        let get = async |url: &str| {
            let response = reqwest::get(url).await.unwrap();
            (response.status(), response.text().await.unwrap())
        };
        let public = |path: &str| format!("http://{}/{path}", served.address());
        let private = |path: &str| served.metrics().replace("metrics", path);
        assert_eq!(get(&public("graphql?query=%7B__typename%7D")).await.0, StatusCode::OK);

        assert_eq!(get(&public("metrics")).await.0, StatusCode::NOT_FOUND);
        let (status, metrics) = get(&private("metrics")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(metrics.contains("perennial_http_requests_total{path=\"/graphql\""), "{metrics}");
        assert_eq!(get(&private("graphql")).await.0, StatusCode::NOT_FOUND);
        for path in ["livez", "readyz"] {
            for url in [public(path), private(path)] {
                assert_eq!(get(&url).await.0, StatusCode::OK, "{url}");
            }
        }
    });
}

#[test]
fn an_address_that_is_taken_is_named_with_its_setting() {
    run(async {
        let db = TestDb::create(Backend::Sqlite).await;
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let refused = serving(&db, &address).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(&address) && said.contains("--operations-listen"), "{said}");
    });
}

#[test]
fn metrics_can_be_off() {
    run(async {
        let db = TestDb::create(Backend::Sqlite).await;
        let served = Served::of(&mut serving(&db, "off")).come_up();
        assert_eq!(served.metrics(), "off");
        let refused = serving(&db, "9464").output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("nor `off`"), "{said}");
    });
}
