//! Searching the directory, in both schemas.

use super::ServiceCenter;
use crate::scalars::{CountryCode, LanguageTag};
use async_graphql::{InputObject, SimpleObject};
use perennial_core::ProgramId;
use perennial_core::directory::{Fitting, Near, Nearby, Position};
use std::num::TryFromIntError;

/// A position on the earth in degrees (WGS 84).
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct GeoPositionInput {
    /// Latitude, -90 to 90, north positive.
    pub(crate) latitude: f64,
    /// Longitude, -180 to 180, east positive.
    pub(crate) longitude: f64,
}

impl From<GeoPositionInput> for Position {
    fn from(position: GeoPositionInput) -> Self {
        Self { latitude: position.latitude, longitude: position.longitude }
    }
}

/// The arguments of a search.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) near: GeoPositionInput,
    pub(crate) language: Option<LanguageTag>,
    pub(crate) capability: Option<String>,
    pub(crate) country: Option<CountryCode>,
    pub(crate) first: u32,
}

impl TryFrom<Search> for Near {
    type Error = TryFromIntError;

    fn try_from(search: Search) -> Result<Self, TryFromIntError> {
        Ok(Self {
            position: search.near.into(),
            fitting: Fitting {
                language: search.language.map(|LanguageTag(tag)| tag.to_ascii_lowercase()),
                capability: search.capability,
                country: search.country.map(|CountryCode(code)| code),
            },
            first: search.first.try_into()?,
        })
    }
}

/// A service center and its distance from the position searched for. The distance is not the
/// center's own, so that a client can keep one object for the center.
#[derive(Debug, SimpleObject)]
pub(crate) struct NearbyServiceCenter {
    /// Great-circle distance in kilometers from the position searched for.
    distance_km: f64,
    /// The service center.
    service_center: ServiceCenter,
}

/// Result of a search for service centers.
#[derive(Debug, SimpleObject)]
#[graphql(name = "ServiceCenterList")]
pub(crate) struct ServiceCenters {
    /// The service centers, nearest first.
    nodes: Vec<NearbyServiceCenter>,
}

impl ServiceCenters {
    pub(super) fn new(program: ProgramId, found: Vec<Nearby>) -> Self {
        let nearby = |nearby: Nearby| NearbyServiceCenter {
            distance_km: nearby.distance_metres / 1000.0,
            service_center: ServiceCenter::new(program, nearby.center),
        };
        Self { nodes: found.into_iter().map(nearby).collect() }
    }
}
