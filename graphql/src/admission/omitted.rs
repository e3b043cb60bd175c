//! Variables that a request leaves out. An argument that is given such a variable counts as not
//! given, so that its default applies; the executor would take null.

use super::chains::spreads_of;
use super::chosen;
use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;
use std::collections::HashSet;

/// Takes the nullable variables without a value out of a document, where they are used and where
/// they are defined.
pub(crate) fn omit(
    document: &mut ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) {
    let Some(definition) = chosen(document, operation) else { return };
    let omitted = omitted(definition, variables);
    if omitted.is_empty() {
        return;
    }
    keep_alone(document, operation);
    let mut without = Without { omitted, met: HashSet::new() };
    for fragment in document.fragments.values_mut() {
        without.strip(&mut fragment.node.selection_set.node);
    }
    let operation = match &mut document.operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().next(),
    };
    let Some(operation) = operation else { return };
    without.strip(&mut operation.node.selection_set.node);
    // One that is used nowhere stays, for validation to tell.
    operation.node.variable_definitions.retain(|of| !without.met.contains(&of.node.name.node));
}

fn omitted(operation: &OperationDefinition, variables: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|of| &of.node);
    let without_value = definitions.filter(|of| {
        of.var_type.node.nullable
            && of.default_value.is_none()
            && !variables.contains_key(&of.name.node)
    });
    without_value.map(|of| of.name.node.clone()).collect()
}

/// Drops what belongs to other operations: a fragment may use a variable that they have a value for.
fn keep_alone(document: &mut ExecutableDocument, operation: Option<&str>) {
    let DocumentOperations::Multiple(operations) = &mut document.operations else { return };
    if operations.len() == 1 {
        return;
    }
    operations.retain(|name, _| operation.is_some_and(|operation| operation == name));
    let mut waiting: Vec<Name> = Vec::new();
    let spreads = |set| spreads_of(set, &mut 0).into_iter().map(Name::new).collect::<Vec<_>>();
    waiting.extend(operations.values().flat_map(|of| spreads(&of.node.selection_set)));
    let mut used = HashSet::new();
    while let Some(name) = waiting.pop() {
        if let Some(fragment) = document.fragments.get(&name).filter(|_| !used.contains(&name)) {
            waiting.extend(spreads(&fragment.node.selection_set));
            used.insert(name);
        }
    }
    document.fragments.retain(|name, _| used.contains(name));
}

/// What takes variables out of selections.
struct Without {
    omitted: HashSet<Name>,
    met: HashSet<Name>,
}

impl Without {
    fn strip(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    field.node.arguments.retain_mut(|(_, value)| self.stays(&mut value.node));
                    self.strip_directives(&mut field.node.directives);
                    self.strip(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    self.strip_directives(&mut inline.node.directives);
                    self.strip(&mut inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    self.strip_directives(&mut spread.node.directives);
                }
            }
        }
    }

    fn strip_directives(&mut self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            directive.node.arguments.retain_mut(|(_, value)| self.stays(&mut value.node));
        }
    }

    /// Whether a value is given, without the fields of it that are not.
    fn stays(&mut self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) if self.omitted.contains(name) => {
                self.met.insert(name.clone());
                return false;
            }
            // The item of a list has a place, and is null.
            Value::List(items) => {
                for item in items {
                    if !self.stays(item) {
                        *item = Value::Null;
                    }
                }
            }
            Value::Object(fields) => fields.retain(|_, value| self.stays(value)),
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn left(query: &str, operation: Option<&str>, variables: serde_json::Value) -> String {
        let mut document = parse_query(query).unwrap();
        omit(&mut document, operation, &Variables::from_json(variables));
        let definition = chosen(&document, operation).unwrap();
        let Selection::Field(field) = &definition.selection_set.node.items[0].node else {
            panic!("no field")
        };
        let given =
            field.node.arguments.iter().map(|(name, of)| format!("{}:{}", name.node, of.node));
        let defined =
            definition.variable_definitions.iter().map(|of| of.node.name.node.to_string());
        format!("{} {}", defined.collect::<String>(), given.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn only_what_has_no_value_is_taken_out() {
        let query = "query($a: I, $b: I = 1, $c: I!, $d: I) { f(a: $a, b: $b, c: $c, d: [$a], \
                     e: { x: $a, y: $b }) }";
        assert_eq!(left(query, None, serde_json::json!({})), "bcd b:$b c:$c d:[null] e:{y: $b}");
        let all = serde_json::json!({ "a": null, "d": 1 });
        assert_eq!(left(query, None, all), "abcd a:$a b:$b c:$c d:[$a] e:{x: $a, y: $b}");
    }

    #[test]
    fn other_operations_do_not_matter() {
        let query = "query A($a: I) { f(a: $a) ...F } query B($a: I = 1) { ...F ...G } \
                     fragment F on Q { f(a: $a) } fragment G on Q { g }";
        assert_eq!(left(query, Some("A"), serde_json::json!({})), " ");
        let mut document = parse_query(query).unwrap();
        omit(&mut document, Some("A"), &Variables::default());
        assert_eq!(document.fragments.len(), 1);
    }
}
