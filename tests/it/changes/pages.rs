//! Pages of changes: what they end at, what a filter leaves out, and which cursors are refused.

use super::{CHANGES, Follower, works};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    a_page_ends_where_the_next_begins,
    a_filter_leaves_out_the_rest_and_loses_nothing,
    a_page_without_changes_of_a_kind_moves_on,
    other_cursors_and_wrong_arguments_are_refused,
    a_cursor_of_before_a_restore_is_refused,
);

async fn a_page_ends_where_the_next_begins(backend: Backend) {
    let app = shop(backend).await;
    let mut follower = Follower::of(&app, "shop");
    let nothing = follower.page().await.page_info;
    assert!(!nothing.has_next_page && !nothing.has_previous_page);
    let start = follower.cursor;
    assert_eq!(start, Some(nothing.end_cursor), "there is a cursor before all changes");

    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    app.joins("shop", "bob").await;
    works(&app).await;
    let mut pages = Vec::new();
    for first in [1, 2, 100] {
        let cursor = start.clone();
        let mut follower = Follower { first, cursor, ..Follower::of(&app, "shop") };
        let mut asked = 1;
        while follower.page().await.page_info.has_next_page {
            asked += 1;
        }
        assert_eq!(asked, follower.seen.len().div_ceil(first), "the last page says so");
        let last = follower.seen.last().unwrap();
        let last = last.cursor.clone();
        assert_eq!(follower.cursor.as_ref(), Some(&last));
        let end = follower.page().await;
        assert!(end.edges.is_empty() && !end.page_info.has_next_page);
        assert_eq!(end.page_info.end_cursor, last, "an empty page ends where it began");
        pages.push(follower.seen);
    }
    assert!(pages[0].len() > 3 && pages[0] == pages[1] && pages[1] == pages[2], "{pages:#?}");
}

async fn a_filter_leaves_out_the_rest_and_loses_nothing(backend: Backend) {
    let app = shop(backend).await;
    for member in ["ada", "bob", "eve"] {
        let person = app.joins("shop", member).await;
        person.buys(member, "20.00").await.done();
        person.redeems("mug", member).await.done();
    }
    works(&app).await;
    let mut all = Follower::of(&app, "shop");
    all.to_the_end().await;
    for (kinds, names) in [
        (&["EVENT"][..], &["Event"][..]),
        (&["TRANSACTION"], &["Transaction"]),
        (&["MESSAGE"], &["Message"]),
        (&["TRANSACTION", "EVENT"], &["Transaction", "Event"]),
    ] {
        for first in [1, 3, 100] {
            let mut some = Follower { first, kinds: Some(kinds), ..Follower::of(&app, "shop") };
            some.to_the_end().await;
            let of_kinds = all.seen.iter().filter(|edge| names.contains(&edge.node.kind.as_str()));
            let expected: Vec<_> = of_kinds.cloned().collect();
            assert_eq!(some.seen, expected, "{first} of {kinds:?}");
        }
    }
}

/// A page looks through so many rows and no more: who asks for what is rare gets pages without it.
async fn a_page_without_changes_of_a_kind_moves_on(backend: Backend) {
    let app = shop(backend).await;
    let ada = app.joins("shop", "ada").await;
    works(&app).await;
    books::repeat_in_journal(&app, 2_500).await;
    ada.buys("order-1", "10.00").await.done();
    works(&app).await;
    let mut rare = Follower { kinds: Some(&["TRANSACTION"]), ..Follower::of(&app, "shop") };
    let first = rare.page().await;
    assert!(first.edges.is_empty() && first.page_info.has_next_page, "{first:?}");
    let mut pages = 1;
    while rare.page().await.page_info.has_next_page {
        pages += 1;
    }
    assert_eq!((rare.seen.len(), pages), (1, 2), "it comes with the third page");
}

async fn other_cursors_and_wrong_arguments_are_refused(backend: Backend) {
    let app = shop(backend).await;
    let other = SHOP.replace("program = \"shop\"", "program = \"other\"");
    let app = app.with_program(&other).await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    works(&app).await;
    let mut follower = Follower::of(&app, "shop");
    follower.to_the_end().await;
    let theirs = json!({ "after": follower.cursor, "first": 1 });
    assert_snapshot!(refused(&app, theirs).await, @"INVALID_CURSOR: after: this program has not had this cursor: it is another program's, or the database was restored to an earlier state. Begin anew, without a cursor");
    let members = app.admin("shop", "{ members { pageInfo { endCursor } } }", Value::Null).await;
    let of_members = &members["members"]["pageInfo"]["endCursor"];
    let wrong = refused(&app, json!({ "after": of_members, "first": 1 })).await;
    let wrong = wrong.replace(of_members.as_str().unwrap(), "[cursor]");
    assert_snapshot!(wrong, @"INVALID_CURSOR: after: `[cursor]` is the cursor of another list, not of changes");
    assert_snapshot!(refused(&app, json!({ "first": 101 })).await, @"TOO_MANY: first: at most 100 items a page");
    assert_snapshot!(refused(&app, json!({ "first": 1, "kinds": [] })).await, @"INVALID_INPUT: kinds: name a kind of changes, or leave `kinds` out to get all of them");
}

/// What was restored goes on with other changes at the same positions.
async fn a_cursor_of_before_a_restore_is_refused(backend: Backend) {
    let app = shop(backend).await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    works(&app).await;
    let mut follower = Follower::of(&app, "shop");
    follower.to_the_end().await;
    books::rewrite_journal(&app, backend).await;
    let followed = json!({ "after": follower.cursor, "first": 1 });
    let why = refused_in(&app, "shop", followed).await;
    assert!(why.starts_with("INVALID_CURSOR: "), "{why}");
}

async fn shop(backend: Backend) -> TestApp {
    TestApp::idle(backend).await.with_program(SHOP).await
}

/// Why the program `other` refuses.
async fn refused(app: &TestApp, variables: Value) -> String {
    refused_in(app, "other", variables).await
}

async fn refused_in(app: &TestApp, program: &str, variables: Value) -> String {
    let token = app.token(program, "test", "read");
    let body = json!({ "query": CHANGES, "variables": variables });
    let (_, answer) = app.send("/admin/graphql", Some(&token), &body).await;
    let error = &answer["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{}: {}", text(&error["extensions"]["code"]), text(&error["message"]))
}
