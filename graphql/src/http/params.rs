//! What a GraphQL request consists of, read from JSON or from a URL.

use super::Refusal;
use crate::error::protocol_error;
use async_graphql::{Name, Value, Variables};
use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Clients that know documents by their hashes send the whole document when they get this code.
const PERSISTED_QUERY_NOT_SUPPORTED: &str = "PERSISTED_QUERY_NOT_SUPPORTED";

/// A GraphQL request.
#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

type Map = BTreeMap<Name, Value>;

/// A request as JSON.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map>,
    extensions: Option<Map>,
}

/// A request as the query of a URL. Variables and extensions are JSON.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InUrl {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

pub(super) fn from_body(bytes: &[u8]) -> Result<Params, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(bad_request("a request is one JSON object, not a batch"));
    }
    let sent: Sent = serde_json::from_slice(bytes)
        .map_err(|error| bad_request(&format!("the body is not a GraphQL request: {error}")))?;
    sent.try_into()
}

pub(super) fn from_url(uri: &Uri) -> Result<Params, Refusal> {
    let Query(in_url) = Query::<InUrl>::try_from_uri(uri)
        .map_err(|error| bad_request(&format!("the URL is not a GraphQL request: {error}")))?;
    let sent = Sent {
        query: in_url.query,
        operation_name: in_url.operation_name,
        variables: json("variables", in_url.variables)?,
        extensions: json("extensions", in_url.extensions)?,
    };
    sent.try_into()
}

fn json<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(&text)
        .map_err(|error| bad_request(&format!("`{name}` is not a JSON object: {error}")))
}

impl TryFrom<Sent> for Params {
    type Error = Refusal;

    fn try_from(sent: Sent) -> Result<Self, Refusal> {
        let query = sent.query.unwrap_or_default();
        if query.is_empty() {
            let extensions = sent.extensions.unwrap_or_default();
            return Err(match extensions.contains_key("persistedQuery") {
                true => persisted_query_not_supported(),
                false => bad_request("the request has no `query`"),
            });
        }
        let mut variables = Variables::default();
        *variables = sent.variables.unwrap_or_default();
        Ok(Self { query, operation_name: sent.operation_name, variables })
    }
}

fn persisted_query_not_supported() -> Refusal {
    let help = "Send the document as `query`.";
    // The words that Apollo's clients look for.
    let message = "PersistedQueryNotSupported";
    Refusal::not_executed(protocol_error(PERSISTED_QUERY_NOT_SUPPORTED, message, help))
}

fn bad_request(message: &str) -> Refusal {
    Refusal::bad_request(message, "Send `{ \"query\": \"…\" }`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_json_object_with_a_query_is_a_request() {
        let params = from_body(br#"{"query":"{ me { id } }","variables":null}"#).unwrap();
        assert_eq!(params.query, "{ me { id } }");
        for wrong in [
            r#" [{"query":"{ me }"}]"#,
            "",
            "{}",
            r#"{"query":1}"#,
            "query { me }",
            r#"{"query":"{ me }","variables":"{}"}"#,
            r#"{"query":"{ me }","variables":[]}"#,
            r#"{"query":"{ me }","extensions":1}"#,
            r#"{"query":"{ me }","operationName":{}}"#,
        ] {
            let refusal = from_body(wrong.as_bytes()).unwrap_err();
            assert_eq!(refusal.status, Some(axum::http::StatusCode::BAD_REQUEST), "{wrong}");
        }
    }

    #[test]
    fn a_url_says_the_same_as_a_body() {
        let of = |text: &'static str| from_url(&Uri::from_static(text));
        let url = "/?query=%7Bme%7D&operationName=A&variables=%7B%22a%22:1%7D&extensions=%7B%7D";
        let params = of(url).unwrap();
        assert_eq!((params.query.as_str(), params.operation_name.as_deref()), ("{me}", Some("A")));
        assert_eq!(params.variables["a"], Value::from(1));
        for wrong in
            ["/?operationName=A", "/?query=%7Ba%7D&variables=1", "/?query=%7Ba%7D&extensions=[]"]
        {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hash_without_a_document_is_told_from_a_mistake() {
        let known = br#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}"#;
        assert_eq!(from_body(known).unwrap_err().status, None);
        let both = br#"{"query":"{ me }","extensions":{"persistedQuery":{"version":1}}}"#;
        assert!(from_body(both).is_ok());
    }
}
