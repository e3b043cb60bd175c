//! The bytes of a response, counted while it grows, so that what is refused for its size was never
//! in memory.

use crate::admission::{RESPONSE_BYTES_MAX, too_large};
use async_graphql::{ServerError, Value};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a key takes beside its name: quotes, a colon, a comma.
const KEY_BYTES: usize = 4;
/// What a value takes whose form is not text.
const PLAIN_BYTES: usize = 4;

/// The bytes that the fields of a request took so far.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) > RESPONSE_BYTES_MAX
    }

    /// Counts a field. The value of one with a selection is counted by the fields inside it.
    pub(super) fn spend(&self, key: &str, value: Option<&Value>) {
        let bytes = key.len() + KEY_BYTES + value.map_or(0, bytes);
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// About as many bytes as a value takes; escaped characters take more.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::List(items) => items.iter().map(|item| bytes(item) + 1).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| key.len() + KEY_BYTES + bytes(value)).sum()
        }
        _ => PLAIN_BYTES,
    }
}

/// Why a response is not sent. It is not cut off: half of it would be taken for all of it.
pub(crate) fn too_long() -> ServerError {
    let why = format!("the response is larger than {RESPONSE_BYTES_MAX} bytes");
    too_large(why)
}

#[cfg(test)]
mod tests {
    use crate::admission::RESPONSE_BYTES_MAX;
    use crate::execution::Execution;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, Value};

    struct Query;

    #[Object]
    impl Query {
        /// A quarter of what a response can have.
        async fn text(&self) -> String {
            "t".repeat(RESPONSE_BYTES_MAX / 4)
        }

        async fn inside(&self) -> &Self {
            self
        }
    }

    async fn response(query: &str) -> async_graphql::Response {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription);
        schema.extension(Execution).finish().execute(query).await
    }

    #[tokio::test]
    async fn a_response_that_is_too_long_is_refused_as_a_whole() {
        let within = response("{ a: text inside { b: text c: text } }").await;
        assert!(within.errors.is_empty() && within.data != Value::Null);
        let beyond = response("{ a: text inside { b: text c: text d: text } }").await;
        assert_eq!((beyond.data, beyond.errors.len()), (Value::Null, 1));
        assert!(beyond.errors[0].message.starts_with("the response is larger than"));
    }
}
