use lectern::{
    drafts::{
        file::{self, Texts},
        opening::Drawer,
    },
    ids::CourseId,
};

use super::computer::school;

#[tokio::test]
async fn two_who_have_a_lesson_open_see_each_other_until_one_closes_it() {
    let school = school().await;
    let colleague = school.fresh.member(school.id, "Ben Okafor", "instructor").await;
    school.fresh.staff(school.id, school.course, colleague, "instructor").await;
    let (one, two) = (school.computer().await, school.computer_of(colleague).await);
    let lesson = one.lesson("Weight").await;
    one.write(lesson, &[(CourseId::new().0, "Words.")]).await;
    one.sync().await;
    two.sync().await;
    assert!(one.driver.readers().is_empty());

    one.driver.note_open(school.course, lesson, true);
    two.driver.note_open(school.course, lesson, true);
    one.sync().await;
    two.sync().await;
    one.sync().await;
    let names = |readers: Vec<lectern::sync::presence::Reader>| {
        readers.into_iter().map(|reader| (reader.lesson_id, reader.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(one.driver.readers()), [(lesson, "Ben Okafor".to_owned())]);
    assert_eq!(names(two.driver.readers()), [(lesson, "Aiko Tanaka".to_owned())]);

    two.driver.note_open(school.course, lesson, false);
    two.sync().await;
    one.sync().await;
    assert!(one.driver.readers().is_empty());
}

#[tokio::test]
async fn a_second_window_on_the_same_drafts_hears_what_the_first_wrote_and_not_what_it_wrote_itself() {
    let school = school().await;
    let one = school.computer().await;
    let lesson = one.lesson("Weight").await;
    one.sync().await;
    let two = Drawer::in_folder(one.folder.path()).unwrap().open(school.lead).await.unwrap();
    let (open, mut texts) = (vec![(lesson, school.course)], Texts::default());
    let mut heard = two.changes();
    two.hear_other_windows(open.clone(), &mut texts).await.unwrap();
    assert!(heard.try_recv().is_err());

    one.write(lesson, &[(CourseId::new().0, "Words.")]).await;
    two.hear_other_windows(open.clone(), &mut texts).await.unwrap();
    let changed = heard.try_recv().unwrap();
    assert_eq!((changed.courses, changed.lessons), (vec![school.course], vec![lesson]));

    // What is no text of the lesson does not make anybody read it anew.
    one.with(|machine| file::set_note(machine, "steps", Some(&1))).await;
    two.hear_other_windows(open.clone(), &mut texts).await.unwrap();
    assert_eq!(heard.try_recv().unwrap().lessons, []);
    let own = two.with(|machine| file::set_note(machine, "steps", Some(&2))).await;
    own.unwrap();
    two.hear_other_windows(open, &mut texts).await.unwrap();
    assert!(heard.try_recv().is_err());
}
