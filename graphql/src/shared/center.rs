//! The service network.

use crate::scalars::CountryCode;
use async_graphql::{ID, InputObject, MergedObject, SimpleObject};
use perennial_core::directory::{self, Nearby, Position};

/// A position on the earth, in degrees, WGS 84.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct GeoPositionInput {
    /// -90 to 90, north positive.
    pub(crate) latitude: f64,
    /// -180 to 180, east positive.
    pub(crate) longitude: f64,
}

impl From<GeoPositionInput> for Position {
    fn from(position: GeoPositionInput) -> Self {
        Self { latitude: position.latitude, longitude: position.longitude }
    }
}

/// A center of the service network.
#[derive(Debug, SimpleObject)]
pub(crate) struct ServiceCenter {
    /// The center's id.
    id: ID,
    /// The operator's own key of the center.
    external_id: String,
    /// What it is called.
    name: String,
    /// Where it is.
    country: CountryCode,
    /// Where it is.
    city: String,
    /// Degrees, WGS 84, north positive.
    latitude: f64,
    /// Degrees, WGS 84, east positive.
    longitude: f64,
    /// Languages that it speaks.
    languages: Vec<String>,
    /// What it can do.
    capabilities: Vec<String>,
    /// To call it.
    phone: Option<String>,
    /// To write to it.
    email: Option<String>,
}

impl From<directory::ServiceCenter> for ServiceCenter {
    fn from(center: directory::ServiceCenter) -> Self {
        Self {
            id: center.id.to_string().into(),
            external_id: center.external_id,
            name: center.name,
            country: CountryCode(center.country),
            city: center.city,
            latitude: center.position.latitude,
            longitude: center.position.longitude,
            languages: center.languages.into_iter().collect(),
            capabilities: center.capabilities.into_iter().collect(),
            phone: center.phone,
            email: center.email,
        }
    }
}

/// How far something is.
#[derive(Debug, SimpleObject)]
pub(crate) struct Distance {
    /// Along the great circle, in kilometres.
    distance_km: f64,
}

/// A center of the service network, and how far it is.
#[derive(Debug, MergedObject)]
pub(crate) struct NearbyServiceCenter(ServiceCenter, Distance);

impl From<Nearby> for NearbyServiceCenter {
    fn from(nearby: Nearby) -> Self {
        Self(nearby.center.into(), Distance { distance_km: nearby.distance_metres / 1000.0 })
    }
}

/// What a search found.
#[derive(Debug, SimpleObject)]
#[graphql(name = "ServiceCenterList")]
pub(crate) struct ServiceCenters {
    /// The nearest first.
    nodes: Vec<NearbyServiceCenter>,
}

impl From<Vec<Nearby>> for ServiceCenters {
    fn from(found: Vec<Nearby>) -> Self {
        Self { nodes: found.into_iter().map(NearbyServiceCenter::from).collect() }
    }
}
