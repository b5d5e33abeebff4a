import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight, useSpotlight } from "@mantine/spotlight";
import { IconBook2, IconPlus, IconSearch, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type ListQuery, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { useMayManage } from "../sessions/session";
import { sectionName, useSections } from "./sections";

const few: Omit<ListQuery, "search" | "sort"> = { descending: false, cursor: null, limit: 6, archived: false };

const [store, palette] = createSpotlight();
export const openPalette = palette.open;

/** The first of what is offered, so that Enter takes it. Answers of the server come after the library has looked. */
function chooseFirst() {
  const list = document.getElementById(store.getState().listId);
  const first = list?.querySelector("[data-action]");
  if (!first) return false;
  list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
  first.setAttribute("data-selected", "true");
  store.updateState((state) => ({ ...state, selected: 0 }));
  return true;
}

/** Search over people, courses and commands, from anywhere (Ctrl+K). */
export function Palette({ organizationId }: { organizationId: string }) {
  const t = useStrings();
  const navigate = useNavigate();
  const mayManage = useMayManage();
  const sections = useSections();
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query.trim(), 180);
  const enabled = asked.length > 0;

  const people = useQuery({
    queryKey: keyOf(organizationId, "people", "palette", asked),
    queryFn: () => platform.listPeople(organizationId, { ...few, search: asked, sort: "name", role: null, isActive: null }),
    enabled,
  });
  const courses = useQuery({
    queryKey: keyOf(organizationId, "courses", "palette", asked),
    queryFn: () => platform.listCourses(organizationId, { ...few, search: asked, sort: "title", status: null }),
    enabled,
  });

  const params = { organizationId };
  const adding = { adding: true };
  const commands = [
    ...sections.map((section) => ({
      label: t.shell.goTo(sectionName(t, section.id)),
      icon: section.icon,
      run: () => navigate({ to: section.to, params }),
    })),
    ...(mayManage
      ? [
          { label: t.shell.addPerson, icon: IconPlus, run: () => navigate({ to: "/o/$organizationId/people", params, search: adding }) },
          { label: t.shell.createCourse, icon: IconPlus, run: () => navigate({ to: "/o/$organizationId/courses", params, search: adding }) },
          { label: t.shell.enrollPerson, icon: IconPlus, run: () => navigate({ to: "/o/$organizationId/enrollments", params, search: adding }) },
        ]
      : []),
  ].filter((command) => command.label.toLowerCase().includes(query.trim().toLowerCase()));

  const foundPeople = enabled ? (people.data?.rows ?? []) : [];
  const foundCourses = enabled ? (courses.data?.rows ?? []) : [];
  const { opened } = useSpotlight(store);
  const offered = [...foundPeople.map(({ personId }) => personId), ...foundCourses.map(({ id }) => id), ...commands.map(({ label }) => label)].join(" ");
  useEffect(() => {
    if (!opened || offered === "") return;
    // The list is put into the page after this, and a palette that opens takes a few frames more.
    let frame = 0;
    const look = (looks: number) => {
      frame = requestAnimationFrame(() => void (chooseFirst() || looks === 0 || look(looks - 1)));
    };
    look(30);
    return () => cancelAnimationFrame(frame);
  }, [opened, offered]);
  const nothing = commands.length + foundPeople.length + foundCourses.length === 0;

  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut={["mod + K"]} centered={false} yOffset="12vh" scrollable maxHeight={420} onSpotlightOpen={() => setQuery("")} attributes={{ content: { "aria-label": t.shell.paletteLabel } }} overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}>
      <Spotlight.Search
        placeholder={t.shell.paletteType}
        aria-label={t.shell.paletteLabel}
        leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {foundPeople.length > 0 && (
          <Spotlight.ActionsGroup label={t.shell.palettePeople}>
            {foundPeople.map((person) => (
              <Spotlight.Action
                key={person.personId}
                label={person.name}
                description={person.email}
                leftSection={<IconUser size={18} stroke={1.6} aria-hidden />}
                onClick={() =>
                  void navigate({ to: "/o/$organizationId/people/$personId", params: { organizationId, personId: person.personId } })
                }
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {foundCourses.length > 0 && (
          <Spotlight.ActionsGroup label={t.shell.paletteCourses}>
            {foundCourses.map((course) => (
              <Spotlight.Action
                key={course.id}
                label={course.title}
                description={course.category}
                leftSection={<IconBook2 size={18} stroke={1.6} aria-hidden />}
                onClick={() => void navigate({ to: "/o/$organizationId/courses/$courseId", params: { organizationId, courseId: course.id } })}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {commands.length > 0 && (
          <Spotlight.ActionsGroup label={t.shell.paletteCommands}>
            {commands.map((command) => (
              <Spotlight.Action
                key={command.label}
                label={command.label}
                leftSection={<command.icon size={18} stroke={1.6} aria-hidden />}
                onClick={() => void command.run()}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {nothing && (
          <Spotlight.Empty>{people.isFetching || courses.isFetching || asked !== query.trim() ? t.words.loading : t.shell.paletteNothing}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
