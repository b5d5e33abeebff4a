import { Alert, Anchor, Text, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { newId } from "../../ids";
import { type EnrollmentDetail, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { courseQuery } from "../courses/writes";
import { type Choice, CoursePicker, PersonPicker } from "./Picker";
import { useEnrollPerson } from "./writes";

/** Enrolls one person in one course. Where it is opened from a course or a person, that one is fixed. */
export function EnrollPerson(props: {
  organizationId: string;
  opened: boolean;
  course?: Choice | null;
  person?: Choice | null;
  onClose: () => void;
  onDone?: (enrollment: EnrollmentDetail) => void;
}) {
  // Another course or person is another form.
  return <Form key={`${props.course?.id ?? ""} ${props.person?.id ?? ""}`} {...props} />;
}

function Form({ organizationId, opened, course = null, person = null, onClose, onDone }: Parameters<typeof EnrollPerson>[0]) {
  const t = useStrings();
  const enroll = useEnrollPerson(organizationId);
  const [id, setId] = useState(newId);
  const rules = useMemo(
    () => ({
      courseId: (choice: Choice | null) => (choice === null ? t.enrollments.form.chooseCourse : null),
      personId: (choice: Choice | null) => (choice === null ? t.enrollments.form.choosePerson : null),
    }),
    [t],
  );
  const fields = useFields({ courseId: course, personId: person }, rules, enroll.error);
  const { courseId: chosenCourse, personId: chosenPerson } = fields.values;

  const reading = useQuery({ ...courseQuery(organizationId, chosenCourse?.id ?? ""), enabled: opened && chosenCourse !== null });
  const chosen = chosenCourse === null ? undefined : reading.data;
  const existing = useQuery({
    queryKey: keyOf(organizationId, "enrollments", "pair", chosenCourse?.id, chosenPerson?.id),
    queryFn: () =>
      platform.listEnrollments(organizationId, {
        search: "", sort: "enrolledAt", descending: true, cursor: null, limit: 1, archived: false, courseId: chosenCourse?.id ?? null, personId: chosenPerson?.id ?? null, state: null,
      }),
    enabled: opened && chosenCourse !== null && chosenPerson !== null,
  });
  const there = existing.data?.rows.find((row) => row.courseId === chosenCourse?.id && row.personId === chosenPerson?.id && row.withdrawnAt === null);

  const close = () => {
    fields.reset({ courseId: course, personId: person });
    enroll.reset();
    setId(newId());
    onClose();
  };
  const courseField = fields.bind("courseId");
  const personField = fields.bind("personId");
  const dirty = (chosenCourse?.id ?? null) !== (course?.id ?? null) || (chosenPerson?.id ?? null) !== (person?.id ?? null);
  // Told with the way to that enrollment, not at a field.
  const shownAlready = there !== undefined;
  return (
    <FormPanel
      title={t.enrollments.form.title}
      opened={opened}
      dirty={dirty && !enroll.isSuccess && !shownAlready}
      pending={enroll.isPending}
      failure={fields.unplaced}
      submitLabel={t.enrollments.form.submit}
      onClose={close}
      onSubmit={fields.submit((values) => {
        if (values.courseId === null || values.personId === null || shownAlready) return;
        const [inCourse, who] = [values.courseId, values.personId];
        enroll.mutate(
          { id, courseId: inCourse.id, personId: who.id },
          {
            onSuccess: (enrollment) => {
              say(t.enrollments.form.done(who.label, inCourse.label));
              close();
              onDone?.(enrollment);
            },
            // Somebody else enrolled them meanwhile: find that enrollment.
            onError: (failure) => failure.code === "conflict" && void existing.refetch(),
          },
        );
      })}
    >
      <Text size="sm" c="dimmed">
        {t.enrollments.form.intro}
      </Text>
      {course === null ? (
        <CoursePicker
          organizationId={organizationId}
          label={t.enrollments.form.course}
          name="courseId"
          focusFirst
          value={courseField.value}
          onChange={(choice) => {
            enroll.reset();
            fields.set("courseId", choice);
          }}
          onBlur={courseField.onBlur}
          error={shownAlready ? null : courseField.error}
        />
      ) : (
        <TextInput label={t.enrollments.form.course} value={course.label} readOnly variant="filled" error={shownAlready ? null : courseField.error} dir="auto" />
      )}
      {person === null ? (
        <PersonPicker
          organizationId={organizationId}
          label={t.enrollments.form.person}
          name="personId"
          focusFirst={course !== null}
          value={personField.value}
          onChange={(choice) => {
            enroll.reset();
            fields.set("personId", choice);
          }}
          onBlur={personField.onBlur}
          error={shownAlready ? null : personField.error}
        />
      ) : (
        <TextInput label={t.enrollments.form.person} value={person.label} readOnly variant="filled" error={shownAlready ? null : personField.error} dir="auto" />
      )}
      {there && (
        <Alert color="amber" variant="light" role="alert" icon={<IconInfoCircle size={18} aria-hidden />}>
          <Text size="sm">{t.enrollments.form.already(there.personName, there.courseTitle)}</Text>
          <Anchor
            component={Link}
            to="/o/$organizationId/enrollments/$enrollmentId"
            params={{ organizationId, enrollmentId: there.id } as never}
            size="sm"
            onClick={close}
          >
            {t.enrollments.form.showExisting}
          </Anchor>
        </Alert>
      )}
      {!shownAlready && chosen && (chosen.publishedAt === null || chosen.status !== "active") && (
        <Text size="sm" c="dimmed">
          {chosen.status === "disabled" ? t.enrollments.form.disabledCourse : t.enrollments.form.notPublished}
        </Text>
      )}
    </FormPanel>
  );
}
