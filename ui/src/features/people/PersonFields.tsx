import { Textarea, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import "dayjs/locale/de";
import type { Fields } from "../../components/fields";
import { languagePreference } from "../../preferences";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { bioLimit, dayWritten } from "./rules";

export type ProfileFields = { phone: string; bornOn: string | null; bio: string };

/** Phone, birth date and a few words: what every form about a person has. */
export function ProfileInputs<Values extends ProfileFields>({ fields }: { fields: Fields<Values> }) {
  const t = useStrings();
  const language = useStore(languagePreference);
  const bind = fields.bind as unknown as Fields<ProfileFields>["bind"];
  const bio = bind("bio");
  const bornOn = bind("bornOn");
  const left = bioLimit - [...bio.value].length;
  return (
    <>
      <TextInput type="tel" label={`${t.people.phone} (${t.words.optional})`} {...bind("phone")} />
      <DateInput
        label={`${t.people.bornOn} (${t.words.optional})`}
        valueFormat="YYYY-MM-DD"
        placeholder="YYYY-MM-DD"
        minDate="1900-01-01"
        maxDate="2199-12-31"
        defaultLevel="decade"
        clearable
        locale={language}
        popoverProps={{ withinPortal: true }}
        {...bornOn}
        value={dayWritten(bornOn.value ?? "")}
        // Whatever is typed stays as it is and is judged: the calendar's own reading would make 31/12/1999 a day of 1931.
        dateParser={dayWritten}
        fixOnBlur={false}
        onInput={(event) => bornOn.onChange(event.currentTarget.value)}
      />
      <Textarea label={`${t.people.bio} (${t.words.optional})`} description={left < 100 ? t.people.bioLeft(left) : undefined} {...bio} />
    </>
  );
}
