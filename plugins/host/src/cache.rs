//! Compiled components by digest. Compiling takes tens of milliseconds and a call takes tens of
//! microseconds, so a component is compiled once, however many calls arrive for it at the same
//! moment.

use crate::contracts::Ready;
use crate::limits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

type Cell = Arc<OnceCell<Ready>>;

#[derive(Default)]
pub(crate) struct Cache(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    by_digest: HashMap<String, Entry>,
    /// Counts uses, to tell which entry has been unused for longest.
    uses: u64,
}

struct Entry {
    cell: Cell,
    last_use: u64,
}

impl Cache {
    /// The cell for a digest; the caller fills it if it is empty. Running calls keep what they hold
    /// after it was evicted.
    pub(crate) fn cell(&self, digest: &str) -> Cell {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.uses += 1;
        let now = entries.uses;
        if let Some(entry) = entries.by_digest.get_mut(digest) {
            entry.last_use = now;
            return Arc::clone(&entry.cell);
        }
        entries.make_room();
        let cell = Cell::default();
        let entry = Entry { cell: Arc::clone(&cell), last_use: now };
        entries.by_digest.insert(digest.to_owned(), entry);
        cell
    }
}

impl Entries {
    fn make_room(&mut self) {
        if self.by_digest.len() < limits::COMPILED {
            return;
        }
        let oldest = self.by_digest.iter().min_by_key(|(_, entry)| entry.last_use);
        if let Some(digest) = oldest.map(|(digest, _)| digest.clone()) {
            self.by_digest.remove(&digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_shares_cells_and_forgets_the_one_unused_for_longest() {
        let cache = Cache::default();
        let first = cache.cell("0");
        let second = cache.cell("1");
        for digest in 2..limits::COMPILED {
            cache.cell(&digest.to_string());
        }
        assert!(Arc::ptr_eq(&first, &cache.cell("0")));
        cache.cell("one more");
        assert!(Arc::ptr_eq(&first, &cache.cell("0")));
        assert!(!Arc::ptr_eq(&second, &cache.cell("1")));
        assert_eq!(cache.0.lock().unwrap().by_digest.len(), limits::COMPILED);
    }
}
