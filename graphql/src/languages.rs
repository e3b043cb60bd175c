//! The languages of a request: every text of its response is in the first of them that it exists in,
//! whichever way it is reached, so that a client's cache has one text for one object.
//!
//! They are the member's whose token it is, then those of `Accept-Language`. An operator's request
//! has no member: what a member reads is asked for by the `locale` argument. A text that exists in
//! none of them is in the program's own language.

use crate::admission::LANGUAGES_MAX;
use crate::auth::Session;
use crate::http::preferred;
use axum::http::{HeaderMap, header};
use perennial_core::is_language;
use std::sync::Arc;

/// Language tags, most preferred first.
#[derive(Clone, Debug)]
pub(crate) struct Languages(Arc<[String]>);

impl Languages {
    pub(crate) fn of(session: Option<&Session>, headers: &HeaderMap) -> Self {
        let own = session.and_then(|session| session.locale.as_deref());
        let accepted = preferred(headers, &header::ACCEPT_LANGUAGE).into_iter();
        let accepted = accepted.map(|(tag, _)| tag).filter(|tag| is_language(tag));
        let accepted = accepted.take(LANGUAGES_MAX);
        Self(own.into_iter().chain(accepted).map(str::to_owned).collect())
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn languages_are_those_that_are_accepted_by_preference() {
        let accepting = |text: &str| {
            let value = HeaderValue::from_str(text).unwrap();
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)]);
            Languages::of(None, &headers).tags().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(accepting("pl, de-CH;q=0.5, fr;q=0.8, en;q=0, *;q=0.1"), ["pl", "fr", "de-CH"]);
        assert_eq!(accepting(&"en,".repeat(100)).len(), LANGUAGES_MAX);
        assert_eq!(Languages::of(None, &HeaderMap::new()).tags().count(), 0);
    }
}
