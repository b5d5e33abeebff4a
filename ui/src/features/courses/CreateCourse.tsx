import { Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { newId } from "../../ids";
import { useStrings } from "../../strings";
import { CourseFields, courseRules, type CourseValues } from "./courseFields";
import { centsOf, cleanTags } from "./rules";
import { useCreateCourse } from "./writes";

const blank: CourseValues = { title: "", description: "", level: "beginner", category: "", tags: [], priceCents: 0 };

export function CreateCourse({ organizationId, opened, onClose }: { organizationId: string; opened: boolean; onClose: () => void }) {
  const t = useStrings();
  const navigate = useNavigate();
  const create = useCreateCourse(organizationId);
  const rules = useMemo(() => courseRules(t), [t]);
  const fields = useFields(blank, rules, create.error);
  // The course's id is made once for the form, so that sending it again after a lost answer makes no second course.
  const [id, setId] = useState(newId);
  const close = () => {
    fields.reset();
    create.reset();
    setId(newId());
    onClose();
  };
  return (
    <FormPanel
      title={t.courses.form.title}
      opened={opened}
      dirty={fields.dirty && !create.isSuccess}
      pending={create.isPending}
      failure={fields.unplaced}
      submitLabel={t.courses.form.create}
      onClose={close}
      onSubmit={fields.submit(({ priceCents, ...values }) => {
        create.mutate(
          { id, ...values, title: values.title.trim(), category: values.category.trim(), tags: cleanTags(values.tags), priceCents: centsOf(priceCents) },
          {
            onSuccess: (course) => {
              say(t.courses.form.created(course.title));
              void navigate({ to: "/o/$organizationId/courses/$courseId", params: { organizationId, courseId: course.id } });
            },
          },
        );
      })}
    >
      <Text size="sm" c="dimmed">
        {t.courses.form.intro}
      </Text>
      <CourseFields fields={fields} focusFirst />
    </FormPanel>
  );
}
