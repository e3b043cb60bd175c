//! Whose queue of a member stands still.

use std::collections::BTreeSet;

/// The plugins that failed on an event of a member: what happens to the member waits for them apart,
/// until somebody says what becomes of that event. A part of the state, so that whoever records an
/// event knows where it is to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parked(BTreeSet<String>);

impl Parked {
    pub(crate) fn contains(&self, plugin: &str) -> bool {
        self.0.contains(plugin)
    }

    pub(crate) fn add(&mut self, plugin: &str) {
        self.0.insert(plugin.to_owned());
    }

    pub(crate) fn remove(&mut self, plugin: &str) {
        self.0.remove(plugin);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// As it is stored. Ids of plugins have no spaces.
    pub(super) fn of(column: Option<&str>) -> Self {
        Self(column.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
    }

    pub(super) fn column(&self) -> Option<String> {
        let plugins: Vec<_> = self.0.iter().map(String::as_str).collect();
        (!plugins.is_empty()).then(|| plugins.join(" "))
    }
}
