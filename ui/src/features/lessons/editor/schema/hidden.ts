import type { Attributes } from "@tiptap/core";

/** Carried by every block: its id, and what a newer version wrote that this one does not know. Neither is read from pasted HTML. */
export const hidden: Attributes = {
  id: { default: undefined, rendered: false, keepOnSplit: false, parseHTML: () => null },
  rest: { default: undefined, rendered: false, keepOnSplit: false, parseHTML: () => null },
};
export const hiddenRest: Attributes = { rest: hidden.rest! };

/** An attribute that is absent unless somebody set it, so what was not there is not written either. */
export const optional = (parseHTML: (element: HTMLElement) => unknown = () => null) => ({ default: undefined, rendered: false, parseHTML });
