import { type Extensions, getSchema } from "@tiptap/core";
import { BulletList, ListItem, OrderedList, TaskItem, TaskList } from "./lists";
import { Bold, Code, Highlight, Italic, Link, Strike, Subscript, Superscript, Underline } from "./marks";
import { Attachment, Image, MathBlock, MathInline, Video } from "./media";
import { Table, TableCell, TableHeader, TableRow } from "./table";
import { Blockquote, Callout, CodeBlock, Doc, HardBreak, Heading, HorizontalRule, Paragraph, Text } from "./text";
import { UnknownBlock, UnknownInline, UnknownMark } from "./unknown";

export const schemaExtensions: Extensions = [
  Doc, Text, Paragraph, Heading, Blockquote, Callout, CodeBlock, HorizontalRule, HardBreak,
  BulletList, OrderedList, ListItem, TaskList, TaskItem,
  Table, TableRow, TableHeader, TableCell,
  Image, Attachment, Video, MathBlock, MathInline,
  Link, Bold, Italic, Underline, Strike, Code, Highlight, Subscript, Superscript,
  UnknownBlock, UnknownInline, UnknownMark,
];

export const lessonSchema = getSchema(schemaExtensions);
