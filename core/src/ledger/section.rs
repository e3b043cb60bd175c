//! `[transfers]` of the program file.

use crate::definition::{Check, Definition};
use crate::{Points, Result};
use serde::Deserialize;
use toml::Spanned;

/// What members may give to others themselves, in points of any one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferTerms {
    /// The fewest that they transfer at once.
    pub min: Points,
    /// The most that they transfer at once; any number if there is none.
    pub max: Option<Points>,
    /// The most that a member transfers on a day of the program's zone.
    pub max_per_day: Option<Points>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransfersFile {
    min: Option<Spanned<i64>>,
    max: Option<Spanned<i64>>,
    max_per_day: Option<Spanned<i64>>,
}

#[derive(Debug)]
pub(crate) struct Transfers(Option<TransferTerms>);

impl Definition {
    /// What members may transfer themselves; none where they may not.
    pub fn transfers(&self) -> Option<TransferTerms> {
        self.section::<Transfers>().0
    }
}

pub(crate) fn section(check: &Check<'_>, file: Option<TransfersFile>) -> Result<Transfers> {
    file.map(|file| terms(check, &file)).transpose().map(Transfers)
}

fn terms(check: &Check<'_>, file: &TransfersFile) -> Result<TransferTerms> {
    let points = |value: &Option<Spanned<i64>>| {
        value.as_ref().map(|value| check.positive(value)).transpose()
    };
    let (min, max, max_per_day) = (points(&file.min), points(&file.max), points(&file.max_per_day));
    let (min, max, max_per_day) = (min?.unwrap_or(Points::new(1)), max?, max_per_day?);
    let mut suffice = Ok(());
    for (key, most, value) in
        [("max", max, &file.max), ("max_per_day", max_per_day, &file.max_per_day)]
    {
        if let (Some(most), Some(value)) = (most, value)
            && most < min
        {
            let why = format!("{key}: use at least `min`, {min}, or nothing can be transferred");
            suffice = Err(check.at(value.span(), &why));
        }
    }
    suffice?;
    Ok(TransferTerms { min, max, max_per_day })
}
