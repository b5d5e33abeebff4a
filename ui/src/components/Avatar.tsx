import { Avatar as MantineAvatar } from "@mantine/core";

/** Initials in any script: the first letter of the first and of the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** Decoration beside a name; pictures are never loaded from elsewhere. */
export function Avatar({ name, size }: { name: string; size: number }) {
  return (
    <MantineAvatar size={size} radius="xl" color="ink" variant="light" aria-hidden alt="" styles={{ placeholder: { fontSize: size * 0.4, fontWeight: 600 } }}>
      {initialsOf(name)}
    </MantineAvatar>
  );
}
