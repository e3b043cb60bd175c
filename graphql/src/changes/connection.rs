//! A page of changes. It is a connection like the others, but for its end: that is where the page
//! stopped looking, which an empty page says as well.

use super::Change;
use crate::connection::Cursor;
use crate::scalars::Long;
use async_graphql::connection::{CursorType, PageInfo};
use async_graphql::{ComplexObject, SimpleObject};
use perennial_core::changes::{ChangesPage, Position};
use perennial_core::{Code, Error, Result};

/// A page of changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ChangeConnection {
    /// The changes, each with its position.
    edges: Vec<ChangeEdge>,
    /// Where the page begins and ends. `endCursor` is never null: store it to continue from there,
    /// even after an empty page.
    page_info: PageInfo,
}

#[ComplexObject]
impl ChangeConnection {
    /// The changes without their positions.
    async fn nodes(&self) -> Vec<&Change> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// A change and its place in the order of changes.
#[derive(Debug, SimpleObject)]
pub(crate) struct ChangeEdge {
    /// The cursor of the change.
    cursor: String,
    /// The place of the change in the program: 1 for the first, and 1 more for each that follows.
    position: Long,
    /// The change.
    node: Change,
}

impl ChangeConnection {
    pub(super) fn of(page: ChangesPage, has_previous: bool) -> Self {
        let edge = |(position, change): (Position, _)| ChangeEdge {
            cursor: cursor(position),
            position: Long(position.number()),
            node: Change::from(change),
        };
        let edges: Vec<_> = page.items.into_iter().map(edge).collect();
        let page_info = PageInfo {
            has_previous_page: has_previous,
            has_next_page: page.has_more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: Some(cursor(page.end)),
        };
        Self { edges, page_info }
    }
}

/// Distinguishes the cursor of a change from those of other lists.
const PREFIX: &str = "change_";

fn cursor(position: Position) -> String {
    Cursor(format!("{PREFIX}{position}")).encode_cursor()
}

/// The position that a cursor names; the start without one. Fails with `INVALID_CURSOR` for the
/// cursor of another list.
pub(super) fn position(after: Option<&str>) -> Result<Position> {
    let Some(text) = after else { return Ok(Position::START) };
    let Cursor(name) = Cursor::decode_cursor(text).map_err(|error| error.at("after"))?;
    name.strip_prefix(PREFIX).and_then(|position| position.parse().ok()).ok_or_else(|| {
        let why = format!("`{text}` is the cursor of another list, not of changes");
        Error::new(Code::InvalidCursor, why).at("after")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let at: Position = "42.0a1b2c3d".parse().unwrap();
        assert_eq!(position(Some(&cursor(at))).unwrap(), at);
        assert_eq!(position(None).unwrap(), Position::START);
    }

    #[test]
    fn other_cursors_are_refused() {
        for name in ["mem_1", "change_-1.00", "change_", "change_42", "change_42.x", "change_.1"] {
            let error = position(Some(&Cursor(name.to_owned()).encode_cursor())).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::InvalidCursor, Some("after")),
                "{name}"
            );
        }
    }
}
