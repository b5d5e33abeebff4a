import { Radio, Stack } from "@mantine/core";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { newId } from "../../ids";
import type { Duty, StaffRow } from "../../platform";
import { useStrings } from "../../strings";
import { type Choice, PersonPicker } from "../enrollments/Picker";
import { useAddStaff } from "./writes";

const duties: Duty[] = ["lead", "instructor", "assistant", "reviewer"];

export function AddStaff(props: { organizationId: string; courseId: string; here: StaffRow[]; opened: boolean; onClose: () => void }) {
  const t = useStrings();
  const add = useAddStaff(props.organizationId, props.courseId);
  const { here } = props;
  const [id, setId] = useState(newId);
  const start = useMemo(() => ({ personId: null as Choice | null, duty: (here.some(({ duty }) => duty === "lead") ? "instructor" : "lead") as Duty }), [here]);
  const rules = useMemo(
    () => ({
      personId: (person: Choice | null) =>
        person === null ? t.courses.staff.choosePerson : here.some(({ personId }) => personId === person.id) ? t.courses.staff.alreadyThere : null,
    }),
    [t, here],
  );
  const fields = useFields(start, rules, add.error);
  const close = () => {
    fields.reset(start);
    add.reset();
    setId(newId());
    props.onClose();
  };
  const person = fields.bind("personId");
  return (
    <FormPanel
      title={t.courses.staff.formTitle}
      opened={props.opened}
      dirty={fields.values.personId !== null && !add.isSuccess}
      pending={add.isPending}
      failure={fields.unplaced}
      submitLabel={t.courses.staff.add}
      onClose={close}
      onSubmit={fields.submit(({ personId, duty }) => {
        if (personId === null) return;
        add.mutate(
          { id, personId: personId.id, duty },
          {
            onSuccess: () => {
              say(t.courses.staff.added(personId.label));
              close();
            },
          },
        );
      })}
    >
      <PersonPicker
        organizationId={props.organizationId}
        label={t.courses.staff.person}
        name="personId"
        focusFirst
        value={person.value}
        onChange={(choice) => fields.set("personId", choice)}
        onBlur={person.onBlur}
        error={person.error}
      />
      <Radio.Group label={t.courses.staff.duty} value={fields.values.duty} onChange={(value) => fields.set("duty", duties.find((duty) => duty === value) ?? "instructor")}>
        <Stack gap="xs" mt={6}>
          {duties.map((duty) => (
            <Radio key={duty} value={duty} label={t.courses.staff.duties[duty]} description={t.courses.staff.dutyHints[duty]} />
          ))}
        </Stack>
      </Radio.Group>
    </FormPanel>
  );
}
