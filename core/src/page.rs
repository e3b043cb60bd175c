//! Pages of a list, by keyset: a page starts after the last key of the one before, so it stays
//! right while rows are added.

use crate::{Code, Error, Id, Result};

/// The most items that one page holds.
pub const PAGE_MAX: u64 = 100;

/// Which part of a list is asked for. Lists run from the newest to the oldest unless the service
/// says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<I> {
    /// 1 to [`PAGE_MAX`].
    pub first: u64,
    /// The last id of the page before.
    pub after: Option<I>,
}

#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub has_more: bool,
}

impl<I: Id> PageRequest<I> {
    /// Fails with `TOO_MANY` beyond [`PAGE_MAX`].
    pub fn new(first: u64, after: Option<I>) -> Result<Self> {
        if first > PAGE_MAX {
            return Err(
                Error::new(Code::TooMany, format!("at most {PAGE_MAX} items a page")).at("first")
            );
        }
        Ok(Self { first, after })
    }
}

impl<T> Page<T> {
    /// From one item more than was asked for, which tells whether there are more.
    pub(crate) fn of(mut items: Vec<T>, first: u64) -> Self {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let has_more = items.len() > first;
        items.truncate(first);
        Self { items, has_more }
    }

    pub(crate) fn try_map<U>(self, convert: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        let items = self.items.into_iter().map(convert).collect::<Result<_>>()?;
        Ok(Page { items, has_more: self.has_more })
    }
}
