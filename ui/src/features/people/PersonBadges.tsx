import { Badge } from "@mantine/core";
import type { PersonRow } from "../../platform";
import { useStrings } from "../../strings";

/** What keeps a person out, if anything does. */
export function PersonState({ person }: { person: Pick<PersonRow, "isActive" | "archivedAt"> }) {
  const t = useStrings();
  if (person.archivedAt) {
    return (
      <Badge size="sm" variant="light" color="gray">
        {t.people.archived}
      </Badge>
    );
  }
  if (person.isActive) return null;
  return (
    <Badge size="sm" variant="light" color="amber">
      {t.people.disabled}
    </Badge>
  );
}
