//! What the rows of one external id make.

use super::file;
use crate::import::groups::Opened;
use crate::import::members::{Joining, MemberLayout, MemberMapping};
use crate::import::shape::Mapping;
use perennial_core::members::{MemberKind, NewMember};

/// Members, or the errors of their rows.
fn members(text: &str, mapping: &str) -> Vec<Result<NewMember, String>> {
    let mapping = MemberMapping::parse(mapping).unwrap();
    let layout = |shape, header: Option<&[String]>| MemberLayout::new(&mapping, shape, header);
    let mut groups = Opened::open(&file(text), &mapping).unwrap().groups(layout, &|_| ()).unwrap();
    let mut members = Vec::new();
    while let Some(group) = groups.next().unwrap() {
        let joining = Joining::of(group, groups.layout());
        let errors = |errors: Vec<crate::import::RowError>| {
            let errors = errors
                .iter()
                .map(|error| format!("{} {}: {}", error.place.line, error.column, error.reason));
            errors.collect::<Vec<_>>().join("\n")
        };
        members.push(joining.map(|joining| joining.member()).map_err(errors));
    }
    members
}

fn contacts(member: &NewMember) -> Vec<String> {
    let contact = |contact: &perennial_core::members::NewContact| {
        let (email, locale) = (contact.email.as_deref(), contact.locale.as_deref());
        format!("{}/{}/{email:?}/{locale:?}", contact.name, contact.role)
    };
    member.contacts.iter().map(contact).collect()
}

#[test]
fn people_and_organizations_with_a_contact_in_each_row() {
    let text = "external_id,name,kind,email,locale,country,contact_name,contact_role,contact_email\n\
        ada,Ada,,ada@example.com,pt-BR,BR,,,\n\
        acme,Acme,Organization,,de,DE,Bo,buyer,bo@acme.example\n\
        eve,Eve,PERSON,,,,,,\n\
        acme,,,,,,Cy,engineer,\n";
    let members: Vec<_> = members(text, "").into_iter().map(Result::unwrap).collect();
    let [ada, acme, eve] = &members[..] else { panic!("{members:#?}") };
    assert_eq!((ada.name.as_str(), ada.kind), ("Ada", MemberKind::Person));
    assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
    assert_eq!((ada.locale.as_deref(), ada.country.as_deref()), (Some("pt-BR"), Some("BR")));
    assert_eq!((acme.kind, acme.locale.as_deref()), (MemberKind::Organization, Some("de")));
    let expected = ["Bo/buyer/Some(\"bo@acme.example\")/None", "Cy/engineer/None/None"];
    assert_eq!(contacts(acme), expected);
    assert_eq!((eve.kind, &eve.email, eve.contacts.len()), (MemberKind::Person, &None, 0));
}

#[test]
fn an_object_may_carry_contacts() {
    let mapping = "format = \"ndjson\"\n[columns]\nexternal_id = \"no\"\n\
        kind = { value = \"organization\" }\n[contacts]\nkey = \"people\"\nrole = \"job\"";
    let text = "{\"no\":7,\"name\":\"Acme\",\"people\":[{\"name\":\"Bo\",\"job\":\"buyer\"}]}\n\
        {\"no\":8,\"name\":\"Bolt\",\"people\":\"Bo\"}\n";
    let members = members(text, mapping);
    let acme = members[0].as_ref().unwrap();
    assert_eq!((acme.external_id.as_str(), acme.kind), ("7", MemberKind::Organization));
    assert_eq!(contacts(acme), ["Bo/buyer/None/None"]);
    assert_eq!(members[1].as_ref().unwrap_err(), "2 people: is not a list of objects");
}

#[test]
fn rows_that_contradict_each_other_are_refused_together() {
    let text = "external_id,name,country,kind\nacme,Acme,DE,organization\nacme,Acme,FR,\n\
        bolt,Bolt,DE,firm\n";
    let members = members(text, "");
    assert_eq!(
        members[0].as_ref().unwrap_err(),
        "2 : a member is imported whole, and its row in line 3 was refused\n\
         3 country: an earlier row of `acme` says something else here: correct one of them, or \
         leave it out"
    );
    assert_eq!(
        members[1].as_ref().unwrap_err(),
        "4 kind: is not `person`, `organization` or `household`"
    );
}
