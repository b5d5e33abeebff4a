import { Checkbox, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { type DraftCourse, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { draftsQuery } from "./drafts";
import classes from "./drafts.module.css";

/** Courses one teaches are ticked from the start; nothing is kept that was not seen here. */
export function ChooseCourses({ organizationId, onClose }: { organizationId: string; onClose: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const client = useQueryClient();
  const query = useQuery({ queryKey: keyOf(organizationId, "courses", "draftable"), queryFn: () => platform.listDraftCourses(organizationId), staleTime: 0 });
  const [ticked, setTicked] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [none, setNone] = useState(false);
  const [search, setSearch] = useState("");
  const courses = query.data ?? [];
  const isTicked = (course: DraftCourse) => course.isKept || (ticked.get(course.courseId) ?? (course.duty === "lead" || course.duty === "instructor"));
  const chosen = courses.filter((course) => !course.isKept && isTicked(course));
  const wanted = search.trim().toLocaleLowerCase();
  const shown = courses.filter((course) => course.title.toLocaleLowerCase().includes(wanted)).toSorted((a, b) => Number(b.duty !== null) - Number(a.duty !== null));

  const keep = useMutation({
    // One after the other: the first ones are kept even if a later one is refused.
    mutationFn: async (kept: DraftCourse[]) => {
      for (const { courseId } of kept) await platform.keepCourse(organizationId, courseId);
    },
    onSuccess: (_, kept) => {
      say(t.drafts.choose.kept1(kept.length, format.number(kept.length)));
      onClose();
    },
    onSettled: () => Promise.all([query.refetch(), client.invalidateQueries({ queryKey: draftsQuery.queryKey })]),
  });

  return (
    <FormPanel
      title={t.drafts.choose.title}
      opened
      dirty={ticked.size > 0}
      pending={keep.isPending}
      failure={keep.error}
      submitLabel={t.drafts.choose.keep(chosen.length, format.number(chosen.length))}
      onSubmit={(event) => {
        event?.preventDefault();
        setNone(chosen.length === 0);
        if (chosen.length > 0) keep.mutate(chosen);
      }}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        {t.drafts.choose.intro}
      </Text>
      <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && (
        <Stack gap="sm" role="status" aria-label={t.words.loading}>
          {[70, 55, 80, 60].map((width) => (
            <Skeleton key={width} h={22} w={`${width}%`} />
          ))}
        </Stack>
      )}
      {courses.length > 8 && (
        <TextInput type="search" aria-label={t.drafts.choose.search} placeholder={t.drafts.choose.search} leftSection={<IconSearch size={15} aria-hidden />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
      )}
      {query.data && shown.length === 0 && (
        <Text size="sm" c="dimmed">
          {courses.length === 0 ? t.drafts.choose.nothing : t.drafts.choose.nothingFound}
        </Text>
      )}
      {none && chosen.length === 0 && (
        <Text size="sm" c="var(--bad)" role="alert">
          {t.drafts.choose.pick}
        </Text>
      )}
      <div className={classes.ticks}>
        {shown.map((course) => (
          <Checkbox
            key={course.courseId}
            label={<span dir="auto">{course.title}</span>}
            description={course.isKept ? t.drafts.choose.kept : course.duty ? t.courses.staff.duties[course.duty] : undefined}
            checked={isTicked(course)}
            disabled={course.isKept}
            onChange={(event) => setTicked(new Map([...ticked, [course.courseId, event.currentTarget.checked]]))}
          />
        ))}
      </div>
    </FormPanel>
  );
}
