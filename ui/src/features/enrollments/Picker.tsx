import { Loader, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFormat } from "../../format";
import { type Page, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import classes from "./enrollments.module.css";

/** One row chosen from the server: what is shown of it, and its id. */
export type Choice = { id: string; label: string; hint: string };

type Common = {
  organizationId: string;
  label: string;
  /** For filters: the label is read out, not shown. */
  hideLabel?: boolean;
  name?: string;
  focusFirst?: boolean;
  clearable?: boolean;
  disabled?: boolean;
  placeholder?: string;
  width?: number;
  value: Choice | null;
  onChange: (choice: Choice | null) => void;
  onBlur?: () => void;
  error?: string | null;
};

const shown = 20;
/** The last line of a long answer, which cannot be chosen. */
const more = "more";
const few = { descending: false, cursor: null, limit: shown, archived: false };

export function PersonPicker(props: Common) {
  const t = useStrings();
  const { organizationId } = props;
  return (
    <Picker
      {...props}
      placeholder={props.placeholder ?? t.enrollments.form.personPlaceholder}
      concept="people"
      find={async (search) => {
        const page = await platform.listPeople(organizationId, { ...few, search, sort: "name", role: null, isActive: null });
        return { ...page, rows: page.rows.map(({ personId, name, email }) => ({ id: personId, label: name, hint: email })) };
      }}
    />
  );
}

export function CoursePicker(props: Common) {
  const t = useStrings();
  const { organizationId } = props;
  return (
    <Picker
      {...props}
      placeholder={props.placeholder ?? t.enrollments.form.coursePlaceholder}
      concept="courses"
      find={async (search) => {
        const page = await platform.listCourses(organizationId, { ...few, search, sort: "title", status: null });
        return {
          ...page,
          rows: page.rows.map(({ id, title, category, publishedAt }) => ({
            id,
            label: title,
            hint: [category, publishedAt === null ? t.courses.notPublished : ""].filter(Boolean).join(" · "),
          })),
        };
      }}
    />
  );
}

/** Chooses one row by searching on the server while typing; arrows walk the answers, Enter chooses. */
function Picker({ concept, find, ...props }: Common & { concept: "people" | "courses"; find: (search: string) => Promise<Page<Choice>> }) {
  const t = useStrings();
  const format = useFormat();
  const [text, setText] = useState(props.value?.label ?? "");
  const [opened, setOpened] = useState(false);
  // The label of what is chosen is not a search.
  const typed = text === props.value?.label ? "" : text.trim();
  const [asked] = useDebouncedValue(typed, 180);
  const query = useQuery({
    queryKey: keyOf(props.organizationId, concept, "picker", asked),
    queryFn: () => find(asked),
    enabled: opened,
    placeholderData: keepPreviousData,
  });
  // Answers to an earlier word are not offered: a quick Enter would choose somebody else.
  const isStale = asked !== typed || query.isPlaceholderData;
  const found = isStale ? [] : (query.data?.rows ?? []);
  const { value } = props;
  const all = value && !found.some(({ id }) => id === value.id) ? [value, ...found] : found;
  const waiting = opened && (query.isFetching || isStale);
  const total = query.data?.total ?? null;
  const hints = new Map(all.map(({ id, hint }) => [id, hint]));
  return (
    <Select
      label={props.hideLabel ? undefined : props.label}
      aria-label={props.hideLabel ? props.label : undefined}
      name={props.name}
      data-autofocus={props.focusFirst || undefined}
      placeholder={props.placeholder}
      disabled={props.disabled}
      w={props.width}
      error={props.error}
      searchable
      // Opened before it was asked for, the list would cover the field below.
      openOnFocus={false}
      clearable={props.clearable}
      // The library hides this button from the keyboard; a filter must be droppable without a mouse.
      clearButtonProps={{ "aria-label": t.enrollments.picker.clear, "aria-hidden": false, tabIndex: 0 }}
      maxDropdownHeight={280}
      filter={({ options }) => options}
      data={[
        ...all.map(({ id, label }) => ({ value: id, label })),
        ...(query.data?.nextCursor && found.length > 0
          ? [{ value: more, label: t.enrollments.picker.typeMore(format.number(found.length), total === null ? null : format.number(total)), disabled: true }]
          : []),
      ]}
      value={value?.id ?? null}
      onChange={(id) => props.onChange(all.find((choice) => choice.id === id) ?? null)}
      searchValue={text}
      onSearchChange={(next) => {
        setText(next);
        if (next === "" && props.clearable && value !== null) props.onChange(null);
      }}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      onBlur={props.onBlur}
      rightSection={waiting ? <Loader size={14} /> : undefined}
      nothingFoundMessage={query.error ? query.error.message : waiting ? t.enrollments.picker.searching : t.enrollments.picker.nothing}
      renderOption={({ option }) =>
        option.value === more ? (
          <Text size="xs">{option.label}</Text>
        ) : (
        <div className={classes.option}>
          <Text size="sm" truncate>
            <bdi>{option.label}</bdi>
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {hints.get(option.value)}
          </Text>
        </div>
        )
      }
    />
  );
}
