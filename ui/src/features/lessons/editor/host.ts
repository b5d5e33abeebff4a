import type { EditorStrings } from "../../../strings/editor";

export type Attached = { attachment: string; name?: string; size_bytes?: number; mime?: string };
export type AttachOptions = { progress: (share: number) => void; signal: AbortSignal };
/** Keeps the bytes of a file. What it throws is shown with its message. */
export type Attach = (file: File, options: AttachOptions) => Promise<Attached>;
/** Where an attachment can be shown from (`asset:`, `data:`), or null when it is not on this computer. */
export type Images = (attachment: string) => Promise<string | null>;

export type Box = "link" | "block";

/** What the editor's plugins ask of the component around them. One object for the life of the editor; its fields change. */
export type Host = {
  strings: EditorStrings;
  number: (value: number) => string;
  attach: Attach | null;
  images: Images | null;
  /** Bytes a file may have. */
  limit: number;
  openOutside: (url: string) => void;
  /** A sentence for the person, seen and announced. */
  tell: (sentence: string, kind?: "note" | "refusal") => void;
  /** Shows the box of the link or block at the selection and puts the focus into it. */
  openBox: (box: Box) => void;
  find: (replacing: boolean) => void;
  focusToolbar: () => void;
  pickFile: (kind: "image" | "any") => void;
  slashKey: (event: KeyboardEvent) => boolean;
  /** The open menu takes the keys until it says otherwise. */
  onSlashKey: (take: (event: KeyboardEvent) => boolean) => () => void;
  confirmRemoval: (remove: () => void) => void;
  /** Parts drawn outside React that must be drawn again when the language changes. */
  redraw: Set<() => void>;
};
