//! What one request may ask for. A document is measured before anything walks it: a fragment counts as often as it is spread,
//! but is looked at once, so that fragments of fragments cannot make the measuring itself explode.

use crate::error::{PARSE_FAILED, protocol_error, request_error};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, ObjectType, Positioned, SchemaBuilder, ServerError, SubscriptionType};
use perennial_core::{Code, Error, Result};
use std::collections::HashMap;
use std::time::Duration;

pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
const COMPLEXITY_MAX: usize = 10_000;
const RECURSION_MAX: usize = 32;
const DIRECTIVES_MAX: usize = 5;
const CHARACTERS_MAX: usize = 200_000;
const DEPTH_MAX: usize = 12;
const ROOT_FIELDS_MAX: usize = 20;
const SELECTIONS_MAX: usize = 2_000;
const NESTING_MAX: usize = 64;
/// The introspection query that every tool sends is 15 deep.
const INTROSPECTION_DEPTH_MAX: usize = 20;
/// Lists of introspection inside each other: that query nests two, and each level more multiplies the answer.
const INTROSPECTION_LISTS_MAX: usize = 3;
/// What a list costs besides its items: it is a query of its own.
const LIST_COST: usize = 10;

/// The limits that the executor enforces itself.
pub(crate) fn enforce<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    schema
        .limit_complexity(COMPLEXITY_MAX)
        .limit_recursive_depth(RECURSION_MAX)
        .limit_directives(DIRECTIVES_MAX)
}

/// The cost of a connection: a query, and its items as often as are asked for.
pub(crate) fn list_cost(first: u32, child_cost: usize) -> usize {
    let items = usize::try_from(first).unwrap_or(usize::MAX).saturating_mul(child_cost);
    // A ceiling far above the limit, so that sums of costs cannot overflow either.
    items.saturating_add(LIST_COST).min(COMPLEXITY_MAX * 100)
}

/// A document within the limits.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) document: ExecutableDocument,
    /// Whether anything but introspection is asked for.
    pub(crate) asks_data: bool,
    pub(crate) operation: OperationType,
}

/// Parses a document and measures it. Fails with `GRAPHQL_PARSE_FAILED` or `QUERY_TOO_LARGE`.
pub(crate) fn admit(query: &str, operation: Option<&str>) -> Result<Admitted, ServerError> {
    if query.chars().count() > CHARACTERS_MAX {
        let why = format!("a query has at most {CHARACTERS_MAX} characters");
        return Err(request_error(&large(why)));
    }
    if nesting(query) > NESTING_MAX {
        let why = format!("brackets are nested at most {NESTING_MAX} deep");
        return Err(request_error(&large(why)));
    }
    let document = parse_query(query).map_err(|error| {
        let mut shown = protocol_error(PARSE_FAILED, error.to_string(), "Correct the syntax.");
        shown.locations = error.positions().collect();
        shown
    })?;
    let size = measure(&document).map_err(|error| request_error(&error))?;
    let operation = chosen(&document, operation);
    Ok(Admitted { document, asks_data: size.depth > 0, operation })
}

/// The type of the operation that will run; a query when that is not clear, which the executor refuses.
fn chosen(document: &ExecutableDocument, name: Option<&str>) -> OperationType {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next(),
    };
    found.map_or(OperationType::Query, |(_, definition)| definition.node.ty)
}

/// How deep brackets are nested: the parser recurses on them, so they are counted before it runs.
fn nesting(query: &str) -> usize {
    let (mut deepest, mut depth) = (0_usize, 0_usize);
    let mut rest = query;
    while let Some(at) = rest.find(['{', '}', '[', ']', '(', ')', '"', '#']) {
        let found = &rest[at..];
        rest = match found.as_bytes()[0] {
            b'#' => found.find(['\n', '\r']).map_or("", |end| &found[end..]),
            b'"' => after_string(found),
            bracket => {
                let opens = matches!(bracket, b'{' | b'[' | b'(');
                depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
                deepest = deepest.max(depth);
                &found[1..]
            }
        };
    }
    deepest
}

/// What follows the string that `text` begins with.
fn after_string(text: &str) -> &str {
    let (escape, quote) =
        if text.starts_with("\"\"\"") { ("\\\"\"\"", "\"\"\"") } else { ("\\", "\"") };
    let mut rest = &text[quote.len()..];
    loop {
        let Some(end) = rest.find(quote) else { return "" };
        match rest.find(escape).filter(|at| *at < end) {
            // A backslash takes the character after it along; in a block string it only escapes three quotes.
            Some(at) => {
                let escaped = &rest[at + escape.len()..];
                let skipped = if quote.len() == 1 { escaped.chars().next() } else { None };
                rest = &escaped[skipped.map_or(0, char::len_utf8)..];
            }
            None => return &rest[end + quote.len()..],
        }
    }
}

/// Measures all operations of a document together.
fn measure(document: &ExecutableDocument) -> Result<Size> {
    let mut measures = Measures { fragments: &document.fragments, known: HashMap::new() };
    let mut total = Size::default();
    for (_, definition) in document.operations.iter() {
        let size = measures.size(&definition.node.selection_set.node)?;
        size.check_root()?;
        total = total.beside(size);
    }
    if total.selections > SELECTIONS_MAX {
        return Err(large(format!("a query has at most {SELECTIONS_MAX} fields and fragments")));
    }
    Ok(total)
}

/// How large a selection is with its fragments spread.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    /// Fields and spreads, all together.
    selections: usize,
    /// Fields at the top.
    width: usize,
    depth: usize,
    /// Lists that an introspection multiplies its answer by, inside each other.
    lists: usize,
    /// The depth and lists below `__schema` and `__type`, which have limits of their own.
    introspection_depth: usize,
    introspection_lists: usize,
}

impl Size {
    fn check_root(self) -> Result<()> {
        let why = if self.width > ROOT_FIELDS_MAX {
            format!("an operation has at most {ROOT_FIELDS_MAX} fields at its root")
        } else if self.depth > DEPTH_MAX {
            format!("a query is at most {DEPTH_MAX} fields deep")
        } else if self.introspection_depth > INTROSPECTION_DEPTH_MAX {
            format!("introspection is at most {INTROSPECTION_DEPTH_MAX} fields deep")
        } else if self.introspection_lists > INTROSPECTION_LISTS_MAX {
            format!("introspection nests at most {INTROSPECTION_LISTS_MAX} lists")
        } else {
            return Ok(());
        };
        Err(large(why))
    }

    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            width: self.width.saturating_add(other.width),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// Of a field with this below it.
    fn under(self, field: &str) -> Self {
        let is_list =
            matches!(field, "fields" | "inputFields" | "interfaces" | "possibleTypes" | "args");
        let lists = self.lists + usize::from(is_list);
        let one =
            Self { selections: self.selections.saturating_add(1), width: 1, ..Self::default() };
        if field.starts_with("__") {
            Self { introspection_depth: self.depth + 1, introspection_lists: lists, ..one }
        } else {
            Self { depth: self.depth + 1, lists, ..one }
        }
    }

    /// Of a spread of this.
    fn spread(self) -> Self {
        Self { selections: self.selections.saturating_add(1), ..self }
    }
}

struct Measures<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Nothing while a fragment is being measured: meeting it again then is a cycle.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measures<'a> {
    fn size(&mut self, set: &'a SelectionSet) -> Result<Size> {
        let mut total = Size::default();
        for selection in &set.items {
            let size = match &selection.node {
                Selection::Field(field) => {
                    self.size(&field.node.selection_set.node)?.under(&field.node.name.node)
                }
                Selection::InlineFragment(inline) => {
                    self.size(&inline.node.selection_set.node)?.spread()
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?.spread()
                }
            };
            total = total.beside(size);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'a str) -> Result<Size> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let why = format!("the fragment `{name}` contains itself");
                return Err(Error::new(Code::InvalidInput, why));
            }
            None => {}
        }
        // The validation names a fragment that does not exist.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Size::default()) };
        self.known.insert(name, None);
        let size = self.size(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

fn large(why: String) -> Error {
    Error::new(Code::QueryTooLarge, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &str) -> Option<String> {
        let error = admit(query, None).err()?;
        let error = serde_json::to_value(&error).unwrap();
        Some(error["extensions"]["code"].as_str().unwrap().to_owned())
    }

    fn nested(depth: usize) -> String {
        "{a".repeat(depth) + &"}".repeat(depth)
    }

    fn is_too_large(query: &str) -> bool {
        code(query).as_deref() == Some("QUERY_TOO_LARGE")
    }

    #[test]
    fn depth_is_limited_also_through_fragments() {
        assert_eq!(code(&nested(DEPTH_MAX)), None);
        assert!(is_too_large(&nested(DEPTH_MAX + 1)));
        let fragment = format!("query {{ a {{ ...F }} }} fragment F on A {}", nested(DEPTH_MAX));
        assert!(is_too_large(&fragment));
    }

    #[test]
    fn root_fields_and_aliases_are_limited() {
        let aliased = |count: usize| {
            let fields: String = (0..count).map(|n| format!("a{n}: me {{ id }} ")).collect();
            format!("{{ {fields} }}")
        };
        assert_eq!(code(&aliased(ROOT_FIELDS_MAX)), None);
        assert!(is_too_large(&aliased(ROOT_FIELDS_MAX + 1)));
    }

    #[test]
    fn fragments_of_fragments_are_measured_at_once_and_refused() {
        let chain: String =
            (0..30).map(|n| format!("fragment F{n} on A {{ ...F{0} ...F{0} }} ", n + 1)).collect();
        assert!(is_too_large(&format!("{{ me {{ ...F0 }} }} {chain} fragment F30 on A {{ id }}")));
        // Nothing but spreads, and no field at the end of them.
        assert!(is_too_large(&format!("{{ ...F0 }} {chain}")));
        let cycle = "{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }";
        assert_eq!(code(cycle).as_deref(), Some("INVALID_INPUT"));
    }

    #[test]
    fn introspection_may_be_deep_but_not_multiply() {
        let types = "ofType{".repeat(9) + "name" + &"}".repeat(9);
        let usual =
            format!("{{ __schema {{ types {{ fields {{ args {{ type {{ {types} }} }} }} }} }} }}");
        let admitted = admit(&usual, None).unwrap();
        assert!(!admitted.asks_data);
        let multiplied = "{ __schema { types { fields { type { fields { type { fields { type { \
                          fields { name } } } } } } } } } }";
        assert!(is_too_large(multiplied));
        assert!(admit("{ __typename me { id } }", None).unwrap().asks_data);
    }

    #[test]
    fn text_is_limited_before_it_is_parsed() {
        assert!(is_too_large(&"a".repeat(CHARACTERS_MAX + 1)));
        for bracket in ["{a", "{a(b:[", "{a(b:{c:"] {
            assert!(is_too_large(&bracket.repeat(40_000 / bracket.len())), "{bracket}");
        }
        assert!(is_too_large(&format!("{{a(b:{})}}", "[".repeat(50_000))));
        assert_eq!(code("{ me").as_deref(), Some("GRAPHQL_PARSE_FAILED"));
    }

    #[test]
    fn brackets_inside_strings_and_comments_do_not_count() {
        let many = "[".repeat(NESTING_MAX + 1);
        assert_eq!(nesting(&format!(r#"{{ a(b: "{many}\"{many}") }} # {many}"#)), 2);
        assert_eq!(nesting(&format!(r#"{{ a(b: """{many} " \""" {many}""") }}"#)), 2);
        // A string that ends is a string no longer.
        assert!(nesting(&format!(r#"{{ a(b: "\\", c: {many}"#)) > NESTING_MAX);
        assert!(nesting(&format!("{{ a # \"\n (b: {many}")) > NESTING_MAX);
        assert!(nesting(&format!(r#"{{ a(b: """ \ """, c: {many}"#)) > NESTING_MAX);
    }

    /// Messages of the executor about a query that it does not execute.
    async fn refused(query: &str) -> String {
        let response = crate::admin::builder().finish().execute(query).await;
        response.errors.into_iter().map(|error| error.message).collect()
    }

    #[tokio::test]
    async fn lists_of_lists_cost_as_much_as_they_may_answer() {
        let query = |first: u32| {
            format!(
                "{{ members(first: 100) {{ nodes {{ events(first: {first}) {{ nodes {{ id }} }} }} }} }}"
            )
        };
        assert_eq!(refused(&query(100)).await, "Query is too complex.");
        let variable = "query($n: Int! = 2000000) { members(first: $n) { nodes { id } } }";
        assert_eq!(refused(variable).await, "Query is too complex.");
    }

    #[tokio::test]
    async fn directives_on_a_field_are_limited() {
        let query = |count| format!("{{ plugins {} {{ id }} }}", "@skip(if: true) ".repeat(count));
        assert!(refused(&query(DIRECTIVES_MAX + 1)).await.contains("number of directives"));
    }

    #[test]
    fn costs_of_lists_cannot_overflow() {
        assert_eq!(list_cost(20, 3), LIST_COST + 60);
        assert_eq!(list_cost(u32::MAX, usize::MAX), COMPLEXITY_MAX * 100);
    }
}
