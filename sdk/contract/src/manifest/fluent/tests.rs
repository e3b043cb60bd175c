//! What a reader gets, and what an author is told.

use crate::limits::RENDERED_BYTES;
use crate::manifest::{Filled, Manifest};

const HEAD: &str =
    "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"\ncapabilities.messages = true\n";

const EN: &str = "# For members.
due =
    .subject = { $model }: due on { DATE($due) }
    .body =
        It ran { NUMBER($hours) ->
            [one] { NUMBER($hours) } hour
           *[other] { NUMBER($hours) } hours
        } by { DATE($due, dateStyle: \"medium\") }.
";
const PL: &str = "due =
    .subject = { $model }: termin { DATE($due) }
    .body = Pracowała { NUMBER($hours) ->
        [one] { NUMBER($hours) } godzinę
        [few] { NUMBER($hours) } godziny
        [many] { NUMBER($hours) } godzin
       *[other] { NUMBER($hours) } godziny
    } do { DATE($due) }.
";
const DE: &str = "due =
    .subject = { $model }: fällig am { DATE($due) }
    .body = Sie lief { NUMBER($hours) } Stunden bis { DATE($due) }.
";

fn parse(files: &[(&str, &str)]) -> Result<Manifest, String> {
    let locales = files.iter().map(|&(tag, text)| (tag.to_owned(), text.into())).collect();
    let table = toml::Table::from_iter([("locales".to_owned(), toml::Value::Table(locales))]);
    Manifest::parse(&format!("{HEAD}{table}")).map_err(|refused| refused.to_string())
}

fn fill(locales: &[&str], hours: &str, due: &str) -> Result<Filled, String> {
    let manifest = parse(&[("en", EN), ("pl", PL), ("de", DE)]).unwrap();
    // As it is stored, and read again.
    let stored = serde_json::to_value(&manifest).unwrap();
    let manifest: Manifest = serde_json::from_value(stored).unwrap();
    let parameters = [("model", "HX"), ("hours", hours), ("due", due)];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    manifest.fill("due", locales, &parameters)
}

#[test]
fn numbers_dates_and_plurals_are_the_readers() {
    for (locale, hours, locale_of_text, body) in [
        ("en", "1", "en", "It ran 1 hour by Nov 22, 2026."),
        ("en-GB", "1200", "en", "It ran 1,200 hours by 22 Nov 2026."),
        ("pl", "1", "pl", "Pracowała 1 godzinę do 22 listopada 2026."),
        ("pl", "22", "pl", "Pracowała 22 godziny do 22 listopada 2026."),
        ("pl", "25", "pl", "Pracowała 25 godzin do 22 listopada 2026."),
        ("pl", "1.5", "pl", "Pracowała 1,5 godziny do 22 listopada 2026."),
        ("de", "1200", "de", "Sie lief 1.200 Stunden bis 22. November 2026."),
        // Where the same language writes numbers differently.
        ("de-CH", "1200", "de", "Sie lief 1'200 Stunden bis 22. November 2026."),
        // A reader of another language reads numbers in the text's.
        ("fr", "-1200", "en", "It ran -1,200 hours by Nov 22, 2026."),
    ] {
        let filled = fill(&[locale], hours, "2026-11-22").unwrap();
        assert_eq!((filled.locale.as_str(), filled.body.as_str()), (locale_of_text, body));
    }
    assert_eq!(fill(&["ar", "de-AT"], "1", "2026-11-22").unwrap().locale, "de");
    assert_eq!(fill(&["pl"], "1", "2026-11-22").unwrap().subject, "HX: termin 22 listopada 2026");
}

#[test]
fn a_value_that_is_none_of_its_kind_is_refused() {
    for hours in ["", "many", "1e9", "1,200", "+1", "1.", ".5", "--1", "NaN", "1234567890123456789"]
    {
        let said = fill(&["de"], hours, "2026-11-22").unwrap_err();
        assert_eq!(said, "`$hours` has to be a number such as 1200 or 12.5", "{hours}");
    }
    for due in ["", "soon", "2026-13-01", "2026-02-29", "22.11.2026", "2026-11-22T10:00:00Z"] {
        let said = fill(&["de"], "1", due).unwrap_err();
        assert_eq!(said, "`$due` has to be a date such as 2026-11-22", "{due}");
    }
    let manifest = parse(&[("en", EN)]).unwrap();
    let said = manifest.fill("due", &["en"], &[]).unwrap_err();
    assert_eq!(said, "the template needs a value for `$model`");
    let said = manifest.fill("spam", &["en"], &[]).unwrap_err();
    assert_eq!(said, "the manifest has no message template `spam`");
}

/// What an author writes as English text, and what she reads.
#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    let text = |body: &str| format!("t =\n    .subject = A\n    .body = {body}\n");
    for (body, why) in [
        ("{ $a", "line 3: this is no Fluent: "),
        (
            "{ FORMAT($a) }",
            "line 3, t.body: there is no function `FORMAT`; known are DATE and NUMBER",
        ),
        ("{ NUMBER(5) }", "line 3, t.body: `NUMBER` takes one parameter: `NUMBER($name)`"),
        ("{ NUMBER($a, style: \"x\") }", "line 3, t.body: `NUMBER` has one option, `type`"),
        ("{ DATE($a, dateStyle: \"x\") }", "line 3, t.body: `x` is none of full, long"),
        ("{ other }", "line 3, t.body: `other` is another text"),
        ("{ -brand }", "line 3, t.body: `-brand` is a term"),
        ("{{ $a }}", "line 3, t.body: braces in braces"),
        ("{ $a } { NUMBER($a) }", "line 3, t.body: `$a` is a text in one place and a number in"),
        ("{ \"\" }", "line 3, t.body: it is empty"),
        (
            "{ $a ->\n    [one] A\n   *[other] B\n    }",
            "line 3, t.body: `$a` is a text: write `NUMBER(",
        ),
        (
            "{ NUMBER($a) ->\n    [few] A\n   *[other] B\n    }",
            "line 3, t.body: `[few]` is no plural form",
        ),
        (
            "{ NUMBER($a) ->\n    [0] A\n   *[one] B\n    }",
            "line 3, t.body: the variants of a number end",
        ),
        ("{ DATE($a) ->\n   *[other] B\n    }", "line 3, t.body: variants are of `NUMBER($name)`"),
        ("A\n    .footer = B", "line 1, t: `.footer` is neither `.subject` nor `.body`"),
        ("A\n    .body = B", "line 1, t: it has `.body` twice"),
        ("A\nt =\n    .subject = A\n    .body = B", "line 1, t: it is there twice"),
        ("A\nu = B\n    .subject = C", "line 4, u: write its `.subject` and its `.body`"),
        ("A\nu =\n    .subject = B", "line 4, u: it has no `.body`"),
        ("A\n-brand = B", "line 4, -brand: there are no terms here"),
    ] {
        let said = parse(&[("en", &text(body))]).unwrap_err();
        assert!(said.starts_with(&format!("locales/en.ftl: {why}")), "{body}: {said}");
    }
    let long = parse(&[("en", &text(&"x".repeat(20_000)))]).unwrap_err();
    assert!(long.ends_with("t.body: it exceeds 16384 bytes"), "{long}");
}

#[test]
fn languages_agree_and_english_is_among_them() {
    for (files, why) in [
        (&[("de", DE)][..], "locales/de.ftl: line 1, due: it has no text in English"),
        (
            &[("en", EN), ("deutsch_", DE)],
            "locales/deutsch_.ftl: line 1: `deutsch_` is not a BCP 47",
        ),
        (
            &[("en", EN), ("de", &DE.replace("DATE($due)", "$due"))],
            "locales/de.ftl: line 1, due: `$due` is a date in `en`, and a text in `de`",
        ),
        (
            &[("en", EN), ("de", &DE.replace("NUMBER($hours)", "\"viele\""))],
            "locales/de.ftl: line 1, due: `$hours` is in the text in `en` and not in `de`",
        ),
        (
            &[("en", EN), ("de", &DE.replace("Stunden", "Stunden ({ $unit })"))],
            "locales/de.ftl: line 1, due: `$unit` is in the text in `de` and not in `en`",
        ),
    ] {
        let said = parse(files).unwrap_err();
        assert!(said.starts_with(why), "{said}");
    }
    let both = "[messages.due]\nen = { subject = \"A\", body = \"B\" }\n";
    let said = Manifest::parse(&format!("{HEAD}{both}[locales]\nen = \"\"")).unwrap_err();
    assert!(said.to_string().contains("texts are here or in `locales`, not in both"), "{said}");
}

/// One build is enough to read of all that is to be mended, in the order of the files and their lines.
#[test]
fn all_that_is_wrong_is_said_at_once() {
    let en =
        "b =\n    .subject = B\n    .body = { NUMMER($a) }\na =\n    .subject = A\n    .body = A\n";
    let pl = "b =\n    .subject = B\n    .body = { NUMBER($a) ->\n       *[many] B\n    }\n\
              only =\n    .subject = C\n    .body = C\na =\n    .subject = { $a\n    .body = A\n";
    let locales = [("pl", pl), ("en", en)].map(|(tag, text)| (tag.to_owned(), text.into()));
    let locales = toml::Table::from_iter(locales);
    let table = toml::Table::from_iter([("locales".to_owned(), toml::Value::Table(locales))]);
    let refused = Manifest::parse(&format!("{HEAD}{table}")).unwrap_err();
    let said: Vec<_> = refused.all().collect();
    let expected = [
        "locales/en.ftl: line 3, b.body: there is no function `NUMMER`",
        "locales/pl.ftl: line 3, b.body: the variants of a number end with `*[other]`",
        "locales/pl.ftl: line 6, only: it has no text in English",
        "locales/pl.ftl: line 9: this is no Fluent: ",
    ];
    assert_eq!(said.len(), expected.len(), "{said:?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(refused.to_string(), said[0], "a server says no more than the first");
}

#[test]
fn nesting_is_bounded_before_anything_reads_it() {
    for open in ["{", "{ NUMBER(", "{ NUMBER($a) ->\n *[other]\n  foo = ", "{\nNUMBER(\n"] {
        let said = parse(&[("en", &format!("t =\n    .subject = {}", open.repeat(1000)))]);
        assert!(said.unwrap_err().contains("a text has more than 100 opening brackets"), "{open}");
    }
    let said = parse(&[("en", &"#".repeat(70_000))]).unwrap_err();
    assert_eq!(said, "locales/en.ftl: line 1: the file exceeds 65536 bytes");
}

#[test]
fn a_filled_text_is_bounded() {
    let text = format!("t =\n    .subject = A\n    .body = {}\n", "{ $a }".repeat(100));
    let manifest = parse(&[("en", &text)]).unwrap();
    let parameters = [("a".to_owned(), "x".repeat(2048))];
    let said = manifest.fill("t", &["en"], &parameters).unwrap_err();
    assert!(said.contains(&RENDERED_BYTES.to_string()), "{said}");
}

#[test]
fn a_reason_is_a_text_by_itself_in_the_readers_language() {
    let (en, de) = (
        "served = Serviced: { NUMBER($hours) } h\n",
        "served = Service: { NUMBER($hours) } Std.\n",
    );
    let silent = "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"\n";
    let table = |files: &[(&str, &str)]| {
        let locales = files.iter().map(|&(tag, text)| (tag.to_owned(), text.into())).collect();
        toml::Table::from_iter([("locales".to_owned(), toml::Value::Table(locales))])
    };
    // Who gives reasons need not send messages.
    let manifest =
        Manifest::parse(&format!("{silent}{}", table(&[("en", en), ("de", de)]))).unwrap();
    let hours = [("hours".to_owned(), "1200".to_owned())];
    assert_eq!(manifest.reason("served", &["de-AT"], &hours).unwrap(), "Service: 1\u{a0}200 Std.");
    assert_eq!(manifest.reason("served", &["tr"], &hours).unwrap(), "Serviced: 1,200 h");
    let said = manifest.reason("served", &["de"], &[]).unwrap_err();
    assert!(said.contains("hours"), "{said}");
    assert_eq!(manifest.reason("due", &["de"], &[]).unwrap_err(), "`locales` has no reason `due`");
    assert!(manifest.templates().is_empty());
    assert!(manifest.fill("served", &["de"], &hours).is_err(), "it is no message");

    let long = [("hours".to_owned(), "x".repeat(2049))];
    let text =
        Manifest::parse(&format!("{silent}{}", table(&[("en", "said = { $hours }\n")]))).unwrap();
    let said = text.reason("said", &["en"], &long).unwrap_err();
    assert_eq!(said, "the reason has 2049 bytes; at most 2048 are allowed");
}

#[test]
fn a_reason_is_one_in_every_language() {
    let said = |en: &str, de: &str| parse(&[("en", en), ("de", de)]).unwrap_err();
    let message = "due =\n    .subject = A\n    .body = B\n";
    let wrong = said("due = A\n", message);
    assert!(wrong.ends_with("due: it is a reason, without subject and body, in `en`"), "{wrong}");
    let wrong = said(message, "due = A\n");
    assert!(wrong.ends_with("due: it is a message with subject and body in `en`"), "{wrong}");
    let wrong = said("due = A\n    .subject = B\n", "due = A\n");
    assert!(wrong.contains("or, for the reason of points, nothing after it"), "{wrong}");
    let wrong = said("due = { $a }\n", "due = { $b }\n");
    assert!(wrong.ends_with("due: `$a` is in the text in `en` and not in `de`"), "{wrong}");
}
