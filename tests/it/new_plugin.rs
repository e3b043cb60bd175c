//! From nothing to a plugin that others use, as its guide says: outside of the repository, with the
//! SDK that the binary brings.

use crate::support::{Backend, Perennial, TestApp, perennial};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[tokio::test]
async fn a_new_plugin_is_tested_built_published_and_welcomes_a_member() {
    let app = TestApp::start(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("coffee-club");
    let path = plugin.to_str().unwrap();
    let said =
        perennial(&app.db, &["plugin", "new", "coffee-club", "--path", path]).succeeds().stdout;
    assert!(said.contains("perennial plugin build"), "{said}");

    let lib = read(&plugin.join("src/lib.rs"));
    let edited = lib.replace("\"Welcome\"", "\"Have a coffee\"");
    assert_ne!(lib, edited, "the guide's first change");
    std::fs::write(plugin.join("src/lib.rs"), edited).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--locked", "--quiet"]).current_dir(&plugin);
    cargo.env("CARGO_TARGET_DIR", target());
    let tested = cargo.output().unwrap();
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));

    let test = || {
        let mut test = Perennial::command(&app.db);
        test.args(["plugin", "test", path]).env("CARGO_TARGET_DIR", target()).output().unwrap()
    };
    let passed = test();
    let said = String::from_utf8_lossy(&passed.stdout);
    assert!(passed.status.success(), "{said}{}", String::from_utf8_lossy(&passed.stderr));
    assert!(
        said.contains("passed scenarios/welcome.toml: A new member is welcomed once"),
        "{said}"
    );
    assert!(said.contains("fuel of the largest call"), "{said}");

    let scenario = plugin.join("scenarios/welcome.toml");
    let sound = read(&scenario);
    std::fs::write(&scenario, sound.replace("expect.points = 50", "expect.points = 51")).unwrap();
    let failed = test();
    let said = String::from_utf8_lossy(&failed.stdout);
    assert_eq!(failed.status.code(), Some(1), "{said}");
    let differs = "scenarios/welcome.toml, step 1 (line 13, event member-joined): points: expected \
                   51, got 50";
    assert!(said.contains("FAILED scenarios/welcome.toml") && said.contains(differs), "{said}");

    std::fs::remove_file(&scenario).unwrap();
    let none = test();
    let said = String::from_utf8_lossy(&none.stderr);
    assert_eq!(none.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no scenario in"), "{said}");
    std::fs::write(&scenario, sound).unwrap();

    let wasm = plugin.join("coffee-club.wasm");
    let wasm = wasm.to_str().unwrap();
    build(&app, path);
    let checked = perennial(&app.db, &["plugin", "check", wasm]).succeeds().stdout;
    assert!(checked.starts_with("coffee-club 1.0.0-dev – Coffee Club\n"), "{checked}");
    for said in ["receives the event member-joined", "gives up to 1000 points for one event"] {
        assert!(checked.contains(said), "{checked}");
    }
    perennial(&app.db, &["plugin", "install", wasm, "--approve", "--upgrade"]).succeeds();

    // What would be wrong in front of a reader is said before.
    let german = plugin.join("locales/de.ftl");
    let sound = read(&german);
    let again = "again =\n    .subject = Noch einmal\n    .body = Kaffee\n";
    let wrong = sound.replace("{ NUMBER($points) }", "{ NUMMER($points) }");
    std::fs::write(&german, format!("{wrong}\n{again}")).unwrap();
    let said = try_build(&app, path);
    assert!(!said.status.success());
    let built = String::from_utf8_lossy(&said.stderr);
    let checked = perennial(&app.db, &["plugin", "check", path]).exits(1).stderr;
    for said in [&*built, &checked] {
        let wrong = "locales/de.ftl: line 3, welcome.body: there is no function `NUMMER`";
        assert!(said.contains(wrong), "{said}");
        assert!(said.contains("again: it has no text in English"), "all of it at once: {said}");
    }
    std::fs::write(&german, sound).unwrap();

    let misspelt = replace_in(&scenario, "expect.points", "expect.pionts");
    let checked = perennial(&app.db, &["plugin", "check", path]).exits(1).stderr;
    assert!(checked.contains("unknown field `pionts`"), "{checked}");
    std::fs::write(&scenario, misspelt).unwrap();
    let checked = perennial(&app.db, &["plugin", "check", path]).succeeds().stdout;
    assert!(
        checked.starts_with("coffee-club 1.0.0-dev – Coffee Club\n  not compiled"),
        "{checked}"
    );
    assert!(checked.contains("receives the event member-joined"), "{checked}");

    // It is ready: a release, which is signed, installed and approved.
    let manifest = read(&plugin.join("plugin.toml"));
    std::fs::write(plugin.join("plugin.toml"), manifest.replace("1.0.0-dev", "1.0.0")).unwrap();
    build(&app, path);
    let unsigned = perennial(&app.db, &["plugin", "install", wasm]).exits(1).stderr;
    assert!(unsigned.contains("PLUGIN_NOT_SIGNED"), "{unsigned}");
    let key = folder.path().join("publisher-key.pem");
    let key = key.to_str().unwrap();
    let public = perennial(&app.db, &["plugin", "key", key]).succeeds().stdout;
    perennial(&app.db, &["plugin", "sign", wasm, "--key", key]).succeeds();
    let installed = perennial(&app.db, &["plugin", "install", wasm]).succeeds().stdout;
    assert!(installed.contains("perennial plugin approve coffee-club 1.0.0"), "{installed}");
    let approved = perennial(&app.db, &["plugin", "approve", "coffee-club", "1.0.0"]).succeeds();
    assert!(approved.stdout.contains(public.trim()), "{}", approved.stdout);

    // What its README has somebody do and look at.
    let readme = read(&plugin.join("README.md"));
    let app = app.with_program(between(&readme, "<<'END'\n", "END\n")).await;
    let asked = readme.lines().filter_map(|line| line.strip_prefix("ask '")?.strip_suffix('\''));
    let asked: Vec<_> = asked.map(|query| query.replace("\\\"", "\"")).collect();
    let [joins, looks] = &asked[..] else { panic!("{asked:?}") };
    let joined = app.admin("shop", joins, Value::Null).await;
    assert_eq!(joined["createMember"]["userErrors"], json!([]));
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
    let seen = app.admin("shop", looks, Value::Null).await;
    assert_eq!(seen["member"]["balance"]["points"], 50);
    assert_eq!(seen["member"]["messages"]["nodes"][0]["subject"], "Willkommen!");
    let why = "{ transactions(first: 1) { nodes { cause { ... on AwardCause { reason } } } } }";
    let shown = app.admin("shop", why, Value::Null).await;
    assert_eq!(shown["transactions"]["nodes"][0]["cause"]["reason"], "Have a coffee");

    let runs = "{ plugins { version offeredVersions { version signedBy isCurrent } } }";
    let runs = app.admin("shop", runs, Value::Null).await;
    assert_eq!(
        runs["plugins"][0],
        json!({ "version": "1.0.0", "offeredVersions": [
            { "version": "1.0.0-dev", "signedBy": null, "isCurrent": false },
            { "version": "1.0.0", "signedBy": public.trim(), "isCurrent": true },
        ]})
    );

    let again = perennial(&app.db, &["plugin", "new", "coffee-club", "--path", path]).exits(1);
    assert!(again.stderr.contains("is not empty"), "{}", again.stderr);
    let wrong = perennial(&app.db, &["plugin", "new", "Coffee"]).exits(1);
    assert!(wrong.stderr.contains("lower-case letters"), "{}", wrong.stderr);
}

/// What a new plugin's author reads first is all of the code, in its order, and nothing else.
#[test]
fn the_readme_explains_every_line_of_a_new_plugin() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/plugin-hello");
    let (readme, code) = (read(&example.join("README.md")), read(&example.join("src/lib.rs")));
    let quoted = readme.split("```rust\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let quoted: String = quoted.map(|(block, _)| block).collect();
    let lines = |text: &str| {
        let filled = text.lines().filter(|line| !line.is_empty());
        filled.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&quoted), lines(&code));
    assert!(code.lines().count() < 60, "a tutorial fits a screen");
    let locales = std::fs::read_dir(example.join("locales")).unwrap();
    assert_eq!(locales.count(), 12, "it speaks the languages of the bundled plugins");
}

/// What stands between two texts.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

/// Writes something else into a file, and returns what was there.
fn replace_in(file: &Path, instead_of: &str, this: &str) -> String {
    let sound = read(file);
    std::fs::write(file, sound.replace(instead_of, this)).unwrap();
    sound
}

/// Makes the component beside the plugin's sources.
fn build(app: &TestApp, path: &str) {
    let built = try_build(app, path);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

fn try_build(app: &TestApp, path: &str) -> Output {
    let mut build = Perennial::command(&app.db);
    build.args(["plugin", "build", path, "--out", path]).env("CARGO_TARGET_DIR", target());
    build.output().unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Kept from run to run, for what the plugin depends on takes a minute to compile.
fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/new-plugin")
}
