//! A reward of the catalogue.

use crate::Points;
use crate::programs::Localized;

/// What points can be spent on. The program file lists them.
#[derive(Clone, Debug)]
pub struct Reward {
    pub id: String,
    pub name: Localized,
    /// The price; above zero.
    pub points: Points,
}
