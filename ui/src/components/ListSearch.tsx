import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useStrings } from "../strings";

/** The search of a list: asks the server a moment after the last key. Ctrl+F comes here from anywhere on the page. */
export function ListSearch({ label, value, onSearch }: { label: string; value: string; onSearch: (search: string) => void }) {
  const t = useStrings();
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback((search: string) => {
    setTold(search);
    onSearch(search);
  }, 200);
  // The address may change on its own (back, a link with a search in it).
  if (value !== told) {
    setTold(value);
    setTyped(value);
  }
  const search = (next: string) => {
    setTyped(next);
    tell(next.trim());
  };
  return (
    <TextInput
      type="search"
      size="xs"
      w={240}
      data-list-search
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={typed}
      onChange={(event) => search(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && typed !== "") {
          event.stopPropagation();
          search("");
        }
      }}
      rightSection={typed === "" ? null : <CloseButton size="xs" aria-label={t.words.clear} onClick={() => search("")} />}
    />
  );
}
