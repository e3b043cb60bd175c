//! Which fragments spread which, walked without recursion: everything after this follows spreads by
//! recursion.

use super::bounds::CHAIN_MAX;
use super::{invalid, too_large};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Positioned, ServerError};
use std::collections::{BTreeMap, HashMap};

/// The fragments of a document, each after those that it spreads.
#[derive(Debug)]
pub(super) struct Chains<'d> {
    pub(super) order: Vec<&'d str>,
    /// How many selections were looked at.
    pub(super) steps: usize,
}

/// How far the walk is with a fragment.
#[derive(Clone, Copy, Debug)]
enum State {
    /// What it spreads is being walked: meeting it again is a circle.
    Entered,
    /// The length of the longest chain that begins with it.
    Left(usize),
}

/// Fails with `INVALID_INPUT` if a fragment contains itself, and with `QUERY_TOO_LARGE` if a chain
/// of fragments is too long. Fragments that do not exist are left to the executor's validation.
pub(super) fn chains(document: &ExecutableDocument) -> Result<Chains<'_>, ServerError> {
    let mut steps = 0;
    let mut spreads = BTreeMap::new();
    for (name, fragment) in &document.fragments {
        let set = &fragment.node.selection_set;
        spreads.insert(name.as_str(), spreads_of(set, &mut steps));
    }
    let mut states = HashMap::new();
    let mut order = Vec::with_capacity(spreads.len());
    for root in spreads.keys() {
        let mut path = vec![*root];
        while let Some(name) = path.last().copied() {
            let inside = spreads.get(name).map(Vec::as_slice).unwrap_or_default();
            match states.get(name) {
                Some(State::Left(_)) => drop(path.pop()),
                Some(State::Entered) => {
                    states.insert(name, State::Left(length(inside, &states)?));
                    order.push(name);
                    path.pop();
                }
                None => {
                    states.insert(name, State::Entered);
                    enter(inside, &states, &mut path)?;
                }
            }
        }
    }
    order.retain(|name| spreads.contains_key(name));
    Ok(Chains { order, steps })
}

fn enter<'d>(
    inside: &[&'d str],
    states: &HashMap<&str, State>,
    path: &mut Vec<&'d str>,
) -> Result<(), ServerError> {
    for name in inside {
        match states.get(name) {
            Some(State::Entered) => {
                return Err(invalid(format!("the fragment `{name}` contains itself")));
            }
            Some(State::Left(_)) => {}
            None => path.push(name),
        }
    }
    Ok(())
}

fn length(inside: &[&str], states: &HashMap<&str, State>) -> Result<usize, ServerError> {
    let of = |name: &&str| match states.get(name) {
        Some(State::Left(length)) => *length,
        _ => 0,
    };
    let length = 1 + inside.iter().map(of).max().unwrap_or_default();
    if length > CHAIN_MAX {
        let why = format!("a chain of fragments can be at most {CHAIN_MAX} long");
        return Err(too_large(why));
    }
    Ok(length)
}

/// The names of the fragments that a selection spreads, at any depth, in the order of the document.
pub(super) fn spreads_of<'d>(set: &'d Positioned<SelectionSet>, steps: &mut usize) -> Vec<&'d str> {
    let (mut found, mut sets) = (Vec::new(), vec![&set.node]);
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            *steps += 1;
            match &selection.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    found.push(spread.node.fragment_name.node.as_str());
                }
            }
        }
    }
    found
}
