//! How deep the brackets of a query are nested, measured before it is parsed.

/// How deep brackets are nested: the parser recurses on them, so they are counted before it runs.
pub(super) fn nesting(query: &str) -> usize {
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
            // A backslash escapes the next character; in a block string, only three quotes.
            Some(at) => {
                let escaped = &rest[at + escape.len()..];
                let skipped = if quote.len() == 1 { escaped.chars().next() } else { None };
                rest = &escaped[skipped.map_or(0, char::len_utf8)..];
            }
            None => return &rest[end + quote.len()..],
        }
    }
}
