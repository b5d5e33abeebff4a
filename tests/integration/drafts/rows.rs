use lectern::{
    drafts::{DraftKey, DraftTable, outline, quizzes, rows},
    ids::{CourseId, QuizId},
};
use serde_json::json;

use super::computer::school;

#[tokio::test]
async fn rows_stand_where_they_were_put_and_move_without_a_server() {
    let school = school().await;
    let computer = school.computer().await;
    let course = school.course;
    let part = computer.add(DraftTable::SubCourses, json!({"title": "Forces"}), None, None).await;
    let first = computer.add(DraftTable::Lessons, json!({"title": "First"}), Some(part), None).await;
    let second = computer.add(DraftTable::Lessons, json!({"title": "Second"}), Some(part), Some(first)).await;
    let quiz = computer.add(DraftTable::Quizzes, json!({"title": "Check"}), Some(part), Some(first)).await;
    computer
        .with(move |machine| {
            rows::place(machine, course, DraftKey { table: DraftTable::Lessons, id: second }, Some(part), None)
        })
        .await;
    computer.sync().await;
    let contents = computer.with(move |machine| outline::read(machine, course)).await;
    let order: Vec<_> = contents.lessons.iter().map(|lesson| lesson.id.0).collect();
    assert_eq!(order, [second, first]);
    assert!(contents.quizzes[0].position > contents.lessons[1].position);
    assert_eq!(contents.quizzes[0].id, QuizId(quiz));

    // Put aside with everything in it, and back.
    let key = DraftKey { table: DraftTable::SubCourses, id: part };
    computer.with(move |machine| rows::archive(machine, course, key)).await;
    computer.sync().await;
    let contents = computer.with(move |machine| outline::read(machine, course)).await;
    assert!(contents.lessons.iter().all(|lesson| lesson.archived_at.is_some() && !lesson.is_unfiled));
    computer.with(move |machine| rows::restore(machine, course, key)).await;
    computer.sync().await;
    let contents = computer.with(move |machine| outline::read(machine, course)).await;
    assert!(contents.lessons.iter().all(|lesson| lesson.archived_at.is_none()));
}

#[tokio::test]
async fn a_copied_sub_course_brings_lessons_quizzes_and_right_answers_of_its_own() {
    let school = school().await;
    let computer = school.computer().await;
    let course = school.course;
    let part = computer.add(DraftTable::SubCourses, json!({"title": "Forces"}), None, None).await;
    let lesson = computer.add(DraftTable::Lessons, json!({"title": "Weight"}), Some(part), None).await;
    computer.write(lectern::ids::LessonId(lesson), &[(CourseId::new().0, "Words.")]).await;
    let quiz = computer.add(DraftTable::Quizzes, json!({"title": "Check"}), Some(part), None).await;
    let question = json!({"kind": "multiple_choice", "prompt": "Which is a force?"});
    let question = computer.add(DraftTable::Questions, question, Some(quiz), None).await;
    let right = computer.add(DraftTable::QuestionOptions, json!({"label": "Weight"}), Some(question), None).await;
    computer.add(DraftTable::QuestionOptions, json!({"label": "Mass"}), Some(question), Some(right)).await;
    computer.add(DraftTable::AnswerKeys, json!({"option_id": right}), Some(question), None).await;
    computer.sync().await;

    let key = DraftKey { table: DraftTable::SubCourses, id: part };
    let copy = computer.with(move |machine| rows::copy(machine, course, key)).await;
    computer.sync().await;
    let contents = computer.with(move |machine| outline::read(machine, course)).await;
    assert_eq!(
        contents.sub_courses.iter().map(|part| part.title.as_str()).collect::<Vec<_>>(),
        ["Forces", "Forces (copy)"]
    );
    let copied = contents.lessons.iter().find(|lesson| lesson.sub_course_id.is_some_and(|id| id.0 == copy)).unwrap();
    assert_eq!(computer.text(copied.id).await, ["Words."]);
    let copied = contents.quizzes.iter().find(|quiz| quiz.sub_course_id.is_some_and(|id| id.0 == copy)).unwrap().id;
    let copied = computer.with(move |machine| quizzes::open(machine, course, copied)).await;
    let [asked] = copied.questions.as_slice() else { panic!("{copied:?}") };
    assert_eq!(asked.options.len(), 2);
    assert_eq!(asked.answers[0].option_id, Some(asked.options[0].id));
    assert_ne!(asked.options[0].id, right);
    assert_eq!(asked.options[0].label, "Weight");
}
