//! JSON Schemas of a manifest, and what does not fit them. The dialect is 2020-12; `format` is
//! enforced, and nothing is fetched from anywhere.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, ValidationOptions, Validator};
use serde_json::Value;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The formats that there are, as `sdk/README.md` lists them.
const FORMATS: [&str; 17] = [
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uri-template",
    "iri",
    "iri-reference",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// What is wrong with a schema as an author writes it, and at which of its keys, if that is known:
/// stricter than with one that is installed already, for what it misspells would be ignored for ever.
pub(super) fn check(schema: &Value) -> Result<(), (Vec<String>, String)> {
    let whole = |why| (Vec::new(), why);
    if let Some(other) = schema.get("$schema").filter(|it| *it != DIALECT) {
        let why = format!("$schema is {other}: the dialect is `{DIALECT}`, or leave it out");
        return Err(whole(why));
    }
    if let Some(elsewhere) = reference_elsewhere(schema) {
        return Err(whole(format!(
            "`$ref` is \"{elsewhere}\": nothing is fetched from elsewhere; refer to `#/$defs/…`"
        )));
    }
    options().should_ignore_unknown_formats(false).build(schema).map(drop).map_err(|error| {
        let at = error.schema_path().to_string();
        match schema.pointer(&at).and_then(Value::as_str).filter(|_| at.ends_with("/format")) {
            Some(unknown) if !FORMATS.contains(&unknown) => {
                let at = at.split('/').skip(1).map(str::to_owned).collect();
                (at, format!("there is no format \"{unknown}\"; there are {}", FORMATS.join(", ")))
            }
            _ => whole(format!("it is not a JSON Schema: {error}")),
        }
    })
}

/// The first thing about `value` that does not fit `schema`: where, as a dotted path that is empty for
/// the whole, and why.
///
/// A key that the schema does not know says more than one that is missing: where both are, the one is
/// the other, misspelt.
pub(super) fn misfit(schema: &Value, value: &Value) -> Result<Option<(String, String)>, String> {
    let validator = validator(schema)?;
    let mut first = None;
    for error in validator.iter_errors(value) {
        if let Some(misfit) = unknown_key(schema, value, &error) {
            return Ok(Some(misfit));
        }
        first = first.or(Some(error));
    }
    Ok(first.map(|error| (path(&error), said(schema, value, &error))))
}

fn validator(schema: &Value) -> Result<Validator, String> {
    options().build(schema).map_err(|error| error.to_string())
}

fn options<'s>() -> ValidationOptions<'s> {
    jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true)
}

fn unknown_key(
    schema: &Value,
    value: &Value,
    error: &ValidationError<'_>,
) -> Option<(String, String)> {
    let unknown = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected.first()?.clone(),
        // An object that has no keys at all.
        ValidationErrorKind::FalseSchema
            if error.schema_path().to_string().ends_with("/additionalProperties") =>
        {
            let object = value.pointer(&error.instance_path().to_string())?.as_object()?;
            object.keys().next()?.clone()
        }
        _ => return None,
    };
    let why = match known_keys(schema, error) {
        Some(known) if !known.is_empty() => {
            format!("there is no key `{unknown}`; known are {}", known.join(", "))
        }
        _ => format!("there is no key `{unknown}`"),
    };
    Some((path(error), why))
}

/// What the object may contain by the schema whose keyword has refused it.
fn known_keys<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<Vec<&'s str>> {
    let keyword = error.schema_path().to_string();
    let (around, _) = keyword.rsplit_once('/')?;
    let properties = schema.pointer(around)?.get("properties")?.as_object()?;
    Some(properties.keys().map(String::as_str).collect())
}

/// The error's own words, and where a key is missing which other is there that the schema does not
/// name.
fn said(schema: &Value, value: &Value, error: &ValidationError<'_>) -> String {
    let why = error.to_string();
    if !matches!(error.kind(), ValidationErrorKind::Required { .. }) {
        return why;
    }
    let found = value.pointer(&error.instance_path().to_string()).and_then(Value::as_object);
    let (Some(found), Some(known)) = (found, known_keys(schema, error)) else { return why };
    match found.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => format!("{why}; `{unknown}`, which is there, is no key of the schema"),
        None => why,
    }
}

fn path(error: &ValidationError<'_>) -> String {
    error.instance_path().to_string().trim_start_matches('/').replace('/', ".")
}

/// A reference that leads out of the schema itself.
fn reference_elsewhere(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(keywords) => {
            let reference = keywords.get("$ref").and_then(Value::as_str);
            let elsewhere = reference.filter(|reference| reference.contains("://"));
            elsewhere.or_else(|| keywords.values().find_map(reference_elsewhere))
        }
        Value::Array(items) => items.iter().find_map(reference_elsewhere),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, check, misfit};
    use serde_json::{Value, json};

    /// Each format with what is one, and what is none.
    const EXAMPLES: &[(&str, &str, &str)] = &[
        ("date", "2026-02-28", "2026-02-30"),
        ("date-time", "2026-02-28T10:00:00Z", "2026-02-28"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("duration", "P1D", "1 day"),
        ("email", "ada@example.com", "ada"),
        ("hostname", "shop.example", "-shop"),
        ("ipv4", "192.0.2.1", "192.0.2"),
        ("ipv6", "2001:db8::1", "2001"),
        ("uri", "https://shop.example/a", "not a uri"),
        ("uri-reference", "/a", "\\a"),
        ("uri-template", "/a/{b}", "/a/{b"),
        ("iri", "https://shop.example/ü", "ü ü"),
        ("iri-reference", "/ü", "\\ü"),
        ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8"),
        ("json-pointer", "/a/b", "a/b"),
        ("relative-json-pointer", "1/a", "/a"),
        ("regex", "a+", "a("),
    ];

    fn said(schema: &Value, value: &Value) -> (String, String) {
        misfit(schema, value).unwrap().unwrap()
    }

    #[test]
    fn formats_are_enforced_and_misspelt_ones_refused() {
        assert_eq!(EXAMPLES.iter().map(|(format, ..)| *format).collect::<Vec<_>>(), FORMATS);
        for (format, right, wrong) in EXAMPLES {
            let schema = json!({ "type": "string", "format": format });
            check(&schema).unwrap();
            assert_eq!(misfit(&schema, &json!(right)).unwrap(), None, "{format}");
            assert!(said(&schema, &json!(wrong)).1.contains(format), "{format}");
        }
        let (at, misspelt) =
            check(&json!({ "properties": { "made": { "format": "day" } } })).unwrap_err();
        assert_eq!(at, ["properties", "made", "format"]);
        assert!(misspelt.starts_with("there is no format \"day\"; there are date, "), "{misspelt}");
        // One that is installed already goes on.
        assert_eq!(misfit(&json!({ "format": "day" }), &json!("x")).unwrap(), None);
    }

    #[test]
    fn nothing_is_fetched_and_the_dialect_is_one() {
        let schema = json!({ "properties": { "a": { "$ref": "https://evil.example/s.json" } } });
        let (_, why) = check(&schema).unwrap_err();
        assert!(why.contains("https://evil.example/s.json"), "{why}");
        let (_, relative) = check(&json!({ "$ref": "other.json" })).unwrap_err();
        assert!(relative.contains("it is not a JSON Schema"), "{relative}");
        let own = json!({ "$defs": { "a": { "type": "integer" } }, "$ref": "#/$defs/a" });
        check(&own).unwrap();
        assert!(misfit(&own, &json!("x")).unwrap().is_some());
        let old = check(&json!({ "$schema": "http://json-schema.org/draft-07/schema#" }));
        assert!(old.unwrap_err().1.contains("2020-12"));
    }

    #[test]
    fn a_misspelt_key_is_named_rather_than_what_is_missing() {
        let inner = json!({
            "type": "object", "required": ["months"], "additionalProperties": false,
            "properties": { "months": { "type": "integer" } },
        });
        let schema = json!({ "type": "object", "additionalProperties": inner });
        let (at, why) = said(&schema, &json!({ "belt": { "month": 3 } }));
        assert_eq!(
            (at.as_str(), why.as_str()),
            ("belt", "there is no key `month`; known are months")
        );

        let none = json!({ "type": "object", "additionalProperties": false });
        assert_eq!(said(&none, &json!({ "month": 3 })).1, "there is no key `month`");

        let open = json!({ "required": ["mode"], "properties": { "mode": {} } });
        let (at, why) = said(&open, &json!({ "mood": "good" }));
        assert_eq!(at, "");
        assert!(why.contains("\"mode\" is a required property; `mood`, which is there"), "{why}");
        assert_eq!(said(&open, &json!({})).1, "\"mode\" is a required property");
    }
}
