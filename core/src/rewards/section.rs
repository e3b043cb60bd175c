//! `[[rewards]]` of the program file.

use crate::Points;
use crate::accounts::PointType;
use crate::accounts::policy::section::PointTypes;
use crate::definition::{Check, Definition};
use crate::localized::Localized;
use serde::Deserialize;
use toml::Spanned;

/// What points can be spent on.
#[derive(Clone, Debug)]
pub struct Reward {
    pub id: String,
    pub name: Localized,
    /// The price; above zero.
    pub points: Points,
    /// Which points it costs.
    pub point_type: PointType,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardFile {
    id: Spanned<String>,
    name: Localized,
    points: Spanned<i64>,
    point_type: Option<Spanned<String>>,
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

pub(crate) fn section(check: &Check<'_>, files: Vec<RewardFile>, types: &PointTypes) -> Catalogue {
    let reward = |file: RewardFile| {
        let (id, name) = (check.slug(&file.id), check.named(file.name, &file.id));
        let points = check.positive(&file.points);
        let point_type = types.spendable(check, file.point_type.as_ref());
        Ok(Reward { id: id?, name: name?, points: points?, point_type: point_type? })
    };
    Catalogue(check.each(files, |file| &file.id, reward))
}
