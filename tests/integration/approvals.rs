use lectern::{
    Code,
    approvals::{self, Decision, NewApproval},
    audit::{self, AuditQuery},
    ids::{ApprovalId, LessonId, OrganizationId, RevisionId},
    lessons::{self, LessonChange},
    organizations::{self, OrganizationChange},
};
use serde_json::json;
use sqlx::PgConnection;
use sync_core::wire::{PushAnswer, Table};
use uuid::Uuid;

use crate::{
    desk::refused,
    sync::author::{Author, School, change, new_id, new_lesson, refusal, revision, school, versions},
};

/// A lesson with one revision on the server.
struct Written {
    lesson: Uuid,
    version: Uuid,
    revision: Uuid,
}

async fn write(lead: &mut Author) -> Written {
    let lesson = new_id();
    let content = b"draft".to_vec();
    let mut push = lead.push_of(vec![new_lesson(lesson, "Weight", None)]);
    push.revisions = vec![revision(lesson, None, lead.device, &content)];
    let revision = push.revisions[0].id;
    push.rows[0].fields.insert("revision_id".into(), json!(revision));
    let version = versions(lead.send(&push, &[content]).await)[0];
    Written { lesson, version, revision }
}

impl Written {
    async fn publish(&mut self, lead: &mut Author) -> PushAnswer {
        let published = json!({"published_at": "2026-05-01T08:00:00Z", "published_revision_id": self.revision,
            "document": {"type": "doc"}, "markdown": "Weight", "html": "<p>Weight</p>", "plain_text": "Weight"});
        self.push(lead, published).await
    }

    async fn push(&mut self, lead: &mut Author, fields: serde_json::Value) -> PushAnswer {
        let answer = lead.push(vec![change(Table::Lessons, self.lesson, self.version, fields)]).await;
        if let PushAnswer::Ok { versions, .. } = &answer {
            self.version = versions[0].2;
        }
        answer
    }

    fn question(&self) -> NewApproval {
        NewApproval {
            id: ApprovalId::new(),
            lesson_id: LessonId(self.lesson),
            revision_id: RevisionId(self.revision),
            note: "Is the force drawn right?".into(),
        }
    }
}

async fn require_approval(school: &School) {
    let mut admin = school.staff("An Admin", "admin", None).await;
    let version = does!(admin.desk, |c| organizations::read(c, school.id)).unwrap().version;
    let required = OrganizationChange { approval_required: Some(true), ..Default::default() };
    does!(admin.desk, |c| organizations::change(c, school.id, version, &required)).unwrap();
}

#[tokio::test]
async fn where_approval_is_required_a_lesson_is_published_once_a_reviewer_approved_it() {
    let school = school().await;
    require_approval(&school).await;
    let mut lead = school.author().await;
    let mut reviewer = school.staff("Rosa Lind", "reviewer", Some("reviewer")).await;
    let mut lesson = write(&mut lead).await;
    let (table, id, reason) = refusal(lesson.publish(&mut lead).await);
    assert_eq!((table, id), (Table::Lessons, lesson.lesson));
    assert_eq!(reason, "This revision is not approved yet. Ask a reviewer, then publish.");

    let question = lesson.question();
    does!(lead.desk, |c| approvals::ask(c, school.id, &question)).unwrap();
    refusal(lesson.publish(&mut lead).await);
    let open = does!(reviewer.desk, |c| approvals::list(c, school.id, None)).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].lesson_title.as_str(), open[0].asked_by_name.as_deref()), ("Weight", Some("Aiko Tanaka")));
    assert!(open[0].may_decide && !open[0].may_withdraw && open[0].is_newest);
    does!(reviewer.desk, |c| approvals::decide(c, school.id, question.id, Decision::Approved, "Good.")).unwrap();
    versions(lesson.publish(&mut lead).await);

    let told = does!(lead.desk, |c| approvals::list(c, school.id, Some(LessonId(lesson.lesson)))).unwrap();
    assert_eq!((told[0].decision, told[0].comment.as_str()), (Some(Decision::Approved), "Good."));
    assert_eq!(told[0].decided_by_name.as_deref(), Some("Rosa Lind"));
    assert!(does!(lead.desk, |c| approvals::list(c, school.id, None)).unwrap().is_empty());

    // Taken back and brought back at will.
    versions(lesson.push(&mut lead, json!({"published_at": null})).await);
    versions(lesson.push(&mut lead, json!({"published_at": "2026-05-02T08:00:00Z"})).await);
    versions(lesson.push(&mut lead, json!({"title": "Weight and mass"})).await);
}

#[tokio::test]
async fn what_was_published_before_approval_was_required_stays_and_another_revision_does_not_follow() {
    let school = school().await;
    let mut lead = school.author().await;
    let mut lesson = write(&mut lead).await;
    versions(lesson.publish(&mut lead).await);
    require_approval(&school).await;
    versions(lesson.push(&mut lead, json!({"published_at": null})).await);
    versions(lesson.push(&mut lead, json!({"published_at": "2026-05-02T08:00:00Z"})).await);
    let content = b"newer".to_vec();
    let mut push = lead.push_of(vec![change(Table::Lessons, lesson.lesson, lesson.version, json!({}))]);
    push.revisions = vec![revision(lesson.lesson, Some(lesson.revision), lead.device, &content)];
    let newer = push.revisions[0].id;
    push.rows[0].fields.insert("revision_id".into(), json!(newer));
    lesson.version = versions(lead.send(&push, &[content]).await)[0];
    let before = std::mem::replace(&mut lesson.revision, newer);
    refusal(lesson.publish(&mut lead).await);
    // Nor does another text under the name of the old revision.
    lesson.revision = before;
    let mut connection = school.fresh.acting(school.lead, school.id).await;
    refuses(&mut connection, lesson.lesson, "update lectern.lessons set html = '<p>Else</p>' where id = $1").await;
}

async fn refuses(connection: &mut PgConnection, lesson: Uuid, sql: &'static str) {
    sqlx::raw_sql("savepoint before").execute(&mut *connection).await.unwrap();
    let error = sqlx::query(sql).bind(lesson).execute(&mut *connection).await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("lessons_approved"), "{sql}: {error}");
    sqlx::raw_sql("rollback to before").execute(connection).await.unwrap();
}

#[tokio::test]
async fn no_statement_of_anybodys_publishes_around_the_approval_not_even_an_admins() {
    let school = school().await;
    require_approval(&school).await;
    let mut lead = school.author().await;
    let lesson = write(&mut lead).await;
    let mut old = does!(lead.desk, |c| lessons::read(c, school.id, LessonId(lesson.lesson))).unwrap();
    let publish = LessonChange { published: Some(true), ..Default::default() };
    let refusal =
        does!(lead.desk, |c| lessons::change(c, school.id, LessonId(lesson.lesson), old.row.version, &publish));
    assert_eq!(refused(refusal), (Code::Invalid, Some("published".into())));
    old = does!(lead.desk, |c| lessons::read(c, school.id, LessonId(lesson.lesson))).unwrap();
    assert!(old.row.published_at.is_none());
    let admin = school.fresh.member(school.id, "Another Admin", "admin").await;
    for person in [school.lead, admin] {
        let mut connection = school.fresh.acting(person, school.id).await;
        for sql in [
            "update lectern.lessons set published_at = now() where id = $1",
            "update lectern.lessons set published_revision_id = revision_id where id = $1",
            "update lectern.lessons set published_revision_id = revision_id, published_at = now() where id = $1",
            "insert into lectern.lessons (organization_id, id, course_id, title, position, published_at)
             select organization_id, gen_random_uuid(), course_id, 'Mine', 'b', now() from lectern.lessons where id = $1",
        ] {
            refuses(&mut connection, lesson.lesson, sql).await;
        }
    }
}

#[tokio::test]
async fn each_role_asks_and_decides_what_it_may_and_nobody_their_own() {
    let school = school().await;
    let id = school.id;
    let mut lead = school.author().await;
    let mut admin = school.staff("Ada Admin", "admin", None).await;
    let mut owner = school.staff("Olu Owner", "owner", None).await;
    let mut instructor = school.staff("Ines Instructor", "instructor", Some("instructor")).await;
    let mut reviewer = school.staff("Rosa Reviewer", "reviewer", Some("reviewer")).await;
    let mut assistant = school.staff("Aki Assistant", "reviewer", Some("assistant")).await;
    let mut elsewhere = school.staff("Elsewhere", "instructor", None).await;
    let mut learner = school.staff("Mina Okafor", "learner", None).await;
    let other = school.fresh.organization("Fjord Academy").await;
    let mut stranger = Author {
        desk: crate::desk::Desk::new(&school.fresh, other, "A Stranger", "owner").await.0,
        organization: other,
        ..school.author().await
    };

    let lesson = write(&mut lead).await;
    for author in [&mut reviewer, &mut assistant, &mut elsewhere, &mut learner, &mut stranger] {
        let question = lesson.question();
        let refusal = does!(author.desk, |c| approvals::ask(c, id, &question));
        assert!(matches!(refused(refusal).0, Code::NotAllowed | Code::NotFound));
    }
    let mut open: Vec<(usize, ApprovalId)> = Vec::new();
    for (at, author) in [&mut lead, &mut instructor, &mut admin, &mut owner].into_iter().enumerate() {
        let written = write(author).await;
        let question = written.question();
        does!(author.desk, |c| approvals::ask(c, id, &question)).unwrap();
        let again = NewApproval { id: ApprovalId::new(), ..question.clone() };
        assert_eq!(refused(does!(author.desk, |c| approvals::ask(c, id, &again))).0, Code::Conflict);
        open.push((at, question.id));
    }
    for (author, sees) in [
        (&mut reviewer, 4),
        (&mut assistant, 4),
        (&mut instructor, 4),
        (&mut elsewhere, 0),
        (&mut learner, 0),
        (&mut stranger, 0),
    ] {
        assert_eq!(does!(author.desk, |c| approvals::list(c, id, None)).unwrap().len(), sees);
    }
    let [of_lead, of_instructor, of_admin, of_owner] = [open[0].1, open[1].1, open[2].1, open[3].1];
    let no = "No.";
    for author in [&mut lead, &mut instructor, &mut assistant, &mut elsewhere, &mut learner, &mut stranger] {
        for approval in [of_lead, of_instructor, of_admin] {
            let refusal = does!(author.desk, |c| approvals::decide(c, id, approval, Decision::Approved, no));
            assert!(matches!(refused(refusal).0, Code::NotAllowed | Code::NotFound));
        }
    }
    for (author, own) in [(&mut admin, of_admin), (&mut owner, of_owner)] {
        let refusal = does!(author.desk, |c| approvals::decide(c, id, own, Decision::Approved, no));
        assert_eq!(refused(refusal).0, Code::NotAllowed);
    }
    does!(reviewer.desk, |c| approvals::decide(c, id, of_admin, Decision::ChangesWanted, "Units.")).unwrap();
    does!(admin.desk, |c| approvals::decide(c, id, of_lead, Decision::Approved, "")).unwrap();
    does!(owner.desk, |c| approvals::decide(c, id, of_instructor, Decision::Approved, "")).unwrap();
    // Once.
    let again = does!(owner.desk, |c| approvals::decide(c, id, of_lead, Decision::ChangesWanted, ""));
    assert_eq!(refused(again).0, Code::Conflict);
    assert_eq!(refused(does!(lead.desk, |c| approvals::withdraw(c, id, of_lead))).0, Code::Conflict);
    // The audit names the lesson, whatever was done.
    let query = AuditQuery { row_id: Some(of_lead.0), limit: 10, ..AuditQuery::default() };
    let told = does!(admin.desk, |c| audit::list(c, id, &query)).unwrap().rows;
    let told: Vec<_> = told.iter().map(|entry| (entry.verb.as_str(), entry.title.as_deref())).collect();
    assert_eq!(told, [("update", Some("Weight")), ("insert", Some("Weight"))]);
    // A question is taken back by who asked it.
    for author in [&mut lead, &mut admin, &mut reviewer, &mut stranger] {
        assert_eq!(refused(does!(author.desk, |c| approvals::withdraw(c, id, of_owner))).0, Code::NotAllowed);
    }
    does!(owner.desk, |c| approvals::withdraw(c, id, of_owner)).unwrap();
    let late = does!(reviewer.desk, |c| approvals::decide(c, id, of_owner, Decision::Approved, ""));
    assert_eq!(refused(late).0, Code::Conflict);
}

#[tokio::test]
async fn a_revision_that_is_not_on_the_server_cannot_be_asked_about() {
    let school = school().await;
    let mut lead = school.author().await;
    let lesson = write(&mut lead).await;
    let unknown = NewApproval { revision_id: RevisionId(new_id()), ..lesson.question() };
    assert_eq!(refused(does!(lead.desk, |c| approvals::ask(c, school.id, &unknown))).0, Code::NotFound);
    let another = write(&mut lead).await;
    let crossed = NewApproval { lesson_id: LessonId(another.lesson), ..lesson.question() };
    assert_eq!(refused(does!(lead.desk, |c| approvals::ask(c, school.id, &crossed))).0, Code::NotFound);
    let none = NewApproval { lesson_id: LessonId::new(), ..lesson.question() };
    assert_eq!(refused(does!(lead.desk, |c| approvals::ask(c, school.id, &none))).0, Code::NotFound);
    let long = NewApproval { note: "n".repeat(2001), ..lesson.question() };
    let refusal = refused(does!(lead.desk, |c| approvals::ask(c, OrganizationId(school.id.0), &long)));
    assert_eq!(refusal, (Code::Invalid, Some("note".into())));
}
