//! Types of points.

use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// The main points, which every program has, as they are stored and as they are named.
const MAIN: &str = "POINTS";
const MAIN_ID: &str = "points";

/// What kind of points a wallet holds. An account has a wallet for each type that it ever earned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointType(Arc<str>);

impl PointType {
    /// The type of the main points, which every program has.
    pub fn main() -> Self {
        Self(MAIN.into())
    }

    pub fn is_main(&self) -> bool {
        &*self.0 == MAIN
    }

    /// How it is named: in the program file, by requests, to people.
    pub fn id(&self) -> &str {
        if self.is_main() { MAIN_ID } else { &self.0 }
    }

    pub(crate) fn of_id(id: &str) -> Self {
        if id == MAIN_ID { Self::main() } else { Self(id.into()) }
    }

    /// As the database has it.
    pub(crate) fn stored(&self) -> &str {
        &self.0
    }

    pub(crate) fn of_stored(text: String) -> Self {
        Self(text.into())
    }
}

impl TryGetable for PointType {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        String::try_get_by(row, index).map(Self::of_stored)
    }
}

impl Serialize for PointType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for PointType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|id| Self::of_id(&id))
    }
}

#[cfg(test)]
impl PointType {
    pub(crate) fn named(name: &str) -> Self {
        Self(name.into())
    }
}
