use lectern::{
    Code,
    database::Access,
    ids::{OperationId, OrganizationId},
    organizations::{self, NewOrganization, OrganizationChange},
    sessions,
};

use crate::{
    desk::{Desk, refused, refused_at},
    harness,
};

fn named(name: &str, slug: &str) -> NewOrganization {
    NewOrganization {
        id: OrganizationId::new(),
        name: name.into(),
        slug: slug.into(),
        time_zone: "Europe/Prague".into(),
        locale: "cs".into(),
    }
}

#[tokio::test]
async fn an_owner_changes_the_organization_and_an_older_page_is_told_so() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    let before = does!(owner, |c| organizations::read(c, school)).unwrap();
    let change = OrganizationChange {
        name: Some("  \u{5d1}\u{5d9}\u{5ea} \u{5e1}\u{5e4}\u{5e8} \u{1f3eb} ".into()),
        time_zone: Some("America/Sao_Paulo".into()),
        locale: Some("pt-BR".into()),
        ..Default::default()
    };
    does!(owner, |c| organizations::change(c, school, before.version, &change)).unwrap();
    let after = does!(owner, |c| organizations::read(c, school)).unwrap();
    assert_eq!(after.name, "\u{5d1}\u{5d9}\u{5ea} \u{5e1}\u{5e4}\u{5e8} \u{1f3eb}");
    assert_eq!(
        (after.slug, after.locale.as_str(), after.time_zone.as_str()),
        (before.slug, "pt-BR", "America/Sao_Paulo")
    );
    assert_ne!(after.version, before.version);
    let late = does!(owner, |c| organizations::change(c, school, before.version, &change));
    assert_eq!(refused(late).0, Code::Stale);
}

#[tokio::test]
async fn what_cannot_be_right_is_told_at_its_field() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    fresh.organization("Fjord Academy").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    let version = does!(owner, |c| organizations::read(c, school)).unwrap().version;
    let taken: String = sqlx::query_scalar("select slug from lectern.organizations where name = 'Fjord Academy'")
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    let some = |text: &str| Some(text.to_owned());
    let none = OrganizationChange::default;
    for (change, code, field) in [
        (OrganizationChange { name: some("\u{200b} \u{feff}"), ..none() }, Code::Invalid, "name"),
        (OrganizationChange { name: some(&"n".repeat(201)), ..none() }, Code::Invalid, "name"),
        (OrganizationChange { name: some("a\0b"), ..none() }, Code::Invalid, "name"),
        (OrganizationChange { slug: some("Northwind!"), ..none() }, Code::Invalid, "slug"),
        (OrganizationChange { slug: some(&taken), ..none() }, Code::Conflict, "slug"),
        (OrganizationChange { description: some(&"d".repeat(2001)), ..none() }, Code::Invalid, "description"),
        (OrganizationChange { time_zone: some("Europe/Atlantis"), ..none() }, Code::Invalid, "timeZone"),
        (OrganizationChange { time_zone: some("UTC+2:00"), ..none() }, Code::Invalid, "timeZone"),
        (OrganizationChange { locale: some("English"), ..none() }, Code::Invalid, "locale"),
        (OrganizationChange { offline_days: Some(366), ..none() }, Code::Invalid, "offlineDays"),
        (OrganizationChange { offline_days: Some(-1), ..none() }, Code::Invalid, "offlineDays"),
    ] {
        refused_at(does!(owner, |c| organizations::change(c, school, version, &change)), code, field);
    }
}

#[tokio::test]
async fn an_admin_changes_what_an_instructor_only_reads_and_only_an_owner_archives() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let other = fresh.organization("Fjord Academy").await;
    let change = OrganizationChange { description: Some("Evening classes".into()), ..Default::default() };
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut instructor, _) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let version = does!(instructor, |c| organizations::read(c, school)).unwrap().version;
    assert_eq!(refused(does!(instructor, |c| organizations::change(c, school, version, &change))).0, Code::NotAllowed);
    does!(admin, |c| organizations::change(c, school, version, &change)).unwrap();
    assert_eq!(refused(does!(admin, |c| organizations::archive(c, school))).0, Code::NotAllowed);
    assert_eq!(refused(does!(admin, |c| organizations::read(c, other))).0, Code::NotFound);
    assert_eq!(refused(does!(admin, |c| organizations::archive(c, other))).0, Code::NotFound);
}

#[tokio::test]
async fn an_admin_says_how_long_drafts_open_offline_and_whoever_signs_in_is_told() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut instructor, _) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let before = does!(admin, |c| organizations::read(c, school)).unwrap();
    assert_eq!((before.offline_days, before.approval_required), (14, false));
    let change = OrganizationChange { offline_days: Some(0), approval_required: Some(true), ..Default::default() };
    let refusal = does!(instructor, |c| organizations::change(c, school, before.version, &change));
    assert_eq!(refused(refusal).0, Code::NotAllowed);
    does!(admin, |c| organizations::change(c, school, before.version, &change)).unwrap();
    let after = does!(instructor, |c| organizations::read(c, school)).unwrap();
    assert_eq!((after.offline_days, after.approval_required, after.name), (0, true, before.name));
    let me = does!(instructor, |c| sessions::who_am_i(c)).unwrap().unwrap();
    assert_eq!(me.organizations[0].offline_days, 0);
}

#[tokio::test]
async fn an_archived_organization_changes_only_by_being_restored() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    does!(owner, |c| organizations::archive(c, school)).unwrap();
    let archived = does!(owner, |c| organizations::read(c, school)).unwrap();
    assert!(archived.archived_at.is_some());
    let change = OrganizationChange { name: Some("Another name".into()), ..Default::default() };
    let refusal = does!(owner, |c| organizations::change(c, school, archived.version, &change)).unwrap_err();
    assert!(refusal.message.contains("archived"), "{}", refusal.message);
    does!(owner, |c| organizations::restore(c, school)).unwrap();
    let restored = does!(owner, |c| organizations::read(c, school)).unwrap();
    assert!(restored.archived_at.is_none());
    does!(owner, |c| organizations::change(c, school, restored.version, &change)).unwrap();
}

#[tokio::test]
async fn a_business_owner_creates_an_organization_once_however_often_they_ask() {
    let fresh = harness::fresh().await;
    let person = fresh.business_owner("Mina Okafor").await;
    let access = Access { token: fresh.sign_in_as(person).await, organization: None };
    let database = fresh.database();
    let new = named("Fjord Academy", "fjord-academy");
    for _ in 0..2 {
        let given = new.clone();
        let id = database
            .write("create_organization", &access, OperationId::new(), move |c| {
                let given = given.clone();
                Box::pin(async move { organizations::create(c, &given).await })
            })
            .await
            .unwrap();
        assert_eq!(id, new.id);
    }
    let me = database.read("who_am_i", &access, |c| Box::pin(sessions::who_am_i(c))).await.unwrap().unwrap();
    assert_eq!(me.organizations.len(), 1);
    let mut desk = Desk::of(&fresh, person, new.id).await;
    let read = does!(desk, |c| organizations::read(c, new.id)).unwrap();
    assert_eq!((read.name.as_str(), read.time_zone.as_str()), ("Fjord Academy", "Europe/Prague"));
    refused_at(does!(desk, |c| organizations::create(c, &named("Another", "fjord-academy"))), Code::Conflict, "slug");
}

#[tokio::test]
async fn an_owner_of_one_organization_creates_no_other() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    let outcome = does!(owner, |c| organizations::create(c, &named("Fjord Academy", "fjord-academy")));
    assert_eq!(refused(outcome).0, Code::NotAllowed);
}
