//! GraphQL over HTTP: what the specification asks of a server, requirement by requirement, as the
//! audits of the package `graphql-http` check them.

use crate::support::{Backend, TestApp, run};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
const BOTH: [&str; 2] = [GRAPHQL, JSON];

/// What a request is answered with.
#[derive(Debug)]
struct Answer {
    status: u16,
    media: String,
    body: Value,
}

impl Answer {
    async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let media = response.headers().get("content-type").map(|media| media.to_str().unwrap());
        let media = media.unwrap_or_default().to_owned();
        let text = response.text().await.unwrap();
        Self { status, media, body: serde_json::from_str(&text).unwrap_or_default() }
    }

    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    fn has_data(&self) -> bool {
        self.status == 200 && self.body["data"].is_object() && self.body["errors"].is_null()
    }
}

struct Client {
    app: TestApp,
    http: reqwest::Client,
}

impl Client {
    async fn start() -> Self {
        let app = TestApp::start(Backend::Sqlite).await;
        Self { app, http: reqwest::Client::new() }
    }

    fn request(&self, method: Method, accept: &str, url: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/graphql{url}", self.app.address()));
        match accept {
            "" => request,
            accept => request.header("accept", accept),
        }
    }

    async fn get(&self, accept: &str, url: &str) -> Answer {
        Answer::to(self.request(Method::GET, accept, url)).await
    }

    async fn post(&self, accept: &str, body: &Value) -> Answer {
        self.post_text(accept, JSON, &body.to_string()).await
    }

    async fn post_text(&self, accept: &str, content_type: &str, body: &str) -> Answer {
        let request = self.request(Method::POST, accept, "").body(body.to_owned());
        Answer::to(match content_type {
            "" => request,
            content_type => request.header("content-type", content_type),
        })
        .await
    }
}

#[test]
fn the_media_type_is_the_accepted_one() {
    run(async {
        let client = Client::start().await;
        for (accept, media) in [(GRAPHQL, GRAPHQL), (JSON, JSON), ("*/*", JSON), ("", JSON)] {
            let answer = client.post(accept, &json!({ "query": "{ __typename }" })).await;
            assert!(answer.has_data(), "{accept}: {answer:?}");
            assert_eq!(answer.media, format!("{media}; charset=utf-8"), "{accept}");
        }
        let none = client.post("text/html", &json!({ "query": "{ __typename }" })).await;
        assert_eq!(none.status, 406);
    });
}

#[test]
fn a_body_is_json_in_utf_8_and_says_so() {
    run(async {
        let client = Client::start().await;
        let query = json!({ "query": "{ __typename } # ü" }).to_string();
        for said in [JSON, "application/json; charset=utf-8", "Application/JSON"] {
            assert!(client.post_text(GRAPHQL, said, &query).await.has_data(), "{said}");
        }
        for unsaid in ["", "text/plain", "application/x-www-form-urlencoded"] {
            assert_eq!(client.post_text(GRAPHQL, unsaid, &query).await.status, 415, "{unsaid}");
        }
        for accept in BOTH {
            for wrong in ["", "{", "[]", "\"query\"", "{ __typename }"] {
                let answer = client.post_text(accept, JSON, wrong).await;
                assert_eq!((answer.status, answer.code()), (400, "BAD_REQUEST"), "{wrong}");
            }
        }
    });
}

#[test]
fn a_get_request_says_the_same_in_its_url() {
    run(async {
        let client = Client::start().await;
        let two = "?query=query%20A%7Ba:__typename%7Dquery%20B%7Bb:__typename%7D&operationName=B";
        let variables = "?query=query(%24i:Boolean!)%7B__schema%40skip(if:%24i)%7BqueryType%7Bname%7D%7Db:__typename%7D\
             &variables=%7B%22i%22:true%7D&extensions=%7B%22a%22:%7B%7D%7D";
        for accept in BOTH {
            for url in [two, variables] {
                let answer = client.get(accept, url).await;
                assert!(answer.has_data(), "{answer:?}");
                assert_eq!(answer.body["data"], json!({ "b": "Query" }));
            }
            let mutation = client.get(accept, "?query=mutation%7B__typename%7D").await;
            assert_eq!(mutation.status, 405);
            assert_eq!(client.get(accept, "?operationName=A").await.status, 400);
        }
    });
}

#[test]
fn parameters_have_their_types() {
    run(async {
        let client = Client::start().await;
        let base = json!({ "query": "query A { __typename }" });
        let with = |name: &str, value: &Value| {
            let mut body = base.clone();
            body[name] = value.clone();
            body
        };
        let (text, number, truth) = (json!("a"), json!(7), json!(true));
        let (list, map) = (json!(["a"]), json!({ "a": 1 }));
        for accept in BOTH {
            for (name, right, wrong) in [
                ("query", vec![&base["query"]], vec![&map, &number, &truth, &list, &Value::Null]),
                (
                    "operationName",
                    vec![&json!("A"), &Value::Null],
                    vec![&map, &number, &truth, &list],
                ),
                ("variables", vec![&map, &Value::Null], vec![&text, &number, &truth, &list]),
                ("extensions", vec![&map, &Value::Null], vec![&text, &number, &truth, &list]),
            ] {
                for value in right {
                    let answer = client.post(accept, &with(name, value)).await;
                    assert!(answer.has_data(), "{name} {value}: {answer:?}");
                }
                for value in wrong {
                    let answer = client.post(accept, &with(name, value)).await;
                    assert_eq!(
                        (answer.status, answer.code()),
                        (400, "BAD_REQUEST"),
                        "{name} {value}"
                    );
                }
            }
        }
    });
}

#[test]
fn the_status_tells_whether_it_was_executed_if_the_media_type_is_the_newer() {
    run(async {
        let client = Client::start().await;
        for body in [
            json!({ "query": "{" }),
            json!({ "query": "{ nothing }" }),
            json!({ "query": "{ __typename }", "operationName": "Other" }),
            json!({
                "query": "query($id: ID!) { node(id: $id) { __typename } }",
                "variables": { "id": null },
            }),
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } }),
        ] {
            for (accept, status) in [(GRAPHQL, 400), (JSON, 200)] {
                let answer = client.post(accept, &body).await;
                assert_eq!(answer.status, status, "{body}: {answer:?}");
                assert!(answer.body.get("data").is_none(), "{body}: {answer:?}");
                assert!(!answer.code().is_empty(), "{body}: {answer:?}");
            }
        }
    });
}

#[test]
fn clients_that_know_documents_by_hash_learn_to_send_them() {
    run(async {
        let client = Client::start().await;
        let mut body = json!({ "extensions": { "persistedQuery": { "version": 1 } } });
        let unknown = client.post(JSON, &body).await;
        assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
        assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotSupported");
        body["query"] = json!("{ __typename }");
        assert!(client.post(JSON, &body).await.has_data());
    });
}
