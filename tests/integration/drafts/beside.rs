use lectern::ids::CourseId;

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
