//! What browsers need beside GraphQL over HTTP: other origins, compression, and GraphiQL.

use crate::support::programs::SHOP;
use crate::support::{Backend, Perennial, Served, TestApp, TestDb, run};
use flate2::read::GzDecoder;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use std::io::Read;

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn a_page_of_any_origin_may_call_the_storefront_with_the_headers_of_its_client() {
    const SENT: &str = "authorization,content-type,apollographql-client-name,traceparent,baggage,\
         sentry-trace,idempotency-key,x-request-id,x-apollo-operation-name,apollo-require-preflight";
    run(async {
        let app = TestApp::start(Backend::Sqlite).await;
        let preflight = async |path: &str| {
            let url = format!("{}{path}", app.address());
            let request = Client::new().request(Method::OPTIONS, url);
            let request = request.header("origin", "https://shop.example");
            let request = request.header("access-control-request-method", "POST");
            let request = request.header("access-control-request-headers", SENT);
            request.send().await.unwrap().headers().clone()
        };
        let allowed = preflight("/graphql").await;
        assert_eq!(header(&allowed, "access-control-allow-origin"), "*");
        assert_eq!(header(&allowed, "access-control-allow-headers"), SENT);
        assert_eq!(header(&allowed, "access-control-max-age"), "3600");
        assert_eq!(header(&allowed, "access-control-allow-credentials"), "");
        let refused = preflight("/admin/graphql").await;
        assert_eq!(header(&refused, "access-control-allow-origin"), "");
    });
}

#[test]
fn a_long_response_is_compressed_if_the_client_reads_that() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await.with_program(SHOP).await;
        let ask = async |query: &str, accepts: &str| {
            let request = Client::new().post(format!("{}/graphql", app.address()));
            let request = request.header("accept-encoding", accepts);
            let response = request.json(&json!({ "query": query })).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{accepts}");
            let headers = response.headers().clone();
            (headers, response.bytes().await.unwrap().to_vec())
        };
        let long = "{ __schema { types { name description } } }";
        let (headers, plain) = ask(long, "identity").await;
        assert_eq!(header(&headers, "content-encoding"), "");
        let (headers, compressed) = ask(long, "br, gzip").await;
        assert_eq!(header(&headers, "content-encoding"), "gzip");
        let vary: Vec<_> = headers.get_all("vary").iter().map(|it| it.to_str().unwrap()).collect();
        assert!(vary.join(",").contains("accept-encoding"), "{vary:?}");
        assert!(compressed.len() * 2 < plain.len(), "{} of {}", compressed.len(), plain.len());
        let mut read = Vec::new();
        GzDecoder::new(compressed.as_slice()).read_to_end(&mut read).unwrap();
        assert!(read == plain);
        let (headers, _) = ask("{ __typename }", "gzip").await;
        assert_eq!(header(&headers, "content-encoding"), "");
        // Whoever accepts nothing gets the plain text rather than a 406 for what was executed.
        let (headers, again) = ask(long, "br, identity;q=0").await;
        assert_eq!(header(&headers, "content-encoding"), "");
        assert!(again == plain);
    });
}

#[test]
fn whatever_is_no_request_for_the_api_is_told_so() {
    run(async {
        let app = TestApp::start(Backend::Sqlite).await;
        let told = async |method: Method, path: &str, encoding: &str| {
            let request = Client::new().request(method, format!("{}{path}", app.address()));
            let request = request.header("content-encoding", encoding);
            let sent = request.json(&json!({ "query": "{ __typename }" })).send();
            let response = sent.await.unwrap();
            let (status, body) = (response.status(), response.json::<serde_json::Value>().await);
            let code = body.unwrap()["errors"][0]["extensions"]["code"].clone();
            assert!(status.is_success() || code == json!("BAD_REQUEST"), "{path}: {code}");
            status
        };
        assert_eq!(told(Method::POST, "/graphql", "identity").await, StatusCode::OK);
        assert_eq!(
            told(Method::POST, "/graphql", "gzip").await,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
        assert_eq!(told(Method::PUT, "/graphql", "identity").await, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(told(Method::GET, "/", "identity").await, StatusCode::NOT_FOUND);
    });
}

#[test]
fn graphiql_is_served_with_all_that_it_refers_to() {
    run(async {
        let db = TestDb::create(Backend::Sqlite).await;
        let mut command = Perennial::command(&db);
        command.arg("serve").env("PERENNIAL_LISTEN", "127.0.0.1:0");
        let served = Served::of(command.env("PERENNIAL_PLUGINS", db.folder.path())).come_up();
        let get = async |path: &str, name: &str, value: &str| {
            let request = Client::new().get(format!("http://{}{path}", served.address()));
            let response = request.header(name, value).send().await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            (status, headers, response.bytes().await.unwrap())
        };
        for path in ["/graphql", "/admin/graphql"] {
            let (status, headers, page) = get(path, "accept", "text/html,*/*;q=0.8").await;
            assert_eq!(status, StatusCode::OK);
            let policy = header(&headers, "content-security-policy");
            assert!(policy.contains("default-src 'none'; script-src 'self'; "), "{policy}");
            assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
            let page = std::str::from_utf8(&page).unwrap();
            let attributes = ["src=\"", "href=\""];
            let refers = attributes.iter().flat_map(|attribute| page.split(attribute).skip(1));
            let refers = refers.map(|rest| rest.split_once('"').unwrap().0);
            let assets: Vec<_> = refers.filter(|url| *url != "data:,").collect();
            assert!(assets.len() > 5, "{page}");
            assert_eq!(page.matches("<script").count(), page.matches("<script defer src=").count());
            for asset in assets {
                assert!(asset.starts_with("/graphiql/"), "{asset}");
                let (status, headers, plain) = get(asset, "accept-encoding", "identity").await;
                assert_eq!((status, header(&headers, "content-encoding")), (StatusCode::OK, ""));
                assert!(header(&headers, "cache-control").contains("immutable"));
                let (_, headers, sent) = get(asset, "accept-encoding", "gzip, br").await;
                let is_compressed = header(&headers, "content-encoding") == "gzip";
                assert!(is_compressed && sent.len() < plain.len() || sent == plain, "{asset}");
            }
        }
        assert_eq!(get("/graphiql/0/page.js", "accept", "*/*").await.0, StatusCode::NOT_FOUND);
    });
}
