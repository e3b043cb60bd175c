//! `GraphiQL`, a page for trying out queries. All of it is in the binary, so that it works without
//! a network and tells nobody else that it is used; `assets/graphiql/README.md` says where it is
//! from.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// A file that the page refers to.
struct Asset {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
    is_compressed: bool,
}

macro_rules! assets {
    ($($name:literal $media:ident $is_compressed:ident $file:literal;)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            media: $media,
            bytes: include_bytes!(concat!("../assets/graphiql/", $file)),
            is_compressed: $is_compressed,
        },)*];
    };
}

assets! {
    "graphiql.css" CSS true "graphiql.css.gz";
    "page.css" CSS false "page.css";
    "react.js" JAVASCRIPT true "react.js.gz";
    "react-dom.js" JAVASCRIPT true "react-dom.js.gz";
    "graphiql.js" JAVASCRIPT true "graphiql.js.gz";
    "page.js" JAVASCRIPT false "page.js";
}

/// Where the assets are. The address changes with them, so that browsers keep them for good.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let digest =
        ASSETS.iter().fold(Sha256::new(), |digest, asset| digest.chain_update(asset.bytes));
    format!("/graphiql/{}", &HEXLOWER.encode(&digest.finalize())[..16])
});
static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("../assets/graphiql/page.html").replace("{assets}", &FOLDER));

/// What the page may do: run its own files, and send queries to where it is from. Its editor sets
/// styles itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// The page; it sends its queries to the address that it is served at.
pub(crate) fn page() -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept"),
    ];
    (headers, Html(PAGE.as_str())).into_response()
}

/// The files that the page refers to.
pub(crate) fn routes() -> Router {
    Router::new().route(&format!("{}/{{name}}", *FOLDER), get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let shown = [
        (header::CONTENT_TYPE, asset.media),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if !asset.is_compressed {
        return (shown, asset.bytes).into_response();
    }
    if accepts_gzip(&headers) {
        return (shown, [(header::CONTENT_ENCODING, "gzip")], asset.bytes).into_response();
    }
    match PLAIN.get(asset.name) {
        Some(bytes) => (shown, bytes.clone()).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The compressed assets as they are, for the few clients that do not read gzip: once for all
/// requests, whose responses share the bytes.
static PLAIN: LazyLock<HashMap<&'static str, Bytes>> = LazyLock::new(|| {
    let compressed = ASSETS.iter().filter(|asset| asset.is_compressed);
    compressed.filter_map(|asset| Some((asset.name, asset.plain()?.into()))).collect()
});

impl Asset {
    fn plain(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        match GzDecoder::new(self.bytes).read_to_end(&mut bytes) {
            Ok(_) => Some(bytes),
            Err(error) => {
                tracing::error!(%error, name = self.name, "an asset of GraphiQL cannot be read");
                None
            }
        }
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = crate::http::preferred(headers, &header::ACCEPT_ENCODING);
    accepted.iter().any(|(coding, _)| matches!(*coding, "gzip" | "*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_builds_are_the_ones_that_were_taken() {
        let sums = include_str!("../assets/graphiql/SHA256SUMS");
        for asset in ASSETS.iter().filter(|asset| asset.is_compressed) {
            let digest = HEXLOWER.encode(&Sha256::digest(asset.bytes));
            assert!(sums.contains(&format!("{digest}  {}.gz", asset.name)), "{}", asset.name);
        }
    }

    #[test]
    fn nothing_of_ours_names_another_host() {
        for ours in [PAGE.as_str(), include_str!("../assets/graphiql/page.js")] {
            assert!(!ours.contains("http:") && !ours.contains("https:"), "{ours}");
        }
        for asset in ASSETS.iter().filter(|asset| asset.media == CSS) {
            let bytes =
                if asset.is_compressed { asset.plain().unwrap() } else { asset.bytes.to_vec() };
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains("@import"), "{}", asset.name);
            let foreign = text
                .split("url(")
                .skip(1)
                .find(|url| !url.trim_start_matches(['"', '\'']).starts_with("data:"));
            assert_eq!(foreign, None, "{}", asset.name);
        }
    }
}
