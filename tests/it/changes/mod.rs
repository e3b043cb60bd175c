//! Following a program: everything that was recorded comes once, in one order, whatever commits
//! late, on however many servers.

mod before;
mod contents;
mod order;
mod pages;

use crate::support::TestApp;
use crate::support::books::recorded;
use data_encoding::BASE64URL_NOPAD;
use perennial_core::worker;
use serde::{Deserialize, Deserializer};
use serde_json::json;

/// A change as its follower sees it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Edge {
    position: i64,
    cursor: String,
    node: Node,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Node {
    #[serde(rename = "__typename")]
    kind: String,
    #[serde(deserialize_with = "recorded_id")]
    id: String,
    member: Member,
}

/// An id as it is recorded: that of an event names its member as well.
pub(crate) fn as_recorded(id: &str) -> String {
    let Some(body) = id.strip_prefix("evt_") else { return id.to_owned() };
    let names = String::from_utf8(BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap();
    names.split('/').next_back().unwrap_or_default().to_owned()
}

fn recorded_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(as_recorded(&String::deserialize(deserializer)?))
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Member {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    end_cursor: String,
    has_next_page: bool,
    has_previous_page: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    edges: Vec<Edge>,
    page_info: PageInfo,
}

const CHANGES: &str = "query($after: String, $first: Int!, $kinds: [ChangeKind!]) { \
     changes(after: $after, first: $first, kinds: $kinds) { \
     edges { position cursor node { __typename \
       ... on Event { id member { id } } ... on Transaction { id member { id } } \
       ... on Message { id member { id } } } } \
     pageInfo { endCursor hasNextPage hasPreviousPage } } }";

/// Somebody who keeps a cursor, and asks again and again for what comes after it.
struct Follower<'a> {
    app: &'a TestApp,
    program: &'a str,
    first: usize,
    kinds: Option<&'a [&'a str]>,
    cursor: Option<String>,
    seen: Vec<Edge>,
}

impl<'a> Follower<'a> {
    fn of(app: &'a TestApp, program: &'a str) -> Self {
        Self { app, program, first: 7, kinds: None, cursor: None, seen: Vec::new() }
    }

    async fn page(&mut self) -> Page {
        let variables = json!({ "after": self.cursor, "first": self.first, "kinds": self.kinds });
        let mut data = self.app.admin(self.program, CHANGES, variables).await;
        let page: Page = serde_json::from_value(data["changes"].take()).unwrap();
        self.cursor = Some(page.page_info.end_cursor.clone());
        self.seen.extend(page.edges.iter().cloned());
        page
    }

    /// Asks until there is no more for now.
    async fn to_the_end(&mut self) {
        while self.page().await.page_info.has_next_page {}
    }

    fn ids(&self) -> Vec<String> {
        self.seen.iter().map(|edge| edge.node.id.clone()).collect()
    }

    fn ids_of(&self, kind: &str) -> Vec<String> {
        let of_kind = self.seen.iter().filter(|edge| edge.node.kind == kind);
        of_kind.map(|edge| edge.node.id.clone()).collect()
    }

    /// Checks that all that the program recorded was seen once, at positions without gaps, and the
    /// events of each member in their order.
    async fn assert_saw_all(&self) {
        let positions: Vec<_> = self.seen.iter().map(|edge| edge.position).collect();
        let expected: Vec<_> = (1..).take(positions.len()).collect();
        assert_eq!(positions, expected, "from the first on, without gaps");
        let recorded = recorded(self.app, self.program).await;
        let sorted = |mut ids: Vec<String>| {
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(self.ids()), sorted(recorded.all()), "everything once");
        for (member, events) in &recorded.events {
            let of_member = self
                .seen
                .iter()
                .filter(|edge| edge.node.kind == "Event" && edge.node.member.id == *member);
            let seen: Vec<_> = of_member.map(|edge| edge.node.id.clone()).collect();
            assert_eq!(seen, *events, "the events of {member} in their order");
        }
        for (transaction, event) in &recorded.reported {
            let place = |id: &String| self.seen.iter().position(|edge| edge.node.id == *id);
            assert!(place(transaction) < place(event), "{transaction} before {event}");
        }
    }
}

/// Places and delivers until nothing is left to do.
async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}
