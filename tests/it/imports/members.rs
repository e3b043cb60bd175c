//! People, organizations and their contacts.

use super::{errors, file, import, member};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;
use serde_json::json;

on_both_databases!(
    members_are_created_as_the_api_creates_them,
    members_who_are_refused_are_corrected_and_imported,
);

async fn members_are_created_as_the_api_creates_them(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let friend = app.joins("shop", "friend").await;
    let code = friend.member.referral_code.clone();
    let rows = format!(
        "external_id,name,kind,email,locale,country,referral_code,contact_name,contact_role,contact_locale\n\
         ada,Ada,,ada@example.com,pt-BR,BR,{code},,,\n\
         acme,Acme,organization,,de,DE,,Bo,buyer,\n\
         bob,Bob,person,,,,,,,\n\
         acme,,,,,,,Cy,engineer,fr\n"
    );
    let path = file(&app, "members.csv", rows);
    let done = import(&app, "members", &path, None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((4, 0, 0), (3, 0, 0)));
    assert!(done.purchases.is_none(), "{done:#?}");
    let ada = member(&app, "ada").await;
    assert_eq!(
        [&ada["name"], &ada["kind"], &ada["email"], &ada["locale"], &ada["country"]],
        ["Ada", "PERSON", "ada@example.com", "pt-BR", "BR"]
    );
    let acme = member(&app, "acme").await;
    assert_eq!([&acme["kind"], &acme["locale"]], ["ORGANIZATION", "de"]);
    assert_eq!(
        acme["contacts"],
        json!([
            { "name": "Bo", "email": null, "role": "buyer", "locale": "de" },
            { "name": "Cy", "email": null, "role": "engineer", "locale": "fr" },
        ])
    );
    assert_eq!(member(&app, "bob").await["locale"], json!("en"), "the program's");
    // A referral is completed by the first purchase.
    let purchase = file(&app, "a.csv", "member,reference,date,amount\nada,o-1,2026-01-01,1\n");
    import(&app, "purchases", &purchase, None, 0);
    assert_eq!(friend.points().await, 50);

    let again = import(&app, "members", &path, None, 0);
    assert_eq!((again.of_rows(), again.of_wholes()), ((0, 4, 0), (0, 3, 0)));
    assert_eq!(member(&app, "acme").await, acme);
}

async fn members_who_are_refused_are_corrected_and_imported(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "taken").await;
    let rows = "external_id,name,kind,email,contact_name,contact_role\n\
        ada,Ada,,no address,,\n\
        taken,Somebody,,,,\n\
        acme,Acme,organization,,Bo,buyer\n\
        acme,,,,Cy,\n\
        bob,Bob,person,,Di,friend\n\
        eve,,,,,\n\
        zoe,Zoe,,,,\n";
    let path = file(&app, "members.csv", rows);
    let done = import(&app, "members", &path, None, 3);
    assert_eq!((done.of_rows(), done.of_wholes()), ((1, 0, 6), (1, 0, 5)));
    assert_snapshot!(errors(&done), @r#"
    acme,,,,Cy,,5,contact_role,INVALID_INPUT,"use 1 to 200 printable characters, without space around them"
    acme,Acme,organization,,Bo,buyer,4,,INVALID_INPUT,"a member is imported whole, and its row in line 5 was refused"
    ada,Ada,,no address,,,2,email,INVALID_INPUT,this cannot be an e-mail address
    bob,Bob,person,,Di,friend,6,,INVALID_INPUT,only an organization has contacts
    eve,,,,,,7,name,INVALID_INPUT,"use 1 to 200 printable characters, without space around them"
    taken,Somebody,,,,,3,external_id,EXTERNAL_ID_TAKEN,`taken` is the external id of a member with other data
    "#);
    let path = done.error_file.unwrap();
    let mut corrected = std::fs::read_to_string(&path).unwrap();
    for (wrong, right) in [
        ("no address", "ada@example.com"),
        ("taken,Somebody", "other,Somebody"),
        (",,,,Cy,,", ",,,,Cy,engineer,"),
        ("person,,Di,friend", "person,,,"),
        ("eve,,", "eve,Eve,"),
    ] {
        assert!(corrected.contains(wrong), "{wrong} in {corrected}");
        corrected = corrected.replace(wrong, right);
    }
    std::fs::write(&path, corrected).unwrap();
    let done = import(&app, "members", &path, None, 0);
    assert_eq!((done.of_rows(), done.of_wholes()), ((6, 0, 0), (5, 0, 0)));
    assert_eq!(member(&app, "acme").await["contacts"][1]["role"], json!("engineer"));
    assert_eq!(
        app.external_ids("shop").await,
        ["eve", "bob", "acme", "other", "ada", "zoe", "taken"]
    );
}
