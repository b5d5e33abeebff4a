import { DateTimePicker } from "@mantine/dates";
import "dayjs/locale/de";
import { useId } from "react";
import { useFormat } from "../../format";
import { useStrings } from "../../strings";

/** A day and a time on the organization's clock, or none. */
export function AvailabilityField(props: {
  label: string;
  disabled: boolean;
  field: { name: string; value: string | null; onChange: (value: string | null) => void; onBlur: () => void; error: string | null };
}) {
  const t = useStrings();
  const { locale } = useFormat();
  const id = useId();
  const { field } = props;
  const words = t.courses.calendar;
  return (
    <DateTimePicker
      // The calendar is named by its field: both must agree on the id.
      id={id}
      popoverProps={{ id, returnFocus: true }}
      label={props.label}
      name={field.name}
      value={field.value}
      onChange={(value) => field.onChange(value)}
      onBlur={field.onBlur}
      error={field.error}
      disabled={props.disabled}
      placeholder={t.courses.form.anyTime}
      valueFormat="YYYY-MM-DD HH:mm"
      locale={locale.split("-")[0]}
      clearable
      clearButtonProps={{ "aria-label": t.words.clear }}
      hideOutsideDates
      previousLabel={words.previous}
      nextLabel={words.next}
      submitButtonProps={{ "aria-label": words.accept }}
      timePickerProps={{ hoursInputLabel: words.hours, minutesInputLabel: words.minutes }}
    />
  );
}
