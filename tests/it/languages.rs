//! The language of texts follows from the request, not from the way by which a text is reached.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

on_both_databases!(
    a_text_is_the_same_whichever_way_it_is_reached,
    the_first_language_that_a_text_has_is_taken,
);

/// The machinery program has texts in English, German and Polish, and is English itself.
struct Reader {
    app: TestApp,
    http: reqwest::Client,
}

impl Reader {
    async fn of_machinery(backend: Backend) -> Self {
        let app = TestApp::start(backend).await.with_program(&example("machinery")).await;
        for (name, locale) in [("polish", "pl"), ("french", "fr")] {
            let member = json!({ "externalId": name, "name": name, "locale": locale });
            app.creates("machinery", member).await.done();
            let member = json!({ "externalId": name });
            let purchase = json!({ "member": member, "reference": name, "total": "600000.00" });
            app.records("machinery", purchase).await.done();
        }
        Self { app, http: reqwest::Client::new() }
    }

    /// The data that answers a request, and the headers that came with it.
    async fn asks(
        &self,
        (path, token): (&str, Option<&str>),
        accept: &str,
        query: &str,
    ) -> (Value, HeaderMap) {
        let request = self.http.post(format!("{}{path}", self.app.address()));
        let request = request.header("accept-language", accept).json(&json!({ "query": query }));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        let mut body: Value = response.json().await.unwrap();
        assert!(body["errors"].is_null(), "{body:#}");
        (body["data"].take(), headers)
    }
}

/// Every text in a value.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(names).collect(),
        Value::Object(fields) => fields.values().flat_map(names).collect(),
        Value::String(text) => vec![text],
        _ => Vec::new(),
    }
}

async fn a_text_is_the_same_whichever_way_it_is_reached(backend: Backend) {
    let reader = Reader::of_machinery(backend).await;
    let token = |subject: &str, scope: &str| reader.app.token("machinery", subject, scope);
    let (polish, french) = (token("polish", "member"), token("french", "member"));
    let office = token("office", "admin");
    let find = "{ program(slug: \"machinery\") { tiers { id } } }";
    let (tiers, _) = reader.asks(("/graphql", None), "", find).await;
    let gold = tiers["program"]["tiers"][2]["id"].as_str().unwrap();
    let node = format!("node(id: \"{gold}\") {{ ... on Tier {{ name }} }}");
    let storefront = format!(
        "{{ me {{ tier {{ name }} }} {node} \
         quotePurchase(input: {{ total: \"1.00\" }}) {{ quote {{ tierAfter {{ name }} }} }} }}"
    );
    let admin = format!(
        "{{ member(externalId: \"polish\") {{ tier {{ name }} }} {node} quotePurchase(input: \
         {{ member: {{ externalId: \"polish\" }}, total: \"1.00\" }}) \
         {{ quote {{ tierAfter {{ name }} }} }} }}"
    );
    for (path, token, accept, query, expected) in [
        // A member's own language comes before the browser's, and the browser's if a text is not in
        // the member's.
        ("/graphql", &polish, "de", &storefront, "Złoty"),
        ("/graphql", &french, "de-AT, en;q=0.5", &storefront, "Gold"),
        // An operator reads in its own language, whoever the member is.
        ("/admin/graphql", &office, "de", &admin, "Gold"),
        ("/admin/graphql", &office, "pl-PL", &admin, "Złoty"),
        ("/admin/graphql", &office, "", &admin, "Gold"),
    ] {
        let (data, _) = reader.asks((path, Some(token)), accept, query).await;
        assert_eq!(names(&data), [expected; 3], "{path} {accept}: {data:#}");
    }
    let asked = "{ member(externalId: \"polish\") { tier { name(locale: \"pl\") } } }";
    let (data, _) = reader.asks(("/admin/graphql", Some(&office)), "de", asked).await;
    assert_eq!(names(&data), ["Złoty"], "the argument comes first");
}

async fn the_first_language_that_a_text_has_is_taken(backend: Backend) {
    let reader = Reader::of_machinery(backend).await;
    let public = "{ program(slug: \"machinery\") { name } }";
    for (accept, expected) in [
        ("pl", "Program partnerski"),
        ("de-CH-1996", "Partnerprogramm"),
        ("fr, de;q=0.4, pl;q=0.9", "Program partnerski"),
        ("en;q=0, de;q=0.1", "Partnerprogramm"),
        ("fr", "Partner Programme"),
        ("*", "Partner Programme"),
        ("", "Partner Programme"),
        ("not a language; q=x,,;,de", "Partnerprogramm"),
    ] {
        let (data, headers) = reader.asks(("/graphql", None), accept, public).await;
        assert_eq!(names(&data), [expected], "{accept}");
        let vary: Vec<_> =
            headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.join(", ").contains("accept-language"), "{vary:?}");
    }
}
