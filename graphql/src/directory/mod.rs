//! The directory of the service network.

pub(crate) mod admin;
mod put;
mod search;
pub(crate) mod storefront;

pub(crate) use put::DirectoryMutation;
pub(crate) use search::{GeoPositionInput, Search, ServiceCenters};

use crate::scalars::CountryCode;
use async_graphql::{ID, SimpleObject};
use perennial_core::directory;

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
