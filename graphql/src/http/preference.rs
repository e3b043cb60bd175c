//! What a client prefers, in headers such as `Accept` and `Accept-Language`.

use axum::http::{HeaderMap, HeaderName};

/// The items of a header with their qualities, most preferred first; those preferred equally in the
/// order in which they were sent. What the client refuses, with a quality of zero, is left out.
pub(crate) fn preferred<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<(&'h str, f32)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let items = values.flat_map(|value| value.split(',')).map(item);
    let mut items: Vec<_> =
        items.filter(|(item, quality)| !item.is_empty() && *quality > 0.0).collect();
    items.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    items
}

fn item(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let item = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    (item, quality.and_then(|quality| quality.parse().ok()).unwrap_or(1.0))
}
