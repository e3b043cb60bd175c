//! The keys of a response in the order of the query, as the specification requires. The executor
//! inserts them in the order in which resolvers end.

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Value};
use std::collections::{HashMap, HashSet};

/// Puts the keys of the data of one operation into order.
pub(crate) fn arrange(
    data: &mut Value,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) {
    sort(vec![data], &[&operation.selection_set.node], document);
}

/// The keys of a selection in their order.
#[derive(Default)]
struct Keys<'d> {
    places: HashMap<&'d str, usize>,
    /// By place, the selections that are merged under the key.
    inside: Vec<Vec<&'d SelectionSet>>,
    spread: HashSet<&'d str>,
}

/// Sorts values that have the same selection.
fn sort(values: Vec<&mut Value>, sets: &[&SelectionSet], document: &ExecutableDocument) {
    let mut keys = Keys::default();
    for set in sets {
        keys.collect(set, document);
    }
    let mut inside: Vec<Vec<&mut Value>> = keys.inside.iter().map(|_| Vec::new()).collect();
    let mut waiting = values;
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(items) => waiting.extend(items),
            Value::Object(object) => {
                let place = |name: &Name| keys.places.get(name.as_str()).copied();
                if !object.keys().map(place).is_sorted() {
                    object.sort_by_cached_key(|name, _| place(name));
                }
                for (name, value) in object {
                    if let Some(at) = place(name).filter(|at| !keys.inside[*at].is_empty()) {
                        inside[at].push(value);
                    }
                }
            }
            _ => {}
        }
    }
    for (sets, values) in keys.inside.iter().zip(inside).filter(|(_, values)| !values.is_empty()) {
        sort(values, sets, document);
    }
}

impl<'d> Keys<'d> {
    fn collect(&mut self, set: &'d SelectionSet, document: &'d ExecutableDocument) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.add(&field.node),
                Selection::InlineFragment(inline) => {
                    self.collect(&inline.node.selection_set.node, document);
                }
                Selection::FragmentSpread(of) => {
                    let name = &of.node.fragment_name.node;
                    let fragment = document.fragments.get(name);
                    if let Some(fragment) = fragment.filter(|_| self.spread.insert(name)) {
                        self.collect(&fragment.node.selection_set.node, document);
                    }
                }
            }
        }
    }

    fn add(&mut self, field: &'d Field) {
        let next = self.inside.len();
        let at = *self.places.entry(field.response_key().node.as_str()).or_insert(next);
        if at == next {
            self.inside.push(Vec::new());
        }
        if !field.selection_set.node.items.is_empty() {
            self.inside[at].push(&field.selection_set.node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn arranged(query: &str, data: &str) -> String {
        let document = parse_query(query).unwrap();
        let mut data = serde_json::from_str(data).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        arrange(&mut data, &document, &operation.node);
        serde_json::to_string(&data).unwrap()
    }

    #[test]
    fn keys_come_in_the_order_of_the_query() {
        let query = "{ list { z ...F a } first: b { c } b { d } ...G list { y: z } } \
             fragment F on L { inside { two one } } fragment G on Q { b { e } last }";
        let mixed = r#"{"last":1,"b":{"e":1,"d":1},"first":{"c":1},
             "list":[{"y":1,"a":1,"inside":{"one":1,"two":1},"z":1},null]}"#;
        let expected = r#"{"list":[{"z":1,"inside":{"two":1,"one":1},"a":1,"y":1},null],\
             "first":{"c":1},"b":{"d":1,"e":1},"last":1}"#;
        assert_eq!(arranged(query, mixed), expected.replace("\\\n             ", ""));
    }

    #[test]
    fn json_is_left_as_it_is() {
        let data = r#"{"data":{"z":1,"a":[{"y":1,"b":2}]}}"#;
        assert_eq!(arranged("{ data }", data), data);
    }
}
