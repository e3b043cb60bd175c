//! `docs/errors.md` has every code.

use super::{read, root};
use perennial_core::{Code, Kind};
use std::fmt::Write;

const HEAD: &str = "# Error codes

Every error has a code for programs, a message for people, and help: what to do about it.
A code is never renamed and never comes to mean something else. This page is made from the table in `core/src/error.rs`; a test keeps it true.

- A mutation that is refused answers with status 200 and `userErrors { code message field }` in its payload. It has changed nothing.
- Everything else is a top-level error: `errors[].extensions` has `code`, `help` and `requestId`, which the server's log has too. The status is 200 if the request was executed, even in part; else it is the one below.
- On the command line a code stands at the end of the line that begins with `hint:`, and the exit code is 1.
";

const GRAPHQL: &str = "
## Requests that are not GraphQL

| code | status | what to do |
| --- | --- | --- |
| `BAD_REQUEST` | 400, 405, 406, 408, 413 or 415 | Correct the HTTP request: its method, headers, or the JSON of its body. |
| `GRAPHQL_PARSE_FAILED` | 400, or 200 for `application/json` | Correct the syntax of the document. |
| `GRAPHQL_VALIDATION_FAILED` | 400, or 200 for `application/json` | Compare the query with the schema. |
| `PERSISTED_QUERY_NOT_SUPPORTED` | 400, or 200 for `application/json` | Send the document itself. |
";

/// Who has to act, how it arrives, and which codes are so.
const KINDS: [(&str, &str, &[Kind]); 6] = [
    (
        "The request is wrong",
        "In `userErrors` of a mutation, else at the top level.",
        &[Kind::Caller, Kind::Limit],
    ),
    (
        "What it names is not there",
        "In `userErrors` of a mutation, else at the top level.",
        &[Kind::Missing],
    ),
    (
        "It contradicts what is recorded",
        "In `userErrors` of a mutation, else at the top level.",
        &[Kind::Conflict],
    ),
    (
        "The token does not allow it",
        "At the top level; status 401 for `UNAUTHENTICATED`. 403 is for a token that may ask nothing at all, such as a member's at the admin schema; a field that a token may not ask for is null beside the others, with status 200.",
        &[Kind::Unauthenticated, Kind::Forbidden],
    ),
    (
        "Try again, or look at the database",
        "At the top level; status 503, or 504 if the request took too long. One item of a batch has it in its `userErrors`.",
        &[Kind::Unavailable],
    ),
    ("Ours", "At the top level; status 500. The cause is in the log only.", &[Kind::Internal]),
];

#[test]
fn every_error_code_is_documented() {
    let mut text = HEAD.to_owned();
    let mut met = 0;
    for (title, arrives, kinds) in KINDS {
        write!(text, "\n## {title}\n\n{arrives}\n\n| code | what to do |\n| --- | --- |\n")
            .unwrap();
        for code in Code::ALL.iter().filter(|code| kinds.contains(&code.kind())) {
            writeln!(text, "| `{}` | {} |", code.as_str(), code.help()).unwrap();
            met += 1;
        }
    }
    assert_eq!(met, Code::ALL.len(), "a kind of error has no place on the page");
    text.push_str(GRAPHQL);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join("docs/errors.md"), &text).unwrap();
    }
    assert!(
        read("docs/errors.md") == text,
        "UPDATE_DOCS=1 cargo test --test it -- reference\n{text}"
    );
}
