//! Addresses as they may be printed: without what lets somebody in.

use url::Url;

/// Stands for what is not shown.
const MASK: &str = "***";
/// What the name of a parameter contains whose value lets somebody in.
const SECRET: &[&str] = &["pass", "pwd", "secret", "token", "key", "auth", "sig", "credential"];

/// An address, or the path of a file, without passwords. What cannot be read is not shown.
pub(crate) fn masked(address: &str) -> String {
    if !address.contains("://") {
        // A path, such as that of an embedded database, with options at most.
        return address.split('?').next().unwrap_or_default().to_owned();
    }
    let Ok(mut url) = Url::parse(address) else {
        let scheme = address.split("://").next().unwrap_or_default();
        return format!("{scheme}://{MASK}");
    };
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    let shown: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let lower = name.to_lowercase();
            let is_secret = SECRET.iter().any(|part| lower.contains(part));
            (name.into_owned(), if is_secret { MASK.to_owned() } else { value.into_owned() })
        })
        .collect();
    if !shown.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_somebody_in_is_not_shown_and_the_rest_is() {
        for (address, shown) in [
            ("postgres://app:s3cret@db.example/shop", "postgres://app:***@db.example/shop"),
            ("postgres://app:a@b:c@db.example/shop", "postgres://app:***@db.example/shop"),
            (
                "postgres://db/shop?user=app&password=s3cret",
                "postgres://db/shop?user=app&password=***",
            ),
            ("https://id.example/keys?api_key=s3cret", "https://id.example/keys?api_key=***"),
            ("postgres://app:s3cret@db:port/shop", "postgres://***"),
            ("postgres://app@db.example/shop", "postgres://app@db.example/shop"),
            ("sqlite:data/perennial.db?key=s3cret", "sqlite:data/perennial.db"),
            ("data/keys.json", "data/keys.json"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }
}
