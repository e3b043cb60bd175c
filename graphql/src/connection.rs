//! Relay connections over the core's pages.

use async_graphql::OutputType;
use async_graphql::connection::{self, CursorType, Edge};
use data_encoding::BASE64URL_NOPAD;
use perennial_core::page::{Page, PageRequest};
use perennial_core::{Code, Error, Id, Result};
use std::fmt::Display;
use std::str::FromStr;

pub(crate) type Connection<Node> = connection::Connection<Cursor, Node>;

/// The id of an item, encoded so that clients do not use it as an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor(pub(crate) String);

impl CursorType for Cursor {
    type Error = Error;

    fn decode_cursor(text: &str) -> Result<Self> {
        let wrong = || Error::new(Code::InvalidCursor, format!("`{text}` is not a cursor"));
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?;
        String::from_utf8(bytes).map(Self).map_err(|_| wrong())
    }

    fn encode_cursor(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.as_bytes())
    }
}

/// The page that the arguments of a connection request. Fails with `TOO_MANY` for more than 100
/// items and with `INVALID_CURSOR` for what is not a cursor of this list.
pub(crate) fn page<I>(first: u32, after: Option<&str>) -> Result<PageRequest<I>>
where
    I: Id + FromStr<Err = Error>,
{
    let after = after.map(|text| after_id(text).map_err(|error| error.at("after"))).transpose()?;
    PageRequest::new(u64::from(first), after)
}

fn after_id<I: Id + FromStr<Err = Error>>(text: &str) -> Result<I> {
    let Cursor(id) = Cursor::decode_cursor(text)?;
    id.parse().map_err(|_| {
        let why = format!("`{text}` is the cursor of another list, not of {}s", I::NOUN);
        Error::new(Code::InvalidCursor, why)
    })
}

/// A page as a connection. There is a page before it if `after` was given.
pub(crate) fn connection<T, I: Display, Node: OutputType>(
    page: Page<T>,
    after: Option<&str>,
    id: impl Fn(&T) -> I,
    node: impl Fn(T) -> Node,
) -> Connection<Node> {
    let mut connection = Connection::new(after.is_some(), page.has_more);
    let edge = |item: T| Edge::new(Cursor(id(&item).to_string()), node(item));
    connection.edges.extend(page.items.into_iter().map(edge));
    connection
}

#[cfg(test)]
mod tests {
    use super::*;
    use perennial_core::{MemberId, TransactionId};

    #[test]
    fn a_cursor_leads_back_to_its_item() {
        let id = MemberId::new();
        let cursor = Cursor(id.to_string()).encode_cursor();
        assert!(!cursor.contains("mem_"), "{cursor} shows what it is made of");
        assert_eq!(page::<MemberId>(10, Some(&cursor)).unwrap().after, Some(id));
    }

    #[test]
    fn cursors_of_other_lists_and_too_large_pages_are_refused() {
        let cursor = Cursor(TransactionId::new().to_string()).encode_cursor();
        let error = page::<MemberId>(10, Some(&cursor)).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidCursor, Some("after")));
        assert!(error.message().ends_with("not of members"), "{error}");
        assert!(page::<MemberId>(10, Some("mem_1")).is_err());
        assert_eq!(page::<MemberId>(101, None).unwrap_err().code(), Code::TooMany);
    }
}
