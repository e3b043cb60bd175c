//! The media types of responses.

use super::preference::preferred;
use axum::http::{HeaderMap, HeaderValue, header};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
pub(super) const JSON: &str = "application/json";

/// The media types of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// The HTTP status says whether the request could be executed.
    GraphqlResponse,
    /// The HTTP status is 200 even for errors, for older clients.
    Json,
}

impl Media {
    /// The media type that the client prefers; the first one if it prefers several equally. `None`
    /// if it accepts neither. Clients that name none are the older ones.
    pub(crate) fn accepted_by(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Json);
        }
        preferred(headers, &header::ACCEPT).into_iter().find_map(|(range, _)| match range {
            GRAPHQL_RESPONSE => Some(Self::GraphqlResponse),
            JSON | "*/*" | "application/*" => Some(Self::Json),
            _ => None,
        })
    }

    pub(super) const fn content_type(self) -> HeaderValue {
        match self {
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }
}

/// Whether the client is a browser that requests a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_media_type_is_the_one_that_the_client_prefers() {
        let best = |accept| Media::accepted_by(&accepting(accept));
        assert_eq!(Media::accepted_by(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(best("*/*"), Some(Media::Json));
        assert_eq!(best("application/graphql-response+json"), Some(Media::GraphqlResponse));
        let both = "application/graphql-response+json, application/json;q=0.9";
        assert_eq!(best(both), Some(Media::GraphqlResponse));
        assert_eq!(
            best("application/json;q=0.5, application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(best("application/json, */*;q=0.1"), Some(Media::Json));
        assert_eq!(best("text/plain"), None);
        assert_eq!(best("application/json;q=0"), None);
    }
}
