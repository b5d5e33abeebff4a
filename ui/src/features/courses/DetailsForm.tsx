import { Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useMemo } from "react";
import { FailureNote } from "../../components/FailureNote";
import type { Rules } from "../../components/fields";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import type { CourseChange, CourseDetail } from "../../platform";
import { type Strings, useStrings } from "../../strings";
import { AvailabilityField } from "./AvailabilityField";
import { CourseFields, courseRules, type CourseValues, told } from "./courseFields";
import { useEditing } from "./editing";
import { availabilityProblem, centsOf, cleanTags, linkProblem } from "./rules";
import { StaleNote } from "./StaleNote";
import { UnsavedGuard } from "../../components/UnsavedGuard";
import { courseQuery, useChangeCourse } from "./writes";
import { fromWallClock, toWallClock } from "./zonedTime";

type Values = CourseValues & {
  thumbnail: string;
  enrollmentOpen: boolean;
  /** Wall clocks of the organization. */
  availableFrom: string | null;
  availableUntil: string | null;
};

function valuesOf(course: CourseDetail, zone: string): Values {
  const clock = (instant: string | null) => (instant === null ? null : toWallClock(instant, zone));
  return {
    title: course.title,
    description: course.description,
    level: course.level,
    category: course.category,
    tags: course.tags,
    priceCents: course.priceCents / 100,
    thumbnail: course.thumbnail ?? "",
    enrollmentOpen: course.enrollmentOpen,
    availableFrom: clock(course.availableFrom),
    availableUntil: clock(course.availableUntil),
  };
}

function changeOf({ priceCents, thumbnail, availableFrom, availableUntil, ...rest }: Partial<Values>, zone: string): CourseChange {
  const change: CourseChange = { ...rest };
  if (rest.title !== undefined) change.title = rest.title.trim();
  if (rest.category !== undefined) change.category = rest.category.trim();
  if (rest.tags !== undefined) change.tags = cleanTags(rest.tags);
  if (priceCents !== undefined) change.priceCents = centsOf(priceCents);
  if (thumbnail !== undefined) change.thumbnail = thumbnail.trim() === "" ? null : thumbnail.trim();
  if (availableFrom !== undefined) change.availableFrom = availableFrom === null ? null : fromWallClock(availableFrom, zone);
  if (availableUntil !== undefined) change.availableUntil = availableUntil === null ? null : fromWallClock(availableUntil, zone);
  return change;
}

const rulesOf = (t: Strings): Rules<Values> => ({ ...courseRules(t), thumbnail: (link: string) => told(t, linkProblem(link)) });

/** Every field of a course. Only what was changed is sent, and nothing another person wrote is overwritten unseen. */
export function DetailsForm({ organizationId, course, readOnly, onDirty }: { organizationId: string; course: CourseDetail; readOnly: string | null; onDirty: (dirty: boolean) => void }) {
  const t = useStrings();
  const { timeZone: zone } = useFormat();
  const client = useQueryClient();
  const change = useChangeCourse(organizationId, course.id);
  const rules = useMemo(() => rulesOf(t), [t]);
  const server = useMemo(() => ({ version: course.version, values: valuesOf(course, zone) }), [course, zone]);
  const editing = useEditing(course.id, server, rules, change.error);
  const { fields, contested } = editing;
  const { dirty } = fields;
  useEffect(() => onDirty(dirty), [dirty, onDirty]);

  const period = told(t, availabilityProblem(fields.values.availableFrom, fields.values.availableUntil));
  const off = readOnly !== null || change.isPending;
  const stale = change.error?.code === "stale";
  const save = () => {
    if (period !== null || contested.length > 0 || !dirty) return;
    change.mutate(
      { version: editing.version, change: changeOf(editing.change(), zone) },
      {
        onSuccess: () => say(t.courses.form.saved),
        onError: (failure) => {
          if (failure.code === "stale") void client.invalidateQueries({ queryKey: courseQuery(organizationId, course.id).queryKey });
        },
      },
    );
  };
  const keys = (event: KeyboardEvent<HTMLFormElement>) => {
    const saves = (event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s");
    if (!saves) return;
    event.preventDefault();
    event.currentTarget.requestSubmit();
  };
  const from = fields.bind("availableFrom");
  const until = fields.bind("availableUntil");
  const names: Record<keyof Values, string> = {
    title: t.courses.form.name,
    description: t.courses.form.description,
    level: t.courses.form.level,
    category: t.courses.form.category,
    tags: t.courses.form.tags,
    priceCents: t.courses.form.price,
    thumbnail: t.courses.form.thumbnail,
    enrollmentOpen: t.courses.form.enrollmentOpen,
    availableFrom: t.courses.form.availableFrom,
    availableUntil: t.courses.form.availableUntil,
  };

  return (
    <form onSubmit={fields.submit(save)} onKeyDown={keys} noValidate aria-busy={change.isPending} aria-label={t.courses.tabs.details}>
      <Stack gap="md" maw={640}>
        {readOnly !== null && (
          <Text size="sm" c="dimmed">
            {readOnly}
          </Text>
        )}
        <CourseFields fields={fields} disabled={off} />
        <Switch
          label={t.courses.form.enrollmentOpen}
          description={t.courses.form.enrollmentOpenHint}
          disabled={off}
          checked={fields.values.enrollmentOpen}
          onChange={(event) => fields.set("enrollmentOpen", event.currentTarget.checked)}
        />
        <div>
          <Group grow align="flex-start" gap="sm">
            <AvailabilityField label={t.courses.form.availableFrom} disabled={off} field={from} />
            <AvailabilityField label={t.courses.form.availableUntil} disabled={off} field={{ ...until, error: period ?? until.error }} />
          </Group>
          <Text size="xs" c="dimmed" mt={4}>
            {t.courses.form.zone(zone)}
          </Text>
        </div>
        <TextInput label={t.courses.form.thumbnail} disabled={off} placeholder="https://" inputMode="url" {...fields.bind("thumbnail")} />
        <StaleNote
          shown={contested.length > 0 || stale}
          both={contested.map((name) => names[name])}
          onKeep={() => {
            editing.keepMine();
            change.reset();
          }}
          onTake={() => {
            editing.takeTheirs();
            change.reset();
          }}
        />
        {!stale && <FailureNote failure={fields.unplaced} />}
        {readOnly === null && (
          <Group gap="xs">
            <Button type="submit" loading={change.isPending} disabled={!dirty || contested.length > 0}>
              {t.courses.form.save}
            </Button>
            {dirty ? (
              <Button variant="subtle" color="gray" disabled={change.isPending} onClick={() => fields.reset()}>
                {t.courses.form.reset}
              </Button>
            ) : (
              <Text size="xs" c="dimmed">
                {t.courses.form.nothingChanged}
              </Text>
            )}
          </Group>
        )}
      </Stack>
      <UnsavedGuard dirty={dirty && !change.isPending} within={`/o/${organizationId}/courses/${course.id}`} />
    </form>
  );
}
