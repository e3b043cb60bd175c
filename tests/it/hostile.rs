//! The hostile requests of `tests/hostile`, sent to the executable. What they cost it is counted in
//! bytes, memory and milliseconds, and written to `target/hostile-requests.tsv`; of the time, which
//! depends on the machine, nothing is required.

use crate::support::{Backend, Served, TestDb, run};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Of a response that refuses: 20 errors, each with a message that quotes little.
const REFUSED_BYTES_MAX: usize = 32 * 1024;
const ACCEPTED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How much one request may add to the most memory that the server ever used. Memory that was freed
/// is used again, so that most add nothing.
/// An introspection of many fields is the most: its answer has the whole schema several times.
const MEMORY_KIB_MAX: u64 = 32 * 1024;

/// A line of the index.
#[derive(Debug)]
struct Hostile {
    file: String,
    /// Zero if the connection closes without a response.
    status: u16,
    code: String,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    bytes: usize,
    body: Value,
}

#[test]
fn hostile_requests_are_answered_and_cost_little() {
    run(async {
        let db = TestDb::create(Backend::Sqlite).await;
        let server = Served::start(&db, "").await;
        assert_eq!(usual(&server).await, json!({ "__typename": "Query" }));
        let mut record = "file\tstatus\tbytes\tKiB\tms\n".to_owned();
        let mut peak = server.memory_peak_kib();
        for hostile in index() {
            let bytes = std::fs::read(folder().join(&hostile.file)).unwrap();
            let started = Instant::now();
            let answer = send(&server, &hostile.file, bytes).await;
            let took = started.elapsed().as_millis();
            assert_eq!(answer.status, hostile.status, "{hostile:?}: {answer:?}");
            let code = answer.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
            let is_code = code == hostile.code || (hostile.code == "*" && !code.is_empty());
            assert!(is_code, "{hostile:?}: {answer:?}");
            let most = if code.is_empty() { ACCEPTED_BYTES_MAX } else { REFUSED_BYTES_MAX };
            assert!(answer.bytes <= most, "{hostile:?}: {} bytes", answer.bytes);

            let now = server.memory_peak_kib();
            let grown = now.saturating_sub(peak);
            assert!(grown <= MEMORY_KIB_MAX, "{hostile:?}: {grown} KiB more");
            peak = now;
            let line = [hostile.file, answer.status.to_string(), answer.bytes.to_string()];
            record.push_str(&format!("{}\t{grown}\t{took}\n", line.join("\t")));
            assert_eq!(usual(&server).await, json!({ "__typename": "Query" }), "{line:?}");
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/hostile-requests.tsv");
        println!("{record}");
        std::fs::write(path, record).unwrap();
    });
}

#[test]
fn the_index_names_each_hostile_request() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
    let index = index().into_iter().map(|hostile| hostile.file);
    let named: BTreeSet<String> = index.chain(["README.md".to_owned()]).collect();
    assert_eq!(files, named);
}

#[test]
fn admission_keeps_its_promises_for_hostile_documents() {
    for hostile in index() {
        perennial_graphql::examine_document(&std::fs::read(folder().join(hostile.file)).unwrap());
    }
}

async fn send(server: &Served, file: &str, bytes: Vec<u8>) -> Answer {
    let body = match file.rsplit_once('.').unwrap().1 {
        "http" => return speak(server, &bytes).await,
        "graphql" => json!({ "query": String::from_utf8(bytes).unwrap() }).to_string().into(),
        _ => bytes,
    };
    let request = reqwest::Client::new()
        .post(format!("http://{}/graphql", server.address()))
        .header("accept", "application/graphql-response+json")
        .header("content-type", "application/json");
    let response = request.body(body).send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Answer { status, bytes: text.len(), body }
}

/// Sends bytes as they are, and reads until the server closes. It may close before it read all.
async fn speak(server: &Served, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let (sent, read) = tokio::join!(to.write_all(bytes), from.read_to_end(&mut answer));
    drop((sent, read));
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    Answer {
        status: status.unwrap_or_default(),
        bytes: answer.len(),
        body: serde_json::from_str(body).unwrap_or_default(),
    }
}

/// The answer to a usual request.
async fn usual(server: &Served) -> Value {
    let body = json!({ "query": "{ __typename }" });
    let url = format!("http://{}/graphql", server.address());
    let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<Value>().await.unwrap()["data"].take()
}

fn index() -> Vec<Hostile> {
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = index.lines().filter(|line| line.starts_with("| ")).skip(2);
    let hostile = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        Hostile {
            file: cells[1].to_owned(),
            status: cells[2].replace("closed", "0").parse().unwrap(),
            code: cells[3].to_owned(),
        }
    };
    rows.map(hostile).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}
