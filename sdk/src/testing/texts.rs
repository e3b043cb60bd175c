//! The texts of a plugin, as its readers get them.

use super::{Native, Package};
use crate::Plugin;
use perennial_contract::{Filled, Manifest};
use perennial_simulation::Packaged;
use std::collections::{BTreeMap, BTreeSet};

/// What a reader of `locale` gets of a template. Fails as the platform would.
///
/// ```text
/// let welcome = message::<Hello>("welcome", "de", &[("points", "1200")]).unwrap();
/// assert_eq!(welcome.body, "1.200 Punkte warten auf Sie.");
/// ```
///
/// # Panics
///
/// If the platform would refuse the manifest.
pub fn message<P: Plugin + Package>(
    template: &str,
    locale: &str,
    parameters: &[(&str, &str)],
) -> Result<Filled, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let parameters: Vec<_> = parameters.iter().map(owned).collect();
    manifest::<P>().fill(template, &[locale], &parameters)
}

/// The languages of each template.
///
/// # Panics
///
/// If the platform would refuse the manifest.
#[must_use]
pub fn languages<P: Plugin + Package>() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = manifest::<P>();
    let languages = |template: &str| {
        manifest.languages(template).into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let templates = manifest.templates();
    templates.into_iter().map(|template| (template.to_owned(), languages(template))).collect()
}

fn manifest<P: Plugin + Package>() -> Manifest {
    let (_, manifest) = Native::<P>::package();
    Manifest::parse(&manifest).expect("the platform takes the manifest")
}
