use std::collections::HashSet;

use lectern::{
    Code,
    ids::{OrganizationId, PersonId},
    page::ListQuery,
    people::{self, MembershipChange, NewPerson, PeopleQuery, PersonChange, PersonRow, Role},
};

use crate::{
    desk::{Desk, refused, refused_at},
    harness::{self, Fresh},
};

fn new(name: &str, email: &str, role: Role) -> NewPerson {
    NewPerson {
        person_id: PersonId::new(),
        email: email.into(),
        name: name.into(),
        role,
        phone: None,
        born_on: None,
        bio: String::new(),
    }
}

fn query(search: &str) -> PeopleQuery {
    let list = ListQuery { search: search.into(), sort: "name".into(), limit: 200, ..Default::default() };
    PeopleQuery { list, role: None, is_active: None }
}

async fn all(desk: &mut Desk, school: OrganizationId, mut query: PeopleQuery) -> Vec<PersonRow> {
    query.list.count_only = true;
    let total = does!(desk, |c| people::list(c, school, &query)).unwrap().total;
    query.list.count_only = false;
    let mut rows = Vec::new();
    loop {
        let page = does!(desk, |c| people::list(c, school, &query)).unwrap();
        rows.extend(page.rows);
        query.list.cursor = page.next_cursor;
        if query.list.cursor.is_none() {
            assert_eq!(total, u32::try_from(rows.len()).ok());
            assert!(page.total.is_none_or(|told| Some(told) == total));
            return rows;
        }
    }
}

async fn found(desk: &mut Desk, school: OrganizationId, search: &str) -> Vec<String> {
    all(desk, school, query(search)).await.into_iter().map(|row| row.name).collect()
}

async fn many(fresh: &Fresh, school: OrganizationId, count: i32) {
    sqlx::query(
        "with p as (
           insert into lectern.people (id, email, name)
           select gen_random_uuid(), 'person' || n || '@example.org', case when n % 3 = 0 then 'Kim Lee' else 'Learner ' || n end
           from generate_series(1, $2) n returning id, email, name)
         insert into lectern.memberships (organization_id, id, person_id, role, name, email, joined_at)
         select $1, gen_random_uuid(), id, 'learner', name, email, timestamptz '2026-01-05 08:00Z' + (length(name) % 4) * interval '1 day'
         from p",
    )
    .bind(school)
    .bind(count)
    .execute(&mut fresh.owner().await)
    .await
    .unwrap();
}

#[tokio::test]
async fn an_admin_adds_a_person_and_finds_them_with_everything_that_was_typed() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let input = NewPerson {
        phone: Some("+420 555 010 203".into()),
        born_on: Some("1994-02-28".parse().unwrap()),
        bio: "Teaches\r\nphysics".into(),
        ..new("  Zoe\u{308} M\u{fc}ller ", "Zoe@Example.org", Role::Instructor)
    };
    let id = does!(admin, |c| people::add(c, school, &input)).unwrap();
    let person = does!(admin, |c| people::read(c, school, id)).unwrap();
    assert_eq!((person.row.name.as_str(), person.row.email.as_str()), ("Zo\u{eb} M\u{fc}ller", "Zoe@Example.org"));
    assert_eq!((person.row.role, person.row.is_active, person.has_signed_in), (Role::Instructor, true, false));
    assert_eq!(person.phone.as_deref(), Some("+420 555 010 203"));
    assert_eq!(person.born_on, input.born_on);
    assert_eq!(person.bio, "Teaches\nphysics");
    assert!(person.may_change_role && !person.is_me && person.teaching.is_empty());
    assert_eq!(found(&mut admin, school, "zo\u{eb}").await, ["Zo\u{eb} M\u{fc}ller"]);
    refused_at(does!(admin, |c| people::add(c, school, &input)), Code::Conflict, "email");
}

#[tokio::test]
async fn an_address_another_organization_knows_joins_its_person_unchanged() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    let (mut first, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut second, _) = Desk::new(&fresh, academy, "Noor Haddad", "admin").await;
    let with_phone = NewPerson { phone: Some("555 1000".into()), ..new("Sam Field", "sam@example.org", Role::Learner) };
    let known = does!(first, |c| people::add(c, school, &with_phone)).unwrap();
    let again = NewPerson { phone: Some("555 2000".into()), ..new("Samuel F.", "SAM@example.org", Role::Learner) };
    let joined = does!(second, |c| people::add(c, academy, &again)).unwrap();
    assert_eq!(joined, known);
    let here = does!(second, |c| people::read(c, academy, known)).unwrap();
    assert_eq!((here.row.name.as_str(), here.phone.as_deref()), ("Samuel F.", None));
    let there = does!(first, |c| people::read(c, school, known)).unwrap();
    assert_eq!((there.row.name.as_str(), there.phone.as_deref()), ("Sam Field", Some("555 1000")));
    let phone = PersonChange { phone: Some(None), ..Default::default() };
    let refusal = does!(second, |c| people::change(c, academy, known, here.row.version, &phone));
    assert_eq!(refused(refusal).0, Code::NotAllowed);
    let name = PersonChange { name: Some("Sammy".into()), ..Default::default() };
    does!(second, |c| people::change(c, academy, known, here.row.version, &name)).unwrap();
    assert_eq!(does!(first, |c| people::read(c, school, known)).unwrap().row.name, "Sam Field");
}

#[tokio::test]
async fn every_page_of_a_long_list_follows_the_one_before_also_among_equal_names() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    many(&fresh, school, 430).await;
    for sort in ["name", "joinedAt"] {
        let mut lists = Vec::new();
        for descending in [false, true] {
            let list = ListQuery { sort: sort.into(), descending, limit: 60, ..Default::default() };
            let rows = all(&mut admin, school, PeopleQuery { list, role: None, is_active: None }).await;
            assert_eq!(rows.len(), 431);
            assert_eq!(rows.iter().map(|row| row.person_id).collect::<HashSet<_>>().len(), 431);
            lists.push(rows.into_iter().map(|row| row.person_id).collect::<Vec<_>>());
        }
        let forward = lists.remove(0);
        assert_eq!(forward, lists.remove(0).into_iter().rev().collect::<Vec<_>>(), "{sort}");
    }
    let kim = PeopleQuery { role: Some(Role::Learner), is_active: Some(true), ..query("lee KIM") };
    assert_eq!(all(&mut admin, school, kim).await.len(), 143);
}

#[tokio::test]
async fn names_of_every_script_stand_in_the_order_of_unicode_and_are_found() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let names = [
        "\u{c1}ngel Ruiz",
        "Angela Mora",
        "\u{17d}ofie Nov\u{e1}kov\u{e1}",
        "Zoe Adams",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5db}\u{5d4}\u{5df}",
        "\u{674e}\u{5c0f}\u{9f99}",
        "\u{645}\u{631}\u{64a}\u{645}",
        "O'Neill-Smith",
        "\u{1f469}\u{200d}\u{1f3eb} Kay",
    ];
    for (number, name) in names.iter().enumerate() {
        let email = format!("n{number}@example.org");
        does!(admin, |c| people::add(c, school, &new(name, &email, Role::Learner))).unwrap();
    }
    let order = found(&mut admin, school, "").await;
    let place = |name: &str| order.iter().position(|n| n == name).unwrap();
    assert!(
        place("\u{c1}ngel Ruiz") < place("Angela Mora") && place("Zoe Adams") < place("\u{17d}ofie Nov\u{e1}kov\u{e1}")
    );
    for (search, name) in [
        ("\u{17e}ofie", names[2]),
        ("\u{5db}\u{5d4}\u{5df} \u{5e9}\u{5dc}", names[4]),
        ("\u{5c0f}", names[5]),
        ("\u{645}\u{631}\u{64a}", names[6]),
        ("o'neill", names[7]),
        ("\u{1f469}\u{200d}\u{1f3eb}", names[8]),
        ("n3@EXAMPLE", names[3]),
        ("Z\u{6f}e", names[3]),
    ] {
        assert_eq!(found(&mut admin, school, search).await, [name], "{search}");
    }
}

#[tokio::test]
async fn a_search_takes_every_character_as_itself() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    for (number, name) in
        ["100% Kay", "1000 Kay", "under_score", "underXscore", "back\\slash", "quote'; --"].iter().enumerate()
    {
        let email = format!("n{number}@example.org");
        does!(admin, |c| people::add(c, school, &new(name, &email, Role::Learner))).unwrap();
    }
    for (search, names) in [
        ("100%", vec!["100% Kay"]),
        ("_", vec!["under_score"]),
        ("\\", vec!["back\\slash"]),
        ("%", vec!["100% Kay"]),
        ("'; --", vec!["quote'; --"]),
        ("nobody", vec![]),
        ("\0", vec!["100% Kay", "1000 Kay", "Aiko Tanaka", "back\\slash", "quote'; --", "under_score", "underXscore"]),
    ] {
        let mut rows = found(&mut admin, school, search).await;
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        rows.sort();
        names.sort();
        assert_eq!(rows, names, "{search:?}");
    }
    let mut odd = query("");
    odd.list.sort = "email; drop table lectern.people".into();
    refused_at(does!(admin, |c| people::list(c, school, &odd)), Code::Invalid, "sort");
    odd = query("");
    odd.list.cursor = Some("beef".into());
    refused_at(does!(admin, |c| people::list(c, school, &odd)), Code::Invalid, "cursor");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name_and_clears_what_it_names_null() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let input = NewPerson {
        phone: Some("555 1000".into()),
        bio: "Bio".into(),
        ..new("Sam Field", "sam@example.org", Role::Learner)
    };
    let id = does!(admin, |c| people::add(c, school, &input)).unwrap();
    let first = does!(admin, |c| people::read(c, school, id)).unwrap();
    let change: PersonChange = serde_json::from_str(r#"{"email": "sam.field@example.org", "phone": null}"#).unwrap();
    does!(admin, |c| people::change(c, school, id, first.row.version, &change)).unwrap();
    let second = does!(admin, |c| people::read(c, school, id)).unwrap();
    assert_eq!((second.row.name.as_str(), second.row.email.as_str()), ("Sam Field", "sam.field@example.org"));
    assert_eq!((second.phone.as_deref(), second.bio.as_str()), (None, "Bio"));
    assert_eq!(refused(does!(admin, |c| people::change(c, school, id, first.row.version, &change))).0, Code::Stale);
    let version = second.row.version;
    for (change, code, field) in [
        (r#"{"email": "aikotanaka"}"#, Code::Invalid, "email"),
        (r#"{"name": " "}"#, Code::Invalid, "name"),
        (r#"{"phone": "call me"}"#, Code::Invalid, "phone"),
        (r#"{"bornOn": "1700-01-01"}"#, Code::Invalid, "bornOn"),
    ] {
        let change: PersonChange = serde_json::from_str(change).unwrap();
        refused_at(does!(admin, |c| people::change(c, school, id, version, &change)), code, field);
    }
    let long = PersonChange { bio: Some("b".repeat(501)), ..Default::default() };
    refused_at(does!(admin, |c| people::change(c, school, id, version, &long)), Code::Invalid, "bio");
    does!(admin, |c| people::add(c, school, &new("Kim Lee", "kim@example.org", Role::Learner))).unwrap();
    let taken = PersonChange { email: Some("Kim@example.org".into()), ..Default::default() };
    refused_at(does!(admin, |c| people::change(c, school, id, version, &taken)), Code::Conflict, "email");
    let nobody = PersonId::new();
    assert_eq!(refused(does!(admin, |c| people::change(c, school, nobody, version, &taken))).0, Code::NotFound);
    assert_eq!(refused(does!(admin, |c| people::read(c, school, nobody))).0, Code::NotFound);
}

#[tokio::test]
async fn roles_are_given_strictly_below_ones_own_and_never_to_oneself() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut owner, owner_id) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    let (mut admin, admin_id) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut instructor, _) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let learner = fresh.member(school, "Sam Field", "learner").await;
    let to = |role| MembershipChange { role: Some(role), is_active: None };
    let version = async |desk: &mut Desk, person| does!(desk, |c| people::read(c, school, person)).unwrap();

    let seen = version(&mut admin, learner).await;
    assert!(seen.may_change_role);
    does!(admin, |c| people::change_membership(c, school, learner, seen.row.version, &to(Role::Instructor))).unwrap();
    let seen = version(&mut admin, learner).await;
    assert_eq!(seen.row.role, Role::Instructor);
    let raise = does!(admin, |c| people::change_membership(c, school, learner, seen.row.version, &to(Role::Admin)));
    assert_eq!(refused(raise).0, Code::NotAllowed);
    for person in [owner_id, admin_id] {
        let seen = version(&mut admin, person).await;
        assert!(!seen.may_change_role);
        let change =
            does!(admin, |c| people::change_membership(c, school, person, seen.row.version, &to(Role::Learner)));
        assert_eq!(refused(change).0, Code::NotAllowed);
        assert_eq!(refused(does!(admin, |c| people::archive(c, school, person))).0, Code::NotAllowed);
    }
    let seen = version(&mut owner, learner).await;
    does!(owner, |c| people::change_membership(c, school, learner, seen.row.version, &to(Role::Admin))).unwrap();
    let late = does!(owner, |c| people::change_membership(c, school, learner, seen.row.version, &to(Role::Learner)));
    assert_eq!(refused(late).0, Code::Stale);
    assert_eq!(
        refused(does!(instructor, |c| people::add(c, school, &new("X", "x@example.org", Role::Learner)))).0,
        Code::NotAllowed
    );
    assert_eq!(
        refused(does!(admin, |c| people::add(c, school, &new("X", "x@example.org", Role::Admin)))).0,
        Code::NotAllowed
    );
}

#[tokio::test]
async fn an_archived_person_leaves_the_list_and_comes_back() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    does!(admin, |c| people::archive(c, school, sam)).unwrap();
    assert_eq!(found(&mut admin, school, "").await, ["Aiko Tanaka"]);
    let mut archived = query("sam");
    archived.list.archived = true;
    assert_eq!(all(&mut admin, school, archived.clone()).await.len(), 1);
    does!(admin, |c| people::restore(c, school, sam)).unwrap();
    assert_eq!(found(&mut admin, school, "sam").await, ["Sam Field"]);
    assert!(all(&mut admin, school, archived).await.is_empty());
    assert_eq!(refused(does!(admin, |c| people::archive(c, school, PersonId::new()))).0, Code::NotFound);
}

#[tokio::test]
async fn staff_see_everybody_and_a_learner_themselves() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    fresh.member(academy, "Not Here", "learner").await;
    let (mut reviewer, _) = Desk::new(&fresh, school, "Rae Lind", "reviewer").await;
    let (mut learner, me) = Desk::new(&fresh, school, "Sam Field", "learner").await;
    assert_eq!(found(&mut reviewer, school, "").await, ["Rae Lind", "Sam Field"]);
    assert_eq!(found(&mut learner, school, "").await, ["Sam Field"]);
    assert!(does!(learner, |c| people::read(c, school, me)).unwrap().is_me);
    assert_eq!(refused(does!(learner, |c| people::list(c, academy, &query("")))).0, Code::NotAllowed);
    assert_eq!(refused(does!(reviewer, |c| people::archive(c, school, me))).0, Code::NotAllowed);
}
