use chrono::Duration;
use lectern::{
    drafts::{
        self,
        opening::{self, Drawer, Owner},
    },
    sessions::{self, Unlock},
};

use super::computer::{Computer, school};

#[tokio::test]
async fn two_people_of_one_computer_each_have_their_own_drafts() {
    let school = school().await;
    let colleague = school.fresh.member(school.id, "Ben Okafor", "instructor").await;
    let one = school.computer().await;
    one.sync().await;
    one.lesson("Only Aiko's").await;
    let folder = one.folder.path().to_owned();
    let two = Drawer::in_folder(&folder).unwrap().open(colleague).await.unwrap();
    let theirs = two.with(|machine| Ok(sync_core::store::Store::courses(machine.store())?)).await.unwrap();
    assert!(theirs.is_empty());
}

#[tokio::test]
async fn drafts_open_without_the_server_for_as_many_days_as_the_organization_allows() {
    let school = school().await;
    let computer = school.computer().await;
    let access = school.fresh.access(school.lead, school.id).await;
    let me =
        school.fresh.database().read("who_am_i", &access, |c| Box::pin(sessions::who_am_i(c))).await.unwrap().unwrap();
    let unlock = Unlock::of("correct horse").await.unwrap();
    let signed_in = lectern::clock::now();
    computer.with(move |machine| opening::note_owner(machine, me, Some(unlock), signed_in)).await;
    let owner = || async { computer.with(|machine| opening::owner(machine)).await.unwrap() };
    let days = |owner: &Owner| i64::from(owner.me.organizations[0].offline_days);
    let before = owner().await;
    assert!(days(&before) > 1);
    assert!(before.offline(signed_in + Duration::days(days(&before)) - Duration::hours(1)).is_some());
    assert!(before.offline(signed_in + Duration::days(days(&before)) + Duration::hours(1)).is_none());
    assert!(before.unlock.as_ref().unwrap().is_opened_by("correct horse").await.unwrap());
    // Setting the clock back gains nothing.
    let late = signed_in + Duration::days(days(&before) + 1);
    computer.with(move |machine| opening::note_seen(machine, late)).await;
    assert!(owner().await.offline(signed_in).is_none());
    assert!(owner().await.until(signed_in).is_none());
}

#[tokio::test]
async fn a_course_with_unsent_work_is_not_let_go_unasked() {
    let school = school().await;
    let computer: Computer = school.computer().await;
    computer.sync().await;
    computer.lesson("Unsent").await;
    let course = school.course;
    let refused = computer.file.with(move |machine| drafts::leave(machine, course, false)).await.unwrap_err();
    assert_eq!(refused.code, lectern::Code::Conflict);
    assert_eq!(computer.drafts().await.courses.len(), 1);
    computer.with(move |machine| drafts::leave(machine, course, true)).await;
    assert!(computer.drafts().await.courses.is_empty());
    // Kept again, it comes from the server.
    let school_id = school.id;
    computer.with(move |machine| drafts::keep(machine, school_id, course, "Mechanics")).await;
    computer.sync().await;
    assert_eq!(computer.drafts().await.courses[0].lessons, 0);
}
