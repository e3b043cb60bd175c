//! Queries at the limits, and beyond them.

use super::nesting::nesting;
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
    // What follows the end of a string is not part of it.
    assert!(nesting(&format!(r#"{{ a(b: "\\", c: {many}"#)) > NESTING_MAX);
    assert!(nesting(&format!("{{ a # \"\n (b: {many}")) > NESTING_MAX);
    assert!(nesting(&format!(r#"{{ a(b: """ \ """, c: {many}"#)) > NESTING_MAX);
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
