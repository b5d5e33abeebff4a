import { ActionIcon, Anchor, Button, Select, Text } from "@mantine/core";
import { IconUserMinus, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Avatar } from "../../components/Avatar";
import { EmptyState } from "../../components/EmptyState";
import { offerUndo, say } from "../../components/undo";
import { newId } from "../../ids";
import type { CourseDetail, Duty, StaffRow } from "../../platform";
import { useStrings } from "../../strings";
import { AddStaff } from "./AddStaff";
import classes from "./courses.module.css";
import { tellRefusal } from "./refusal";
import { useAddStaff, useChangeStaff } from "./writes";

export const duties: Duty[] = ["lead", "instructor", "assistant", "reviewer"];

/** Who teaches or reviews a course, with their duty. */
export function Staff({ organizationId, course, readOnly }: { organizationId: string; course: CourseDetail; readOnly: string | null }) {
  const t = useStrings();
  const change = useChangeStaff(organizationId, course.id);
  const add = useAddStaff(organizationId, course.id);
  const [adding, setAdding] = useState(false);
  const here = course.staff.filter(({ archivedAt }) => archivedAt === null).toSorted((a, b) => duties.indexOf(a.duty) - duties.indexOf(b.duty));

  const setDuty = async (staff: StaffRow, duty: Duty) => {
    try {
      await change.mutateAsync({ staffId: staff.id, duty });
      say(t.courses.staff.dutyChanged(staff.name, t.courses.staff.duties[duty]));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };
  const remove = async (staff: StaffRow) => {
    try {
      await change.mutateAsync({ staffId: staff.id, duty: null });
      offerUndo(t, t.courses.staff.removed(staff.name), () => add.mutateAsync({ id: newId(), personId: staff.personId, duty: staff.duty }));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };

  return (
    <>
      {readOnly !== null && (
        <Text size="sm" c="dimmed" mb="sm">
          {readOnly}
        </Text>
      )}
      {here.length === 0 ? (
        <div className={classes.emptyTab}>
          <EmptyState
            icon={IconUsers}
            title={t.courses.staff.empty}
            text={t.courses.staff.emptyText}
            action={readOnly === null ? <Button onClick={() => setAdding(true)}>{t.courses.staff.add}</Button> : undefined}
          />
        </div>
      ) : (
        <>
          <ul className={classes.cards}>
            {here.map((staff) => (
              <li key={staff.id} className={classes.card}>
                <Avatar name={staff.name} size={34} />
                <div className={classes.who}>
                  <Anchor component={Link} to="/o/$organizationId/people/$personId" params={{ organizationId, personId: staff.personId } as never} size="sm" fw={500} dir="auto">
                    {staff.name}
                  </Anchor>
                  <span className={classes.dim}>{staff.email}</span>
                </div>
                {readOnly === null ? (
                  <>
                    <Select
                      w={140}
                      size="xs"
                      aria-label={t.courses.staff.dutyOf(staff.name)}
                      data={duties.map((duty) => ({ value: duty, label: t.courses.staff.duties[duty] }))}
                      value={staff.duty}
                      onChange={(value) => {
                        const duty = duties.find((each) => each === value);
                        if (duty && duty !== staff.duty) void setDuty(staff, duty);
                      }}
                    />
                    <ActionIcon aria-label={t.courses.staff.remove(staff.name)} onClick={() => void remove(staff)}>
                      <IconUserMinus size={17} aria-hidden />
                    </ActionIcon>
                  </>
                ) : (
                  <Text size="sm">{t.courses.staff.duties[staff.duty]}</Text>
                )}
              </li>
            ))}
          </ul>
          {readOnly === null && (
            <Button mt="sm" variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
              {t.courses.staff.add}
            </Button>
          )}
        </>
      )}
      <AddStaff organizationId={organizationId} courseId={course.id} here={here} opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}
