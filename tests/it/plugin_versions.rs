//! Which version of a plugin a program runs, and who changes that.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{
    Backend, Finished, Perennial, Served, TestApp, TestDb, on_both_databases, perennial, plugins,
};
use data_encoding::BASE64URL_NOPAD;
use insta::assert_snapshot;
use perennial_core::db::Database;
use perennial_core::{Actor, worker};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::path::Path;

on_both_databases!(
    a_start_offers_versions_and_moves_no_program,
    programs_are_moved_and_one_misfit_keeps_no_other_from_it,
    an_upgrade_goes_up_and_a_rollback_down,
    a_program_file_goes_up_and_down_only_where_somebody_says_so,
    a_program_file_may_name_the_version,
    a_version_is_immutable_unless_it_is_a_prerelease,
    the_api_moves_its_own_program_and_what_stood_still_is_tried_again,
    what_every_program_ran_before_versions_were_pinned_it_runs_after,
);

async fn a_start_offers_versions_and_moves_no_program(backend: Backend) {
    let db = TestDb::create(backend).await;
    install(&db, "1.1.0", None).succeeds();
    apply(&db, &shop("old", "")).succeeds();

    let folder = db.folder.path().join("offered");
    std::fs::create_dir(&folder).unwrap();
    for version in ["1.0.0", "1.2.0", "1.10.0", "2.0.0-dev"] {
        let wasm = plugins::hostile_version(version, None);
        std::fs::write(folder.join(format!("{version}.wasm")), wasm).unwrap();
    }
    std::fs::write(folder.join("broken.wasm"), "no component").unwrap();
    let mut command = Perennial::command(&db);
    command.arg("serve").env("PERENNIAL_LISTEN", "127.0.0.1:0").env("PERENNIAL_PLUGINS", &folder);
    drop(Served::of(&mut command).come_up());
    // What lies in a folder may do no more than what somebody approved.
    apply(&db, &shop("new", "")).succeeds();

    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    hostile              1.0.0        no program
    hostile              1.1.0        old
    hostile              1.2.0        no program
    hostile              1.10.0       new
    hostile              2.0.0-dev    no program
    ");
}

async fn programs_are_moved_and_one_misfit_keeps_no_other_from_it(backend: Backend) {
    let db = TestDb::create(backend).await;
    install(&db, "1.0.0", None).succeeds();
    for (program, config) in [("a", "depth = 1"), ("b", ""), ("c", "depth = 2")] {
        apply(&db, &shop(program, config)).succeeds();
    }
    let installed = install(&db, "2.0.0", Some("depth")).succeeds().stdout;
    assert_snapshot!(installed.replace(&key(), "KEY"), @r"
    hostile 2.0.0 is installed, signed by KEY; it is approved, for it may do nothing more than what is approved, such as 1.0.0
      a runs 1.0.0: `perennial plugin upgrade hostile 2.0.0 --program a` moves it
      b runs 1.0.0: `perennial plugin upgrade hostile 2.0.0 --program b` moves it
      c runs 1.0.0: `perennial plugin upgrade hostile 2.0.0 --program c` moves it
    ");
    let moved = perennial(&db, &["plugin", "upgrade", "hostile", "--all"]).exits(1);
    assert_snapshot!(moved.stdout, @r#"
    a: hostile 1.0.0 → 2.0.0
    b: not moved: plugins.hostile: "depth" is a required property; where one configuration cannot fit both versions, write the new one and `version = "2.0.0"` into the program file together, and apply it [CONFIG_INVALID]
    c: hostile 1.0.0 → 2.0.0
    "#);
    let back = ["plugin", "rollback", "hostile", "--program", "c", "--json"];
    let back: Value = perennial(&db, &back).json();
    assert_eq!(back, json!([{ "program": "c", "from": "2.0.0", "to": "1.0.0", "changed": true }]));
    assert_eq!(runs(&db), [("a", "2.0.0"), ("b", "1.0.0"), ("c", "1.0.0")].map(owned));

    let unknown = ["plugin", "upgrade", "hostile", "3.0.0", "--program", "a"];
    let unknown = perennial(&db, &unknown).exits(1);
    assert_snapshot!(unknown.stdout, @r"
    a: not moved: version: hostile 3.0.0 is not installed; installed are 1.0.0, 2.0.0 [PLUGIN_NOT_FOUND]
      Install the plugin and enable it in the program file.
    ");
    assert_eq!(perennial(&db, &["plugin", "upgrade", "hostile", "1.0.0"]).code, Some(2));
}

async fn an_upgrade_goes_up_and_a_rollback_down(backend: Backend) {
    let db = TestDb::create(backend).await;
    for version in ["1.0.0", "1.1.0", "2.0.0"] {
        install(&db, version, None).succeeds();
    }
    apply(&db, &shop("live", "version = \"1.1.0\"")).succeeds();
    apply(&db, &shop("live", "")).succeeds();
    let trial = sandbox_shop() + "[plugins.hostile]\nmode = \"behave\"\nversion = \"1.0.0\"\n";
    apply(&db, &trial).succeeds();
    apply(&db, &trial.replace("version = \"1.0.0\"\n", "")).succeeds();

    let trial = ["plugin", "upgrade", "hostile", "--sandboxes"];
    assert_snapshot!(perennial(&db, &trial).succeeds().stdout, @"sandbox: hostile 1.0.0 → 2.0.0");
    assert_snapshot!(perennial(&db, &trial).succeeds().stdout, @"sandbox: hostile 2.0.0 already");
    let down = perennial(&db, &["plugin", "upgrade", "hostile", "1.0.0", "--all"]).exits(1);
    assert_snapshot!(down.stdout, @r"
    live: not moved: version: the program runs 1.1.0, and 1.0.0 is older: `perennial plugin rollback hostile --program live --to 1.0.0`, or `rollbackPlugin`, goes down [INVALID_INPUT]
    sandbox: not moved: version: the program runs 2.0.0, and 1.0.0 is older: `perennial plugin rollback hostile --program sandbox --to 1.0.0`, or `rollbackPlugin`, goes down [INVALID_INPUT]
    ");

    let back = |program: &str, to: &[&str]| {
        let command = ["plugin", "rollback", "hostile", "--program", program];
        perennial(&db, &[&command, to].concat())
    };
    assert_snapshot!(back("sandbox", &["--to", "2.0.0"]).exits(1).stdout, @r"
    sandbox: not moved: version: the program runs 2.0.0, and 2.0.0 is not older: a rollback only goes down, an upgrade goes up [INVALID_INPUT]
    ");
    assert_snapshot!(back("sandbox", &[]).succeeds().stdout, @"sandbox: hostile 2.0.0 → 1.0.0");
    assert_snapshot!(back("sandbox", &[]).exits(1).stdout, @r"
    sandbox: not moved: version: the program runs 1.0.0, and it is not known what it came from: name the version to go back to [INVALID_INPUT]
    ");
    assert_snapshot!(back("live", &["--to", "1.0.0"]).succeeds().stdout, @"live: hostile 1.1.0 → 1.0.0");
}

async fn a_program_file_goes_up_and_down_only_where_somebody_says_so(backend: Backend) {
    let db = TestDb::create(backend).await;
    for (version, key) in [("1.0.0", None), ("2.0.0", Some("depth"))] {
        install(&db, version, key).succeeds();
    }
    let new = shop("shop", "version = \"2.0.0\"\ndepth = 1");
    let old = shop("shop", "version = \"1.0.0\"");
    apply(&db, &new).succeeds();
    let refused = apply(&db, &old).exits(1).stderr;
    assert!(
        refused.contains("plugins.hostile.version: the program ran 2.0.0 of the plugin")
            && refused.contains("perennial plugin rollback hostile --program shop --to 1.0.0"),
        "{refused}"
    );
    assert_eq!(runs(&db), [("shop", "2.0.0")].map(owned));

    // Against what the file names, and then the file says the same.
    let back = ["plugin", "rollback", "hostile", "--program", "shop", "--to", "1.0.0"];
    assert_snapshot!(perennial(&db, &back).succeeds().stdout, @r"
    shop: hostile 2.0.0 → 1.0.0
      the program file names 2.0.0: name 1.0.0 there, or the next revision of it moves it again
    ");
    apply(&db, &old).succeeds();
    assert_eq!(runs(&db), [("shop", "1.0.0")].map(owned));

    // A version and the configuration that it needs go down in one revision as well.
    apply(&db, &new).succeeds();
    let program = file(&db, &old);
    let other = ["program", "apply", &program, "--rollback", "other"];
    let other = perennial(&db, &other).exits(1).stderr;
    assert!(other.contains("the file names no plugin `other`"), "{other}");
    perennial(&db, &["program", "apply", &program, "--rollback", "hostile"]).succeeds();
    assert_eq!(runs(&db), [("shop", "1.0.0")].map(owned));
}

async fn a_program_file_may_name_the_version(backend: Backend) {
    let db = TestDb::create(backend).await;
    for version in ["1.0.0", "1.1.0"] {
        install(&db, version, None).succeeds();
    }
    install(&db, "2.0.0", Some("depth")).succeeds();
    apply(&db, &shop("shop", "version = \"1.0.0\"")).succeeds();
    assert_eq!(runs(&db), [("shop", "1.0.0")].map(owned));
    let elsewhere = ["plugin", "upgrade", "hostile", "1.1.0", "--program", "shop"];
    let refused = perennial(&db, &elsewhere).exits(1).stdout;
    assert!(refused.contains("the program file names version 1.0.0"), "{refused}");
    // A new version and the configuration that it needs, in one revision.
    apply(&db, &shop("shop", "version = \"2.0.0\"\ndepth = 1")).succeeds();
    assert_eq!(runs(&db), [("shop", "2.0.0")].map(owned));
    // A file that no longer names it stays there.
    apply(&db, &shop("shop", "depth = 2")).succeeds();
    assert_eq!(runs(&db), [("shop", "2.0.0")].map(owned));
    let refused = apply(&db, &shop("shop", "version = \"9.9.9\"")).exits(1).stderr;
    assert!(refused.contains("plugins.hostile.version"), "{refused}");
    let refused = apply(&db, &shop("shop", "version = 1")).exits(1).stderr;
    assert!(refused.contains("use a text such as \"1.2.0\""), "{refused}");
}

async fn a_version_is_immutable_unless_it_is_a_prerelease(backend: Backend) {
    let db = TestDb::create(backend).await;
    install(&db, "1.0.0", None).succeeds();
    let refused = install(&db, "1.0.0", Some("depth")).exits(1).stderr;
    assert!(refused.contains("PLUGIN_VERSION_TAKEN"), "{refused}");
    let same = install(&db, "1.0.0", None).succeeds().stdout;
    let same = same.replace(&key(), "KEY");
    assert_snapshot!(same.trim(), @"hostile 1.0.0 was already installed, signed by KEY");

    install(&db, "1.1.0-dev", None).succeeds();
    apply(&db, &shop("shop", "version = \"1.1.0-dev\"\ndepth = 1")).succeeds();
    install(&db, "1.1.0-dev", Some("depth")).succeeds();
    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    hostile              1.0.0        no program
    hostile              1.1.0-dev    no program
    hostile              1.1.0-dev    shop (replaced since)
    ");
    let file = component(&db, "1.1.0-dev", Some("depth"));
    let upgraded = perennial(&db, &["plugin", "install", &file, "--upgrade"]).succeeds().stdout;
    assert_snapshot!(upgraded.replace(&key(), "KEY"), @r"
    hostile 1.1.0-dev was already installed, signed by KEY
    shop: hostile 1.1.0-dev → 1.1.0-dev
    ");
}

async fn the_api_moves_its_own_program_and_what_stood_still_is_tried_again(backend: Backend) {
    const UPGRADE: &str = "mutation($input: UpgradePluginInput!) { upgradePlugin(input: $input) { \
         plugin { version status waiting offeredVersions { version isCurrent } } \
         userErrors { code message field } } }";
    let app = TestApp::idle(backend).await;
    for version in ["1.0.0", "1.0.1"] {
        app.offers(&plugins::hostile_version(version, None)).await;
    }
    let source = shop("shop", "version = \"1.0.0\"").replace("behave", "trap");
    let app = app.with_program(&source).await.with_program(&sandbox_shop()).await;
    let app = app.with_program(&source.replace("version = \"1.0.0\"", "")).await;
    app.joins("shop", "ada").await.buys("order", "5.00").await.done();
    worker::round(&app.loyalty).await.unwrap();
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let list = app.loyalty.plugins().list(&Actor::system(program)).await.unwrap();
    assert_eq!((list[0].parked, list[0].missed), (1, 1), "it fails over its one member");

    let input = json!({ "pluginKey": "hostile", "version": "1.0.1" });
    let refused = app.does::<Value>("sandbox", UPGRADE, input.clone()).await.refused();
    assert_snapshot!(refused, @"PLUGIN_NOT_FOUND pluginKey: the program enables no plugin `hostile`");
    let moved = app.does::<Value>("shop", UPGRADE, input.clone()).await.done();
    assert_eq!(
        moved,
        json!({ "version": "1.0.1", "status": "ACTIVE", "waiting": 1, "offeredVersions": [
            { "version": "1.0.0", "isCurrent": false }, { "version": "1.0.1", "isCurrent": true },
        ]})
    );

    const ROLLBACK: &str = "mutation($input: RollbackPluginInput!) { rollbackPlugin(input: $input) { \
         plugin { version } userErrors { code message field } } }";
    let refused = app.does::<Value>("shop", ROLLBACK, input).await.refused();
    assert_snapshot!(refused, @"INVALID_INPUT version: the program runs 1.0.1, and 1.0.1 is not older: a rollback only goes down, an upgrade goes up");
    let back = app.does::<Value>("shop", ROLLBACK, json!({ "pluginKey": "hostile" })).await.done();
    assert_eq!(back, json!({ "version": "1.0.0" }));
    let newest = app.does::<Value>("shop", UPGRADE, json!({ "pluginKey": "hostile" })).await.done();
    assert_eq!(newest["version"], "1.0.1");
}

async fn what_every_program_ran_before_versions_were_pinned_it_runs_after(backend: Backend) {
    let db = TestDb::create(backend).await;
    for version in ["1.0.0", "1.1.0"] {
        install(&db, version, None).succeeds();
    }
    apply(&db, &shop("shop", "")).succeeds();
    // As the twelfth migration left it, with an older build of 1.0.0.
    let connected = Database::connect(&db.url).await.unwrap();
    for statement in [
        "CREATE TABLE plugins (id TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL)",
        "INSERT INTO plugins (id, digest) SELECT plugin_id, digest FROM plugin_versions \
         WHERE version = '1.0.0'",
        "DROP TABLE plugin_versions",
        "DROP TABLE plugin_approvals",
        "DROP TABLE plugin_publishers",
        "ALTER TABLE program_plugins DROP COLUMN digest",
        "INSERT INTO plugin_components (digest, plugin_id, version, manifest, wasm, installed_at) \
         SELECT 'older', plugin_id, version, manifest, wasm, 0 FROM plugin_components \
         WHERE version = '1.0.0'",
        "DELETE FROM seaql_migrations \
         WHERE version LIKE '%plugin_versions' OR version LIKE '%plugin_trust'",
    ] {
        let done = connected.write().execute_unprepared(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    connected.close().await.unwrap();
    perennial(&db, &["migrate"]).succeeds();
    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    hostile              1.0.0        shop
    hostile              1.1.0        no program
    ");
    let rows: Vec<Value> = perennial(&db, &["plugin", "list", "--json"]).json();
    for row in rows {
        assert_eq!(row["approval"]["basis"], "INSTALLED_BEFORE", "what could be used still can");
        assert_eq!(row["signedBy"], Value::Null);
    }
}

/// The shop under another name, with the hostile plugin behaving itself.
fn shop(name: &str, config: &str) -> String {
    let shop = SHOP.replace("program = \"shop\"", &format!("program = \"{name}\""));
    format!("{shop}[plugins.hostile]\nmode = \"behave\"\n{config}\n")
}

fn apply(db: &TestDb, source: &str) -> Finished {
    perennial(db, &["program", "apply", &file(db, source)])
}

/// The path of a program file.
fn file(db: &TestDb, source: &str) -> String {
    let path = db.folder.path().join("program.toml");
    std::fs::write(&path, source).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Installs a version and approves it.
fn install(db: &TestDb, version: &str, key: Option<&str>) -> Finished {
    perennial(db, &["plugin", "install", "--approve", &component(db, version, key)])
}

/// By which the hostile plugin's publisher is known.
fn key() -> String {
    BASE64URL_NOPAD.encode(plugins::publisher().verifying_key().as_bytes())
}

/// The path of a version of the hostile plugin.
fn component(db: &TestDb, version: &str, key: Option<&str>) -> String {
    let path: &Path = &db.folder.path().join("hostile.wasm");
    std::fs::write(path, plugins::hostile_version(version, key)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Each program and the version of its plugin.
fn runs(db: &TestDb) -> Vec<(String, String)> {
    let versions: Vec<Value> = perennial(db, &["plugin", "list", "--json"]).json();
    let mut runs = Vec::new();
    for version in versions {
        for program in version["programs"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            runs.push((text(&program["program"]), text(&version["version"])));
        }
    }
    runs.sort();
    runs
}

fn owned((program, version): (&str, &str)) -> (String, String) {
    (program.to_owned(), version.to_owned())
}
