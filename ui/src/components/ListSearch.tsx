import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useStrings } from "../strings";

/** The search of a list. Asks the server once typing rests; Esc empties it. */
export function ListSearch({ label, value, onSearch }: { label: string; value: string; onSearch: (text: string) => void }) {
  const t = useStrings();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((next: string) => {
    told.current = next;
    onSearch(next);
  }, 220);
  // An address that changed by other means (back, "show all") is shown; one's own words come back late and are not.
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  const write = (next: string) => {
    setText(next);
    tell(next.trim());
  };
  return (
    <TextInput
      flex="1 1 180px"
      maw={260}
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || text === "") return;
        event.preventDefault();
        event.stopPropagation();
        write("");
      }}
      maxLength={200}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text !== "" && <CloseButton size="sm" aria-label={t.words.clear} onClick={() => write("")} />}
      data-list-search
    />
  );
}
