//! `[[rewards]]` of the program file.

use crate::definition::{Check, Definition};
use crate::localized::Localized;
use crate::{Points, Result};
use serde::Deserialize;
use toml::Spanned;

/// What points can be spent on.
#[derive(Clone, Debug)]
pub struct Reward {
    pub id: String,
    pub name: Localized,
    /// The price; above zero.
    pub points: Points,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardFile {
    id: Spanned<String>,
    name: Localized,
    points: Spanned<i64>,
}

#[derive(Debug)]
pub(crate) struct Catalogue(Vec<Reward>);

impl Definition {
    pub fn rewards(&self) -> &[Reward] {
        &self.section::<Catalogue>().0
    }

    pub fn reward(&self, id: &str) -> Option<&Reward> {
        self.rewards().iter().find(|reward| reward.id == id)
    }
}

pub(crate) fn section(check: &Check<'_>, files: Vec<RewardFile>) -> Result<Catalogue> {
    check.distinct(files.iter().map(|reward| &reward.id))?;
    let reward = |file: RewardFile| {
        let points = check.positive(&file.points)?;
        Ok(Reward { id: check.slug(&file.id)?, name: check.named(file.name, &file.id)?, points })
    };
    files.into_iter().map(reward).collect::<Result<_>>().map(Catalogue)
}
