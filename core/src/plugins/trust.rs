//! Who may bring a version of a plugin, and which versions need nobody's word.
//!
//! An id belongs to the publisher whose signed version of it was approved first. From then on that
//! key signs every version, and a version that may do nothing more than one of the same publisher
//! that somebody approved needs no approval of its own.

use super::grants::Grants;
use super::versions::is_prerelease;
use crate::{Code, Error, Result};

/// A version that is approved.
pub(super) struct Approved {
    pub(super) version: String,
    pub(super) signed_by: Option<String>,
    pub(super) grants: Grants,
}

/// Whether a version may be installed. Fails with `PLUGIN_PUBLISHER_DIFFERS` or `PLUGIN_NOT_SIGNED`.
pub(super) fn admit(
    id: &str,
    version: &str,
    signed_by: Option<&str>,
    publisher: Option<&str>,
) -> Result<()> {
    match (publisher, signed_by) {
        (Some(publisher), Some(key)) if publisher == key => Ok(()),
        (Some(publisher), signed_by) => {
            let signed =
                signed_by.map_or("not signed".to_owned(), |key| format!("signed by {key}"));
            let why =
                format!("{id} {version} is {signed}, and {id} is the publisher's {publisher}");
            Err(Error::new(Code::PluginPublisherDiffers, why))
        }
        (None, Some(_)) => Ok(()),
        (None, None) if is_prerelease(version) => Ok(()),
        (None, None) => {
            let why = format!(
                "{id} {version} is not signed: sign it with `perennial plugin sign`, or give it a \
                 pre-release version such as {version}-dev while it is developed"
            );
            Err(Error::new(Code::PluginNotSigned, why))
        }
    }
}

/// Whether a version needs no approval of its own: it may do nothing more than an approved one of its
/// publisher, or than the build of the same pre-release that it replaces.
pub(super) fn needs_nobodys_word(
    version: &str,
    signed_by: Option<&str>,
    publisher: Option<&str>,
    grants: &Grants,
    approved: &[Approved],
) -> bool {
    let is_of_the_same = |before: &Approved| match signed_by {
        Some(_) => signed_by == publisher && before.signed_by.as_deref() == signed_by,
        None => publisher.is_none() && before.signed_by.is_none() && before.version == version,
    };
    let covers = |before: &Approved| grants.wider_than(&before.grants).is_empty();
    approved.iter().any(|before| is_of_the_same(before) && covers(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Manifest;

    fn grants(points: u32) -> Grants {
        let manifest = format!(
            "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"\n\
             [capabilities]\npoints-per-event-max = {points}\n"
        );
        Grants::of(&Manifest::parse(&manifest).unwrap())
    }

    #[test]
    fn an_id_is_one_publishers_and_what_nobody_signed_is_a_prerelease() {
        let code = |version, signed_by, publisher| {
            admit("tea", version, signed_by, publisher).err().map(|error| error.code())
        };
        let (ann, bob) = (Some("ann"), Some("bob"));
        for (version, signed_by, publisher, expected) in [
            ("1.0.0", ann, ann, None),
            ("1.0.0-dev", ann, ann, None),
            ("1.0.0", bob, ann, Some(Code::PluginPublisherDiffers)),
            ("1.0.0", None, ann, Some(Code::PluginPublisherDiffers)),
            ("1.0.0-dev", None, ann, Some(Code::PluginPublisherDiffers)),
            ("1.0.0", bob, None, None),
            ("1.0.0-dev", None, None, None),
            ("1.0.0", None, None, Some(Code::PluginNotSigned)),
            // Metadata of a build makes no pre-release.
            ("1.0.0+dev", None, None, Some(Code::PluginNotSigned)),
        ] {
            assert_eq!(code(version, signed_by, publisher), expected, "{version} {signed_by:?}");
        }
    }

    #[test]
    fn only_the_same_publisher_or_the_same_prerelease_goes_on_by_itself() {
        let approved = |version: &str, signed_by: Option<&str>| {
            let signed_by = signed_by.map(str::to_owned);
            [Approved { version: version.to_owned(), signed_by, grants: grants(100) }]
        };
        let (ann, bob) = (Some("ann"), Some("bob"));
        for (version, signed_by, publisher, points, before, expected) in [
            ("1.1.0", ann, ann, 100, approved("1.0.0", ann), true),
            ("1.1.0", ann, ann, 101, approved("1.0.0", ann), false),
            ("1.1.0", ann, None, 100, approved("1.0.0-dev", None), false),
            ("1.1.0", ann, ann, 100, approved("1.0.0", None), false),
            ("1.1.0", bob, ann, 100, approved("1.0.0", bob), false),
            ("1.0.0-dev", None, None, 100, approved("1.0.0-dev", None), true),
            ("1.0.0-dev", None, None, 101, approved("1.0.0-dev", None), false),
            ("1.1.0-dev", None, None, 100, approved("1.0.0-dev", None), false),
            ("1.0.0-dev", None, ann, 100, approved("1.0.0-dev", None), false),
        ] {
            let done = needs_nobodys_word(version, signed_by, publisher, &grants(points), &before);
            assert_eq!(done, expected, "{version} {signed_by:?} {publisher:?} {points}");
        }
        assert!(!needs_nobodys_word("1.0.0", ann, ann, &grants(0), &[]));
    }
}
