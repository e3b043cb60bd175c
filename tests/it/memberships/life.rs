//! What becomes of memberships when members are merged, unmerged, erased and exported.

use super::{by_member, group};
use crate::support::programs::SHOP;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    a_merged_person_brings_its_groups_and_an_unmerge_gives_them_back,
    of_two_who_belonged_to_one_group_one_does,
    of_two_who_accrued_to_groups_the_survivor_goes_on,
    merged_groups_have_the_people_of_both,
    what_two_bought_for_groups_counts_at_one,
    a_person_who_is_erased_belongs_nowhere,
    the_people_of_a_group_that_is_erased_are_their_own,
    an_export_has_the_memberships,
);

const GROUPS: &str = "query($of: String!) { member(externalId: $of) { \
     groups { nodes { accrual group { externalId } } } \
     people { nodes { accrual person { externalId } } } } }";

impl Person<'_> {
    pub(crate) async fn is_merged_into(&self, into: &Self) {
        const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
             member { id } userErrors { code message field } } }";
        let input = json!({
            "from": self.named(), "into": into.named(), "reason": "r", "idempotencyKey": "k",
        });
        while perennial_core::worker::round(&self.app.loyalty).await.unwrap() > 0 {}
        self.app.does::<Value>(self.program, MERGE, input).await.done();
    }

    pub(crate) async fn is_parted(&self) {
        const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { \
             unmergeMembers(input: $input) { member { id } userErrors { code message field } } }";
        let input = json!({ "member": self.named(), "reason": "r", "idempotencyKey": "k" });
        self.app.does::<Value>(self.program, UNMERGE, input).await.done();
    }

    /// The groups of a person, or the people of a group, each with the accrual.
    async fn ties(&self) -> Vec<String> {
        let found = self.app.admin(self.program, GROUPS, json!({ "of": self.member.external_id }));
        let found = found.await["member"].clone();
        let mut ties = Vec::new();
        for (list, end) in [("groups", "group"), ("people", "person")] {
            for node in found[list]["nodes"].as_array().unwrap() {
                let (of, accrual) = (&node[end]["externalId"], &node["accrual"]);
                ties.push(format!("{} {}", of.as_str().unwrap(), accrual.as_str().unwrap()));
            }
        }
        ties.sort();
        ties
    }

    pub(crate) async fn is_erased(&self) {
        const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
             erasedAt userErrors { code message field } } }";
        let input = json!({ "memberId": self.member.id });
        self.app.does::<Value>(self.program, ERASE, input).await.done();
    }
}

async fn a_merged_person_brings_its_groups_and_an_unmerge_gives_them_back(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    ada.belongs_to(&firm, "MEMBER", false).await.done();
    old.buys("order-1", "30.00").await.done();
    old.is_merged_into(&ada).await;
    assert_eq!(ada.ties().await, ["firm MEMBER", "home GROUP"]);
    let receipt = ada.accrues(json!({ "reference": "order-2", "total": "5.00" })).await.done();
    assert_eq!(by_member(&receipt, "pointsEarned"), [(home.member.id.clone(), 5)]);
    ada.gives_back("order-1", "back", json!({ "amount": "10.00" })).await;
    assert_eq!(home.sums().await, [25, 2, 25]);
    old.is_parted().await;
    assert_eq!(
        (old.ties().await, ada.ties().await),
        (vec!["home GROUP".to_owned()], vec!["firm MEMBER".to_owned()])
    );
    assert_eq!(home.sums().await, [25, 2, 25]);
    books::assert_sound(&app, "shop").await;
}

async fn of_two_who_belonged_to_one_group_one_does(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    ada.belongs_to(&home, "BOTH", false).await.done();
    old.is_merged_into(&ada).await;
    assert_eq!(home.ties().await, ["ada BOTH"]);
    old.is_parted().await;
    assert_eq!(home.ties().await, ["ada BOTH", "old GROUP"]);
}

async fn of_two_who_accrued_to_groups_the_survivor_goes_on(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    ada.belongs_to(&firm, "BOTH", false).await.done();
    old.is_merged_into(&ada).await;
    assert_eq!(ada.ties().await, ["firm BOTH", "home MEMBER"]);
    old.is_parted().await;
    assert_eq!(old.ties().await, ["home GROUP"]);
    assert_eq!(ada.ties().await, ["firm BOTH"]);
}

async fn merged_groups_have_the_people_of_both(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (first, home) =
        (group(&app, "first", "HOUSEHOLD").await, group(&app, "home", "HOUSEHOLD").await);
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.belongs_to(&first, "GROUP", false).await.done();
    bob.belongs_to(&first, "GROUP", false).await.done();
    bob.belongs_to(&home, "MEMBER", true).await.done();
    ada.buys("order-1", "30.00").await.done();
    bob.buys("order-2", "7.00").await.done();
    first.is_merged_into(&home).await;
    assert_eq!(home.ties().await, ["ada GROUP", "bob MEMBER"]);
    assert_eq!(home.sums().await, [37, 2, 37]);
    let receipt = ada.accrues(json!({ "reference": "order-1", "total": "30.00" })).await.done();
    assert_eq!(by_member(&receipt, "pointsEarned"), [(home.member.id.clone(), 30)], "a repeat");
    ada.buys("order-3", "2.00").await.done();
    ada.gives_back("order-1", "back", json!({ "amount": "10.00" })).await;
    assert_eq!(home.sums().await, [29, 3, 29]);
    books::assert_sound(&app, "shop").await;
    first.is_parted().await;
    assert_eq!(first.ties().await, ["ada GROUP", "bob GROUP"]);
    assert_eq!(home.ties().await, ["bob MEMBER"]);
    assert_eq!((first.sums().await, home.sums().await), ([27, 2, 27], [2, 1, 2]));
    ada.gives_back("order-1", "rest", json!({ "everything": true })).await;
    assert_eq!(first.sums().await, [7, 1, 7]);
    books::assert_sound(&app, "shop").await;
}

async fn what_two_bought_for_groups_counts_at_one(backend: Backend) {
    let welcome = "[[earning_rules]]\nid = \"welcome\"\nname.en = \"Welcome\"\n\
         when = 'member.purchases == 0'\npoints = 100\n[tiers]";
    let app = TestApp::start(backend).await.with_program(&SHOP.replace("[tiers]", welcome)).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let (old, ada) = (app.joins("shop", "old").await, app.joins("shop", "ada").await);
    old.belongs_to(&home, "GROUP", true).await.done();
    old.buys("order-1", "30.00").await.done();
    old.is_merged_into(&ada).await;
    books::assert_sound(&app, "shop").await;
    assert_eq!(ada.would_accrue(json!({ "total": "5.00" })).await["accruals"][0]["points"], 5);
    old.is_parted().await;
    assert_eq!(ada.would_accrue(json!({ "total": "5.00" })).await["points"], 105, "none yet");
    assert_eq!(old.would_accrue(json!({ "total": "5.00" })).await["accruals"][0]["points"], 5);
    books::assert_sound(&app, "shop").await;
}

async fn a_person_who_is_erased_belongs_nowhere(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", true).await.done();
    ada.accrues(json!({
        "reference": "secret-order", "lines": [{ "sku": "secret-tea", "quantity": 1, "amount": "30.00" }],
    }))
    .await
    .done();
    ada.gives_back("secret-order", "secret-back", json!({ "amount": "5.00" })).await;
    books::assert_sound(&app, "shop").await;
    ada.is_erased().await;
    assert_eq!(home.ties().await, [] as [&str; 0]);
    assert_eq!(home.sums().await, [25, 1, 25], "what is the group's stays");
    let whole = home.all().await.to_string();
    assert!(!whole.contains("secret"), "{whole}");
    books::assert_sound(&app, "shop").await;
}

async fn the_people_of_a_group_that_is_erased_are_their_own(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "GROUP", true).await.done();
    ada.buys("order-1", "30.00").await.done();
    home.is_erased().await;
    assert_eq!(ada.ties().await, [] as [&str; 0]);
    assert_eq!(
        ada.asks("{ me { groups { name } } }", Value::Null).await["me"]["groups"],
        json!([])
    );
    let receipt = ada.accrues(json!({ "reference": "order-2", "total": "5.00" })).await.done();
    assert_eq!(by_member(&receipt, "pointsEarned"), [(ada.member.id.clone(), 5)]);
    let back = ada.gives_back("order-1", "back", json!({ "everything": true })).await;
    assert_eq!(back["accruals"], json!([]), "whose it was is nobody");
    books::assert_sound(&app, "shop").await;
}

async fn an_export_has_the_memberships(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "GROUP", true).await.done();
    let lines = json!([{ "sku": "secret-tea", "quantity": 1, "amount": "30.00" }]);
    ada.accrues(json!({ "reference": "order-1", "lines": lines })).await.done();
    let exported = async |of: &Person<'_>| {
        let token = app.token("shop", "officer", "members:export");
        let address = format!("{}/admin/members/export?id={}", app.address(), of.member.id);
        let response = reqwest::Client::new().get(address).bearer_auth(token).send().await;
        response.unwrap().text().await.unwrap()
    };
    let (adas, homes) = (exported(&ada).await, exported(&home).await);
    let membership = |lines: &str| {
        let line = lines.lines().find(|line| line.contains("\"memberships\"")).unwrap();
        let line = serde_json::from_str::<Value>(line).unwrap();
        line.as_object().unwrap().values().find(|part| part.is_object()).cloned().unwrap_or(line)
    };
    assert_eq!(membership(&adas)["groupId"], json!(home.member.id), "{adas}");
    assert_eq!(membership(&homes)["role"], "group");
    assert!(homes.contains("purchase_lines"), "what it got is its own: {homes}");
    for of_person in [ada.member.id.as_str(), "order-1", "secret-tea"] {
        assert!(!homes.contains(of_person), "{of_person}: {homes}");
    }
}
