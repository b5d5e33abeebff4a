import { Group, NumberInput, Select, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import type { Fields, Rules } from "../../components/fields";
import type { Level } from "../../platform";
import { type Strings, useStrings } from "../../strings";
import { categoryProblem, cleanTags, type CourseProblem, descriptionProblem, lengthOf, levels, limits, priceProblem, tagsProblem, titleProblem } from "./rules";

export type CourseValues = {
  title: string;
  description: string;
  level: Level;
  category: string;
  tags: string[];
  /** Whole units of money as typed; the server's field is `priceCents`. */
  priceCents: number | string;
};

export const told = (t: Strings, problem: CourseProblem | null) => (problem === null ? null : t.courses.problems[problem]);

export function courseRules(t: Strings): Rules<CourseValues> {
  return {
    title: (title) => told(t, titleProblem(title)),
    description: (description) => told(t, descriptionProblem(description)),
    category: (category) => told(t, categoryProblem(category)),
    tags: (tags) => told(t, tagsProblem(tags)),
    priceCents: (price) => told(t, priceProblem(price)),
  };
}

/** The fields a course is described by, the same when it is created and when it is changed. */
export function CourseFields<V extends CourseValues>({ fields, disabled, focusFirst }: { fields: Fields<V>; disabled?: boolean; focusFirst?: boolean }) {
  const t = useStrings();
  const of = fields as unknown as Fields<CourseValues>;
  const tags = of.bind("tags");
  const description = of.bind("description");
  return (
    <>
      <TextInput
        label={t.courses.form.name}
        disabled={disabled}
        data-autofocus={focusFirst || undefined}
        dir="auto"
        {...of.bind("title")}
      />
      <Textarea
        label={`${t.courses.form.description} (${t.words.optional})`}
        description={t.courses.form.descriptionHint}
        minRows={4}
        disabled={disabled}
        dir="auto"
        inputWrapperOrder={["label", "description", "input", "error"]}
        {...description}
      />
      {description.error === null && <Remaining text={of.values.description} limit={limits.description} />}
      <Group grow align="flex-start" gap="sm">
        <Select
          label={t.courses.form.level}
          disabled={disabled}
          data={levels.map((level) => ({ value: level, label: t.courses.level[level] }))}
          {...of.bind("level")}
        />
        <TextInput label={`${t.courses.form.category} (${t.words.optional})`} disabled={disabled} dir="auto" {...of.bind("category")} />
      </Group>
      <TagsInput
        label={`${t.courses.form.tags} (${t.words.optional})`}
        description={t.courses.form.tagsHint}
        disabled={disabled}
        splitChars={[",", ";", "\n", "\t"]}
        acceptValueOnBlur
        {...tags}
        onChange={(next) => tags.onChange(cleanTags(next))}
      />
      <NumberInput
        label={t.courses.form.price}
        description={t.courses.form.priceHint}
        disabled={disabled}
        w={200}
        decimalScale={2}
        fixedDecimalScale
        thousandSeparator=" "
        hideControls
        inputMode="decimal"
        classNames={{ input: "tabular" }}
        {...of.bind("priceCents")}
      />
    </>
  );
}

/** How much may still be written, told only when it is getting scarce. */
export function Remaining({ text, limit }: { text: string; limit: number }) {
  const t = useStrings();
  const left = limit - lengthOf(text);
  if (left > limit / 5) return null;
  return (
    <Text size="xs" c={left < 0 ? "var(--bad)" : "dimmed"} ta="end" mt={-10} className="tabular" aria-live="polite">
      {t.courses.form.left(left)}
    </Text>
  );
}
