//! The directory of the service network.

pub(crate) mod admin;
mod put;
mod search;
pub(crate) mod storefront;

pub(crate) use put::DirectoryMutation;
pub(crate) use search::{GeoPositionInput, Search, ServiceCenters};

use crate::nodes::GlobalId;
use crate::scalars::CountryCode;
use async_graphql::{ID, SimpleObject};
use perennial_core::{ProgramId, directory};

/// A center of the service network.
#[derive(Debug, SimpleObject)]
pub(crate) struct ServiceCenter {
    /// The center's id.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// Identifier in the operator's own system, unique in the program.
    external_id: String,
    /// The display name.
    name: String,
    /// ISO 3166-1 alpha-2 code of the country.
    country: CountryCode,
    /// The city.
    city: String,
    /// Latitude in degrees (WGS 84), -90 to 90, north positive.
    latitude: f64,
    /// Longitude in degrees (WGS 84), -180 to 180, east positive.
    longitude: f64,
    /// Languages that the staff speak, in lowercase, such as `de`.
    languages: Vec<String>,
    /// Services that the center offers, such as `hydraulics`.
    capabilities: Vec<String>,
    /// Phone number.
    phone: Option<String>,
    /// Email address.
    email: Option<String>,
}

impl ServiceCenter {
    pub(crate) fn new(program: ProgramId, center: directory::ServiceCenter) -> Self {
        Self {
            id: GlobalId::ServiceCenter(program, center.id).into(),
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
