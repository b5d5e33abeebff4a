import { Loader, TextInput } from "@mantine/core";
import { IconFile, IconFolder, IconListCheck } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { newId } from "../../ids";
import { failureFrom } from "../../platform";
import { useStrings } from "../../strings";
import { told } from "./courseFields";
import { titleProblem } from "./rules";
import type { Adding } from "./tree";
import classes from "./tree.module.css";

/** A title being written in the tree. Enter adds it and the next can be typed at once; Esc, or leaving it empty, ends. */
export function NewRow(props: {
  adding: Adding;
  add: (row: Adding & { id: string; title: string }) => Promise<unknown>;
  onAdded: (id: string, title: string) => void;
  onEnd: () => void;
}) {
  const t = useStrings();
  const { adding } = props;
  const [title, setTitle] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(0);
  // Whoever types fast writes the next title while the last is on its way; they are added one after the other.
  const line = useRef<Promise<void>>(Promise.resolve());
  const last = useRef(adding.after);
  const refused = useRef<{ name: string; id: string } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const { what, subCourseId, after } = adding;
  const place = `${what} ${subCourseId} ${after}`;
  useEffect(() => {
    if (place === "") return;
    input.current?.focus();
    input.current?.scrollIntoView({ block: "nearest" });
  }, [place]);

  const label = what === "lesson" ? t.courses.tree.newLesson : what === "quiz" ? t.courses.tree.newQuiz : t.courses.tree.newSubCourse;
  const add = () => {
    const problem = told(t, titleProblem(title));
    setError(problem);
    if (problem !== null) return;
    const name = title.trim();
    // The same title sent again is the same row: nothing is added twice when only the answer was lost.
    const id = refused.current?.name === name ? refused.current.id : newId();
    refused.current = null;
    setTitle("");
    setSending((count) => count + 1);
    line.current = line.current.then(async () => {
      try {
        await props.add({ id, title: name, what, subCourseId, after: last.current });
        last.current = id;
        props.onAdded(id, name);
      } catch (thrown) {
        const failure = failureFrom(thrown);
        refused.current = { name, id };
        setTitle((now) => (now === "" ? name : now));
        setError([`${name}:`, failure.message, failure.nextStep].filter(Boolean).join(" "));
      }
      setSending((count) => count - 1);
    });
  };
  const Icon = what === "lesson" ? IconFile : what === "quiz" ? IconListCheck : IconFolder;
  return (
    <div role="treeitem" aria-level={subCourseId === null ? 1 : 2} aria-label={label} aria-selected={false} className={classes.row} data-level={subCourseId === null ? 1 : 2} data-writing>
      <span className={classes.toggle}>
        <Icon size={16} aria-hidden />
      </span>
      <TextInput
        ref={input}
        className={classes.input}
        size="xs"
        value={title}
        aria-label={label}
        placeholder={label}
        description={t.courses.tree.newHint}
        inputWrapperOrder={["label", "input", "error", "description"]}
        error={error}
        dir="auto"
        rightSection={sending > 0 && <Loader size={14} />}
        onChange={(event) => {
          setTitle(event.currentTarget.value);
          setError(event.currentTarget.value === "" ? null : told(t, titleProblem(event.currentTarget.value)));
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") {
            event.preventDefault();
            add();
          } else if (event.key === "Escape") {
            event.preventDefault();
            props.onEnd();
          }
        }}
        onBlur={() => {
          if (title.trim() === "" && sending === 0) props.onEnd();
        }}
      />
    </div>
  );
}
