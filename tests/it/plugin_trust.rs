//! Who may bring a plugin, and what it may do before somebody has approved that.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{
    Backend, Finished, Perennial, Served, TestApp, TestDb, books, on_both_databases, perennial,
    plugins,
};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use insta::assert_snapshot;
use perennial_core::Code;
use perennial_plugin_host::sign;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;

on_both_databases!(
    nothing_of_a_version_is_used_before_it_is_approved,
    an_id_is_the_publishers_who_was_approved_first,
    what_nobody_signed_is_a_prerelease_of_nobodys_id,
    a_build_that_asks_for_more_waits_and_nobody_stands_still,
    a_folder_gives_no_rights,
    the_demo_approves_what_its_programs_enable_and_nothing_else,
    of_two_publishers_at_once_one_is_the_publisher,
    what_was_approved_cannot_be_taken_back_by_hand,
);

async fn nothing_of_a_version_is_used_before_it_is_approved(backend: Backend) {
    let db = TestDb::create(backend).await;
    let installed = install(&db, &plugins::signed(&[])).succeeds().stdout;
    assert_snapshot!(installed.replace(&name(&plugins::publisher()), "KEY"), @r"
    hostile 1.0.0 is installed, signed by KEY
      it receives the event purchase-recorded
      it gives up to 100 points for one event
      it is asked about every purchase and every cart, and may propose up to 100 points
      it sends messages from its template greeting
      it sets timers
      it sees records of the type toy
      it writes records of the type toy
      it shows data to members and operators
      it waits for approval: `perennial plugin approve hostile 1.0.0` approves it, and makes hostile the publisher's KEY permanently
    ");
    for version in ["", "version = \"1.0.0\"\n"] {
        let refused = apply(&db, version).exits(1).stderr;
        assert!(
            refused.contains("hostile 1.0.0 waits for approval: it receives the event")
                && refused.contains("`perennial plugin approve hostile 1.0.0`")
                && refused.contains("PLUGIN_NOT_APPROVED"),
            "{refused}"
        );
    }
    let list = perennial(&db, &["plugin", "list"]).succeeds().stdout;
    assert_snapshot!(list, @"hostile              1.0.0        no program (waits for approval)");

    let approved = perennial(&db, &["plugin", "approve", "hostile", "1.0.0"]).succeeds().stdout;
    assert!(approved.starts_with("hostile 1.0.0 is approved\n  it receives"), "{approved}");
    assert!(approved.contains("no other key signs it"), "{approved}");
    let again = perennial(&db, &["plugin", "approve", "hostile", "1.0.0"]).succeeds().stdout;
    assert_snapshot!(again, @"hostile 1.0.0 was approved already");
    apply(&db, "").succeeds();

    // The same publisher goes on, unless it asks for more.
    let [version, more] = [("1.0.0", "1.1.0"), ("max = 100", "max = 200")];
    let same = install(&db, &plugins::signed(&[version])).succeeds().stdout;
    assert!(same.contains("it is approved, for it may do nothing more"), "{same}");
    let wider = install(&db, &plugins::signed(&[("1.0.0", "1.2.0"), more])).succeeds().stdout;
    assert!(
        wider.contains("new since 1.1.0: it gives up to 200 points for one event, instead of 100"),
        "{wider}"
    );
    let upgrade = |version: &str| {
        let command = ["plugin", "upgrade", "hostile", "--program", "shop", version];
        perennial(&db, &command[..if version.is_empty() { 5 } else { 6 }])
    };
    let refused = upgrade("1.2.0").exits(1).stdout;
    assert!(refused.contains("[PLUGIN_NOT_APPROVED]"), "{refused}");
    assert_snapshot!(upgrade("").succeeds().stdout, @"shop: hostile 1.0.0 → 1.1.0");

    let show =
        perennial(&db, &["plugin", "show", "hostile", "--program", "shop"]).succeeds().stdout;
    assert!(show.contains("1.2.0 waits for approval"), "{show}");
    assert!(show.contains("new since 1.1.0: it gives up to 200 points"), "{show}");
    let file = component(&db, &plugins::signed(&[("1.0.0", "1.3.0"), more]));
    let check = perennial(&db, &["plugin", "check", &file]).succeeds().stdout;
    assert!(check.contains(", the publisher of hostile\n"), "{check}");
    assert!(check.contains("it gives up to 200 points for one event\n"), "{check}");
    assert!(check.contains("new since 1.1.0: it gives up to 200 points"), "{check}");

    let of_program = ["plugin", "list", "--program", "shop"];
    let listed = perennial(&db, &of_program).succeeds().stdout;
    assert!(listed.contains("also installed: 1.0.0, 1.2.0 (waits for approval)"), "{listed}");
    perennial(&db, &["plugin", "approve", "hostile", "1.2.0"]).succeeds();
    assert_snapshot!(upgrade("").succeeds().stdout, @"shop: hostile 1.1.0 → 1.2.0");
    // What somebody approved once need not be approved anew.
    let again = install(&db, &plugins::signed(&[("1.0.0", "1.3.0"), more])).succeeds().stdout;
    assert!(again.contains("it is approved"), "{again}");

    let app = TestApp::over(db).await;
    let offered = "{ plugins { offeredVersions { version signedBy approval { basis } } } }";
    let offered = app.admin("shop", offered, Value::Null).await;
    let key = name(&plugins::publisher());
    let row = |version: &str, basis: &str| json!({ "version": version, "signedBy": key, "approval": { "basis": basis } });
    assert_eq!(
        offered["plugins"][0]["offeredVersions"],
        json!([
            row("1.0.0", "OPERATOR"),
            row("1.1.0", "NOTHING_WIDER"),
            row("1.2.0", "OPERATOR"),
            row("1.3.0", "NOTHING_WIDER"),
        ])
    );
}

async fn an_id_is_the_publishers_who_was_approved_first(backend: Backend) {
    let app = TestApp::start(backend).await;
    let plugins = app.loyalty.plugins();
    // Nobody takes an id by being first in a folder.
    let mallory = SigningKey::from_bytes(&[66; 32]);
    let by_mallory = |version| sign(&plugins::signed(&[("1.0.0", version)]), &mallory).unwrap();
    assert!(plugins.install(&by_mallory("9.0.0")).await.unwrap().approval.is_none());
    app.offers(&plugins::signed(&[])).await;
    let late = plugins.approve("hostile", "9.0.0").await.unwrap_err();
    assert_eq!(late.code(), Code::PluginPublisherDiffers);

    for foreign in [by_mallory("9.1.0"), by_mallory("1.0.0-dev")] {
        let refused = plugins.install(&foreign).await.unwrap_err();
        assert_eq!(refused.code(), Code::PluginPublisherDiffers);
        for key in [&mallory, &plugins::publisher()] {
            assert!(refused.message().contains(&name(key)), "{refused}");
        }
    }
    for unsigned in ["2.0.0", "2.0.0-dev"] {
        let unsigned = plugins::unsigned(&[("1.0.0", unsigned)]);
        let refused = plugins.install(&unsigned).await.unwrap_err();
        assert_eq!(refused.code(), Code::PluginPublisherDiffers);
        assert!(refused.message().contains("is not signed"), "{refused}");
    }
    // Behind another's signature, or with bytes of another's.
    let mut forged = plugins::signed(&[("1.0.0", "2.0.0")]);
    let end = forged.len();
    forged[end - 1] ^= 1;
    let refused = plugins.install(&forged).await.unwrap_err();
    assert_eq!(refused.code(), Code::ComponentInvalid);
    assert!(refused.message().contains("its signature is not of this file"), "{refused}");
    let file = component(&app.db, &forged);
    let checked = perennial(&app.db, &["plugin", "check", &file]).exits(1).stderr;
    assert!(checked.contains("its signature is not of this file"), "{checked}");
    let file = component(&app.db, &by_mallory("9.1.0"));
    let checked = perennial(&app.db, &["plugin", "check", &file]).succeeds().stdout;
    assert!(checked.contains("it cannot be installed here"), "{checked}");
    let all = plugins.offered().await.unwrap().remove("hostile").unwrap();
    assert_eq!(all.iter().map(|one| one.version.as_str()).collect::<Vec<_>>(), ["1.0.0", "9.0.0"]);
}

async fn what_nobody_signed_is_a_prerelease_of_nobodys_id(backend: Backend) {
    let app = TestApp::start(backend).await;
    let plugins = app.loyalty.plugins();
    let refused = plugins.install(&plugins::unsigned(&[])).await.unwrap_err();
    assert_eq!(refused.code(), Code::PluginNotSigned);
    assert!(
        refused.message().contains("`perennial plugin sign`")
            && refused.message().contains("such as 1.0.0-dev"),
        "{refused}"
    );
    let dev = [("1.0.0", "1.0.0-dev")];
    assert!(plugins.install(&plugins::unsigned(&dev)).await.unwrap().approval.is_none());
    plugins.approve("hostile", "1.0.0-dev").await.unwrap();
    // The next build of it goes on; another version is another.
    let next = [dev[0], ("Does whatever", "Still does whatever")];
    let next = plugins.install(&plugins::unsigned(&next)).await.unwrap();
    assert!(next.is_new && next.approval.is_some());
    let other = plugins.install(&plugins::unsigned(&[("1.0.0", "1.1.0-dev")])).await.unwrap();
    assert!(other.approval.is_none());
    // What is signed for the first time takes the id by somebody's word, however little it asks for.
    let signed = plugins.install(&plugins::signed(&[])).await.unwrap();
    assert!(signed.approval.is_none() && signed.asked.new.is_empty());
    let approved = plugins.approve("hostile", "1.0.0").await.unwrap();
    assert_eq!(approved.bound_to, Some(name(&plugins::publisher())));
    let late = plugins.approve("hostile", "1.1.0-dev").await.unwrap_err();
    assert_eq!(late.code(), Code::PluginPublisherDiffers);
    let next = plugins.install(&plugins::unsigned(&[("1.0.0", "1.2.0-dev")])).await.unwrap_err();
    assert_eq!(next.code(), Code::PluginPublisherDiffers);
}

async fn a_build_that_asks_for_more_waits_and_nobody_stands_still(backend: Backend) {
    let db = TestDb::create(backend).await;
    let dev = ("1.0.0", "1.1.0-dev");
    install(&db, &plugins::unsigned(&[dev])).succeeds();
    perennial(&db, &["plugin", "approve", "hostile", "1.1.0-dev"]).succeeds();
    apply(&db, "version = \"1.1.0-dev\"\n").succeeds();
    let wider = plugins::unsigned(&[dev, ("messages = true", "messages = true\ncontacts = true")]);
    let waits = install(&db, &wider).succeeds().stdout;
    assert!(waits.contains("new since") || waits.contains("it waits for approval"), "{waits}");
    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    hostile              1.1.0-dev    no program (waits for approval)
    hostile              1.1.0-dev    shop (replaced since)
    ");
    // The file names the version, and the program goes on with the build that it runs.
    apply(&db, "version = \"1.1.0-dev\"\nother = 1\n").succeeds();
    let file = component(&db, &wider);
    let both = ["plugin", "install", "--approve", "--upgrade", &file];
    let both = perennial(&db, &both).succeeds().stdout;
    assert!(both.contains("hostile 1.1.0-dev is approved"), "{both}");
    assert!(both.contains("shop: hostile 1.1.0-dev → 1.1.0-dev"), "{both}");
}

async fn a_folder_gives_no_rights(backend: Backend) {
    let db = TestDb::create(backend).await;
    install(&db, &plugins::signed(&[])).succeeds();
    perennial(&db, &["plugin", "approve", "hostile", "1.0.0"]).succeeds();
    let folder = db.folder.path().join("dropped");
    std::fs::create_dir(&folder).unwrap();
    let mallory = SigningKey::from_bytes(&[66; 32]);
    for (file, wasm) in [
        ("taken-over", sign(&plugins::signed(&[("1.0.0", "9.0.0")]), &mallory).unwrap()),
        ("wider", plugins::signed(&[("1.0.0", "1.1.0"), ("max = 100", "max = 101")])),
        ("new", plugins::hostile("new")),
        ("unsigned", plugins::unsigned(&[("id = \"hostile\"", "id = \"unsigned\"")])),
    ] {
        std::fs::write(folder.join(format!("{file}.wasm")), wasm).unwrap();
    }
    let log = db.folder.path().join("log");
    let mut command = Perennial::command(&db);
    command.arg("serve").env("PERENNIAL_LISTEN", "127.0.0.1:0").env("PERENNIAL_PLUGINS", &folder);
    command.stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    drop(Served::of(&mut command).come_up());
    let log = std::fs::read_to_string(log).unwrap();
    for said in ["PUBLISHER", "not signed", "perennial plugin approve hostile 1.1.0"] {
        assert!(log.to_lowercase().contains(&said.to_lowercase()), "{said}: {log}");
    }
    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    hostile              1.0.0        no program
    hostile              1.1.0        no program (waits for approval)
    new                  1.0.0        no program (waits for approval)
    ");
    apply(&db, "").succeeds();
    let runs: Vec<Value> = perennial(&db, &["plugin", "list", "--json"]).json();
    assert_eq!(runs[0]["programs"][0]["program"], "shop", "what is approved");
}

async fn the_demo_approves_what_its_programs_enable_and_nothing_else(backend: Backend) {
    let db = TestDb::empty(backend).await;
    let examples = db.folder.path().join("examples");
    let data = "data/cdnow/CDNOW_sample.txt";
    for file in [
        "programs/demo.toml",
        "programs/machinery.toml",
        "data/service-centers.csv",
        "data/machinery.json",
        "data/cdnow/mapping.toml",
        data,
    ] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file);
        std::fs::create_dir_all(examples.join(file).parent().unwrap()).unwrap();
        std::fs::copy(source, examples.join(file)).unwrap();
    }
    let purchases = std::fs::read_to_string(examples.join(data)).unwrap();
    let purchases: Vec<_> = purchases.lines().take(30).collect();
    std::fs::write(examples.join(data), purchases.join("\n") + "\n").unwrap();
    let folder = db.folder.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let other = plugins::unsigned(&[("1.0.0", "1.0.0-dev")]);
    for (name, wasm) in [
        ("consumer-goods", plugins::bundled("consumer-goods")),
        ("machinery", plugins::bundled("machinery")),
        ("other", &other),
    ] {
        std::fs::write(folder.join(format!("{name}.wasm")), wasm).unwrap();
    }
    for _ in 0..2 {
        let mut demo = Perennial::command(&db);
        demo.arg("demo").arg("--examples").arg(&examples).env("PERENNIAL_PLUGINS", &folder);
        let done = demo.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    assert_snapshot!(perennial(&db, &["plugin", "list"]).succeeds().stdout, @r"
    consumer-goods       0.1.0-dev    demo
    hostile              1.0.0-dev    no program (waits for approval)
    machinery            0.1.0-dev    machinery
    ");
}

async fn of_two_publishers_at_once_one_is_the_publisher(backend: Backend) {
    let app = TestApp::start(backend).await;
    let beside = TestApp::beside(&app).await;
    for round in 0..8 {
        let id = format!("hostile-{round}");
        let with = |version| {
            [
                ("id = \"hostile\"".to_owned(), format!("id = \"{id}\"")),
                ("1.0.0".to_owned(), version),
            ]
        };
        for (version, key) in [("1.0.0", 1), ("2.0.0", 2)] {
            let changes = with(version.to_owned());
            let changes: Vec<_> = changes.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            let key = SigningKey::from_bytes(&[key; 32]);
            let wasm = sign(&plugins::unsigned(&changes), &key).unwrap();
            app.loyalty.plugins().install(&wasm).await.unwrap();
        }
        let (one, other) = tokio::join!(
            app.loyalty.plugins().approve(&id, "1.0.0"),
            beside.loyalty.plugins().approve(&id, "2.0.0"),
        );
        let refused = match (&one, &other) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            both => panic!("{both:?}"),
        };
        assert_eq!(refused.code(), Code::PluginPublisherDiffers);
        let offered = app.loyalty.plugins().offered().await.unwrap().remove(&id).unwrap();
        assert_eq!(offered.iter().filter(|one| one.approval.is_some()).count(), 1);
    }
}

async fn what_was_approved_cannot_be_taken_back_by_hand(backend: Backend) {
    let app = TestApp::start(backend).await;
    app.offers(&plugins::signed(&[])).await;
    let app = app.with_program(&sandbox_shop()).await;
    for sql in [
        "UPDATE plugin_publishers SET public_key = 'mine'",
        "DELETE FROM plugin_publishers",
        "UPDATE plugin_approvals SET basis = 'OPERATOR'",
        "DELETE FROM plugin_approvals",
    ] {
        let refused = books::execute(&app, sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}

#[test]
fn a_publisher_makes_a_key_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let db = TestDb::at(format!("sqlite:{}", path("none.db")));
    let (key, other, file) = (path("key.pem"), path("other.pem"), path("hostile.wasm"));
    let public = perennial(&db, &["plugin", "key", &key]).succeeds().stdout;
    let again = perennial(&db, &["plugin", "key", &key]).exits(1).stderr;
    assert!(again.contains("a key is never overwritten"), "{again}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::write(&file, plugins::unsigned(&[])).unwrap();
    let signed = perennial(&db, &["plugin", "sign", &file, "--key", &key]).succeeds().stdout;
    assert_eq!(signed, format!("hostile 1.0.0 is signed by {public}"));
    // A publisher has no database.
    let check = perennial(&db, &["plugin", "check", &file]).succeeds();
    assert!(check.stdout.contains(&format!("signed by {public}")), "{}", check.stdout);
    assert!(check.stdout.contains("it gives up to 100 points"), "{}", check.stdout);
    assert_eq!(check.stderr, "");
    let other_public = perennial(&db, &["plugin", "key", &other]).succeeds().stdout;
    assert_ne!(public, other_public);
    let replaced = perennial(&db, &["plugin", "sign", &file, "--key", &other, "--json"]);
    assert_eq!(replaced.json::<Value>()["signedBy"], other_public.trim());

    let before = std::fs::read(&file).unwrap();
    let nothing = path("nothing.wasm");
    std::fs::write(&nothing, "no plugin").unwrap();
    let refused = perennial(&db, &["plugin", "sign", &nothing, "--key", &key]).exits(1).stderr;
    assert!(refused.contains("cannot sign") && refused.contains("WebAssembly"), "{refused}");
    assert_eq!(std::fs::read(&nothing).unwrap(), b"no plugin");
    let no_key = perennial(&db, &["plugin", "sign", &file, "--key", &file]).exits(1).stderr;
    assert!(no_key.contains("cannot read the publisher's key"), "{no_key}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left over");
}

/// By which a publisher is known.
fn name(key: &SigningKey) -> String {
    BASE64URL_NOPAD.encode(key.verifying_key().as_bytes())
}

fn component(db: &TestDb, wasm: &[u8]) -> String {
    let path = db.folder.path().join("hostile.wasm");
    std::fs::write(&path, wasm).unwrap();
    path.to_str().unwrap().to_owned()
}

fn install(db: &TestDb, wasm: &[u8]) -> Finished {
    perennial(db, &["plugin", "install", &component(db, wasm)])
}

/// Applies the shop with the hostile plugin behaving itself.
fn apply(db: &TestDb, config: &str) -> Finished {
    let path = db.folder.path().join("program.toml");
    std::fs::write(&path, format!("{SHOP}[plugins.hostile]\nmode = \"behave\"\n{config}")).unwrap();
    perennial(db, &["program", "apply", path.to_str().unwrap()])
}
