//! JSON that may be absent, as a list of at most one item: absent is not the same as `null`, which a
//! plugin may keep.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;

#[expect(clippy::ref_option, reason = "serde hands out a field by reference")]
pub(crate) fn serialize<S: Serializer>(
    value: &Option<Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.as_slice().serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    let mut items = Vec::<Value>::deserialize(deserializer)?;
    let item = items.pop();
    match items.len() {
        0 => Ok(item),
        _ => Err(D::Error::custom("at most one item may be here")),
    }
}
