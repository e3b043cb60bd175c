//! Queries at the limits, and beyond them.

use super::bounds::*;
use super::*;

fn admit(query: &str, operation: Option<&str>) -> Result<Admitted, ServerError> {
    Documents::default().admit(query, operation)
}

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
    assert!(!admitted.requests_data);
    let multiplied = "{ __schema { types { fields { type { fields { type { fields { type { \
                      fields { name } } } } } } } } } }";
    assert!(is_too_large(multiplied));
    assert!(admit("{ __typename me { id } }", None).unwrap().requests_data);
}

#[test]
fn what_tools_ask_of_a_schema_is_within_the_limits() {
    let sent = include_str!("../../../tests/hostile/introspection.graphql");
    assert!(!admit(sent, None).unwrap().requests_data);
    let multiplied = |count: usize| {
        let aliases = (0..count).map(|at| format!("a{at}: name "));
        format!("{{ __schema {{ types {{ fields {{ {} }} }} }} }}", aliases.collect::<String>())
    };
    assert_eq!(code(&multiplied(240)), None);
    assert!(is_too_large(&multiplied(250)));
}

#[test]
fn text_is_limited_before_it_is_parsed() {
    assert!(is_too_large(&" ".repeat(DOCUMENT_BYTES_MAX + 1)));
    for bracket in ["{a", "{a(b:[", "{a(b:{c:"] {
        assert!(is_too_large(&bracket.repeat(40_000 / bracket.len())), "{bracket}");
    }
    assert!(is_too_large(&format!("{{a(b:{})}}", "[".repeat(50_000))));
    assert_eq!(code("{ me").as_deref(), Some("GRAPHQL_PARSE_FAILED"));
}

fn nesting(query: &str) -> usize {
    count::count(query).unwrap().nesting
}

#[test]
fn brackets_inside_strings_and_comments_do_not_count() {
    let many = "[".repeat(NESTING_MAX + 1);
    assert_eq!(nesting(&format!(r#"{{ a(b: "{many}\"{many}") }} # {many}"#)), 2);
    assert_eq!(nesting(&format!(r#"{{ a(b: """{many} " \""" {many}""") }}"#)), 2);
    // What follows the end of a string is not part of it.
    for deep in [
        format!(r#"{{ a(b: "\\", c: {many}"#),
        format!("{{ a # \"\n (b: {many}"),
        format!(r#"{{ a(b: """ \\""" """, c: {many}"#),
        format!(r#"{{ a(b: """" \ """, c: {many}"#),
    ] {
        assert!(is_too_large(&deep), "{deep}");
    }
}

#[test]
fn a_string_that_does_not_end_hides_nothing_from_the_parser() {
    // The parser alone reads an empty string, a string, and then brackets.
    let many = "[".repeat(NESTING_MAX + 1);
    for open in [r#"""""#, r#"""" \""""#, "\"a\n"] {
        let query = format!(r#"{{ a(b: [{open} x" {many}"#);
        assert_eq!(code(&query).as_deref(), Some("GRAPHQL_PARSE_FAILED"), "{query}");
    }
}

#[test]
fn each_part_of_a_document_is_limited() {
    let filled = |parts: &dyn Fn(usize) -> String, count| (0..count).map(parts).collect::<String>();
    let within = |name: &str, most: usize, document: &dyn Fn(usize) -> String| {
        let code = |count| code(&document(count));
        assert_ne!(code(most).as_deref(), Some("QUERY_TOO_LARGE"), "{name}");
        assert_eq!(code(most + 1).as_deref(), Some("QUERY_TOO_LARGE"), "{name}");
    };
    within("definitions", DEFINITIONS_MAX, &|count| {
        filled(&|at| format!("query Q{at}{{a}}"), count)
    });
    within("directives", DIRECTIVES_MAX, &|count| format!("{{ a {} }}", "@b ".repeat(count)));
    within("spreads", SPREADS_MAX, &|count| format!("{{ a {{ {} }} }}", "...b ".repeat(count)));
    within("variables", VARIABLES_MAX, &|count| {
        format!("query({}) {{ a }}", filled(&|at| format!("$v{at}: I "), count))
    });
    within("arguments", ARGUMENTS_MAX, &|count| {
        format!("{{ a({}) }}", filled(&|at| format!("b{at}:1 "), count))
    });
    within("names", NAME_BYTES_MAX, &|count| format!("{{ {} }}", "a".repeat(count)));
    within("strings", STRING_BYTES_MAX, &|count| format!("{{ a(b: \"{}\") }}", "c".repeat(count)));
    // Nine tokens are not numbers.
    within("tokens", TOKENS_MAX, &|count| format!("{{ a(b:[{}]) }}", "1 ".repeat(count - 9)));
    within("bytes", DOCUMENT_BYTES_MAX, &|count| format!("{{a}}{}", " ".repeat(count - 3)));
}

#[test]
fn a_chain_of_fragments_is_limited_whether_or_not_it_is_used() {
    let chain = |count: usize| {
        let links = (1..count).map(|at| format!("fragment F{at} on A {{ ...F{} }} ", at + 1));
        format!("{} fragment F{count} on A {{ a }}", links.collect::<String>())
    };
    for operation in ["{ ...F1 }", "{ a }"] {
        assert_eq!(code(&format!("{operation} {}", chain(CHAIN_MAX))), None);
        assert!(is_too_large(&format!("{operation} {}", chain(CHAIN_MAX + 1))));
        assert!(is_too_large(&format!("{operation} {}", chain(DEFINITIONS_MAX - 1))));
        assert!(is_too_large(&format!("{operation} {}", chain(7_000))));
    }
}

#[test]
fn fragments_that_are_not_used_count_too() {
    let many = "b ".repeat(SELECTIONS_MAX);
    assert!(is_too_large(&format!("{{ a }} fragment F on A {{ {many} }}")));
    let twice = format!("fragment G on A {{ {} }}", "b ".repeat(SELECTIONS_MAX / 2));
    assert!(is_too_large(&format!("{{ a }} fragment F on A {{ ...G c {{ ...G }} }} {twice}")));
}

/// Messages of the executor about a query that it does not execute.
async fn refused(query: &str) -> String {
    let response = crate::schema::admin::builder().finish().execute(query).await;
    response.errors.into_iter().map(|error| error.message).collect()
}

#[tokio::test]
async fn lists_of_lists_cost_as_much_as_they_may_answer() {
    let query = |first: u32| {
        let events = format!("events(first: {first}) {{ nodes {{ id }} }}");
        format!("{{ members(first: 100) {{ nodes {{ {events} }} }} }}")
    };
    let why = "the query costs 21110, a query can cost at most 10000";
    assert_eq!(refused(&query(100)).await, why);
    let variable = "query($n: Int! = 2000000) { members(first: $n) { nodes { id } } }";
    assert!(refused(variable).await.starts_with("the query costs 1000000"));
}

#[tokio::test]
async fn directives_on_a_field_are_limited() {
    let query = |count| format!("{{ plugins {} {{ id }} }}", "@skip(if: true) ".repeat(count));
    assert!(refused(&query(FIELD_DIRECTIVES_MAX + 1)).await.contains("number of directives"));
}

#[test]
fn costs_of_lists_cannot_overflow() {
    assert_eq!(list_cost(20, 3), LIST_COST + 60);
    assert_eq!(list_cost(u32::MAX, usize::MAX), COST_MAX * 100);
}

#[test]
fn only_advancing_the_test_clock_may_take_longer() {
    let time_max = |query: &str, name| admit(query, name).unwrap().time_max;
    let advancing =
        "mutation A { a: advanceTestClock(input: { to: \"2027-01-01T00:00:00Z\" }) { now } }";
    assert_eq!(time_max(advancing, None), TEST_CLOCK_TIME_MAX);
    let more = "mutation { advanceTestClock { now } createMember { member { id } } }";
    let hidden = "mutation { ...F } fragment F on MutationRoot { advanceTestClock { now } }";
    for usual in [more, hidden, "{ program { now } }"] {
        assert_eq!(time_max(usual, None), REQUEST_TIME_MAX, "{usual}");
    }
    let two = format!("{advancing} query B {{ program {{ now }} }}");
    assert_eq!(time_max(&two, Some("A")), TEST_CLOCK_TIME_MAX);
    assert_eq!(time_max(&two, Some("B")), REQUEST_TIME_MAX);
}
