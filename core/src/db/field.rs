//! How values travel between rows of ours and JSON, which is how rows reach a statement and how its
//! answer comes back.

use crate::{PointType, Points, Timestamp};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;
use std::fmt::Write as _;

/// What a column is to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Id,
    Int,
    Text,
    /// Travels as hexadecimal text.
    Bytes,
    Json,
    /// JSON that may be absent, which is SQL's NULL.
    OptionalJson,
}

impl Kind {
    const fn optional(self) -> Self {
        match self {
            Self::Json => Self::OptionalJson,
            kind => kind,
        }
    }
}

/// A value that a row may hold.
pub(crate) trait Field: Sized {
    const KIND: Kind;

    /// Appends the value as JSON.
    fn write(&self, json: &mut String);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Field for $type {
            const KIND: Kind = Kind::Int;

            fn write(&self, json: &mut String) {
                write!(json, "{self}").expect("a string takes any text");
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }
        }
    )*};
}

integers! { i32 i64 u32 u64 usize }

/// As 0 or 1.
impl Field for bool {
    const KIND: Kind = Kind::Int;

    fn write(&self, json: &mut String) {
        i64::from(*self).write(json);
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|number| number != 0)
    }
}

impl Field for Points {
    const KIND: Kind = Kind::Int;

    fn write(&self, json: &mut String) {
        self.get().write(json);
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::new)
    }
}

impl Field for PointType {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self.stored());
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::of_stored)
    }
}

impl Field for Timestamp {
    const KIND: Kind = Kind::Int;

    fn write(&self, json: &mut String) {
        self.microseconds().write(json);
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let microseconds = i64::deserialize(deserializer)?;
        Self::from_microseconds(microseconds).map_err(D::Error::custom)
    }
}

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self);
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Field for &'static str {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self);
    }

    fn read<'de, D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("a row with fixed text is only written"))
    }
}

impl Field for Value {
    const KIND: Kind = Kind::Json;

    fn write(&self, json: &mut String) {
        push(json, self);
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Field for Vec<u8> {
    const KIND: Kind = Kind::Bytes;

    fn write(&self, json: &mut String) {
        json.push('"');
        data_encoding::HEXLOWER.encode_append(self, json);
        json.push('"');
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

impl<F: Field> Field for Option<F> {
    const KIND: Kind = F::KIND.optional();

    fn write(&self, json: &mut String) {
        match self {
            Some(value) => value.write(json),
            None => json.push_str("null"),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner<F>(F);

        impl<'de, F: Field> Deserialize<'de> for Inner<F> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                F::read(deserializer).map(Self)
            }
        }

        Ok(Option::<Inner<F>>::deserialize(deserializer)?.map(|Inner(value)| value))
    }
}

/// Appends anything that JSON has a form for.
pub(crate) fn push<T: serde::Serialize + ?Sized>(json: &mut String, value: &T) {
    json.push_str(&serde_json::to_string(value).expect("text and JSON have a form in JSON"));
}
