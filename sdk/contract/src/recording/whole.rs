//! Whole numbers of 64 bits as texts, for who reads JSON with the numbers of JavaScript has but 53. What was
//! kept as a number before is read too.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Number(u64),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a field by reference")]
pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match Kept::deserialize(deserializer)? {
        Kept::Text(text) => text.parse().map_err(D::Error::custom),
        Kept::Number(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Seed(#[serde(with = "super")] u64);

    #[test]
    fn a_number_is_the_same_when_it_was_read() {
        let text = serde_json::to_string(&Seed(u64::MAX)).unwrap();
        assert_eq!(text, "\"18446744073709551615\"");
        for kept in [&text, "18446744073709551615"] {
            assert_eq!(serde_json::from_str::<Seed>(kept).unwrap().0, u64::MAX);
        }
        assert!(serde_json::from_str::<Seed>("\"-1\"").is_err());
    }
}
