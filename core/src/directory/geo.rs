//! Positions and distances on the sphere.

use crate::{Code, Error, Result};

/// The mean radius of the earth, metres.
const EARTH_RADIUS_METRES: f64 = 6_371_008.8;
const MILLION: f64 = 1_000_000.0;

/// Degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// -90 to 90, north positive.
    pub latitude: f64,
    /// -180 to 180, east positive.
    pub longitude: f64,
}

impl Position {
    /// Of millionths of a degree.
    pub(crate) fn of_millionths(latitude: i32, longitude: i32) -> Self {
        let degrees = |millionths| f64::from(millionths) / MILLION;
        Self { latitude: degrees(latitude), longitude: degrees(longitude) }
    }

    /// Latitude and longitude in millionths of a degree, which is a tenth of a metre.
    #[expect(clippy::cast_possible_truncation, reason = "180 million fit")]
    pub(crate) fn millionths(self) -> (i32, i32) {
        let millionths = |degrees: f64| (degrees * MILLION).round() as i32;
        (millionths(self.latitude), millionths(self.longitude))
    }

    pub(super) fn check(self) -> Result<()> {
        let wrong = |field: &str, bound: u8| {
            Error::new(Code::InvalidInput, format!("use degrees from -{bound} to {bound}"))
                .at(field)
        };
        if !(-90.0..=90.0).contains(&self.latitude) {
            return Err(wrong("latitude", 90));
        }
        if !(-180.0..=180.0).contains(&self.longitude) {
            return Err(wrong("longitude", 180));
        }
        Ok(())
    }

    /// Along the great circle, metres; exact to half a per cent, as the sphere is.
    pub fn distance_metres(self, other: Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let across = half(other.longitude - self.longitude);
        let haversine = from.cos() * to.cos() * across + half(other.latitude - self.latitude);
        2.0 * EARTH_RADIUS_METRES * haversine.sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position { latitude, longitude }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let (berlin, warsaw) = (at(52.520, 13.405), at(52.230, 21.012));
        let distance = berlin.distance_metres(warsaw);
        assert!((515_000.0..521_000.0).contains(&distance), "{distance}");
        // Across the date line it is a short way, not around the world.
        let across = at(0.0, 179.5).distance_metres(at(0.0, -179.5));
        assert!((111_000.0..111_500.0).contains(&across), "{across}");
        assert!(berlin.distance_metres(berlin) < 1e-6);
    }

    #[test]
    fn millionths_are_there_and_back_the_same() {
        for (latitude, longitude) in [(52_520_008, 13_404_954), (-90_000_000, 180_000_000), (0, -1)]
        {
            let there = Position::of_millionths(latitude, longitude);
            assert_eq!(there.millionths(), (latitude, longitude));
        }
    }

    #[test]
    fn positions_off_the_map_are_refused() {
        assert!(at(90.0, -180.0).check().is_ok());
        assert_eq!(at(90.1, 0.0).check().unwrap_err().field(), Some("latitude"));
        assert_eq!(at(0.0, f64::NAN).check().unwrap_err().field(), Some("longitude"));
    }
}
