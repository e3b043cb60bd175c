//! A statement is read in pages, and as of any instant.

use crate::model::commands::void::name_of;
use crate::model::history::{self, History};
use crate::model::world::{MEMBERS, Sweeping, World};
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

on_both_databases!(
    pages_of_a_statement_are_all_of_it_while_writes_go_on,
    a_balance_as_of_an_instant_is_what_was_booked_until_then,
);

/// A page of two after each step, of a member to whom something happens meanwhile.
async fn pages_of_a_statement_are_all_of_it_while_writes_go_on(backend: Backend) {
    const PAGE: &str = "query($after: String) { member(externalId: \"m0\") { \
         transactions(first: 2, after: $after) { nodes { id } \
         pageInfo { endCursor hasNextPage } } } }";
    history::all(1, History::any(60), async |history| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        let (before, meanwhile) = history.steps.split_at(history.steps.len() * 2 / 3);
        for step in before {
            world.step(step).await;
        }
        let count = world.reference.books.written("m0");
        let names = (0..count).map(|index| name_of("m0", index));
        let there: BTreeSet<_> = names.map(|name| world.ids.0[&name].clone()).collect();
        let (mut seen, mut after, mut meanwhile) = (Vec::new(), Value::Null, meanwhile.iter());
        loop {
            let page = app.admin("model", PAGE, json!({ "after": after })).await;
            let page = &page["member"]["transactions"];
            let nodes = page["nodes"].as_array().unwrap();
            seen.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
            if let Some(step) = meanwhile.next() {
                world.step(step).await;
            }
        }
        let set: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(set.len(), seen.len(), "each once");
        assert!(set.is_superset(&there), "none is missing");
        world.end().await;
    });
}

/// At the instant of each transaction, and just before it.
async fn a_balance_as_of_an_instant_is_what_was_booked_until_then(backend: Backend) {
    history::all(1, History::any(60), async |history| {
        let app = TestApp::idle(backend).await;
        let mut world = World::open(&app, "model", &history.terms, Sweeping::InTime).await;
        world.live(&history).await;
        for name in MEMBERS {
            let Ok(of) = world.reference.root(name) else { continue };
            let books = &world.reference.books;
            let booked = books.statement(&of).into_iter().map(|index| &books.transactions[index]);
            let moment = jiff::Span::new().microseconds(1);
            let instants = booked.flat_map(|one| [one.at, one.at - moment]);
            let instants: BTreeSet<_> = instants.collect();
            let mut fields = String::new();
            for (index, at) in instants.iter().enumerate() {
                write!(fields, "b{index}: balanceAt(at: \"{at}\") ").unwrap();
            }
            let query = format!("{{ member(externalId: \"{name}\") {{ id {fields} }} }}");
            let found = app.admin("model", &query, Value::Null).await;
            for (index, at) in instants.iter().enumerate() {
                let expected = books.balance_at(&of, *at);
                assert_eq!(found["member"][format!("b{index}")], expected, "{name} at {at}");
            }
        }
    });
}
