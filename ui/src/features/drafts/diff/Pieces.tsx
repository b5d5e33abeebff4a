import { VisuallyHidden } from "@mantine/core";
import type { Piece, PieceKind } from "../../../platform";
import { useAuthoringStrings } from "../../../strings/authoring";
import classes from "./diff.module.css";

/** Words with what was added and removed: underlined, struck through and said, never told by colour alone. */
export function Pieces({ pieces, without }: { pieces: Piece[]; without?: PieceKind }) {
  const t = useAuthoringStrings().diff;
  return pieces
    .filter((piece) => piece.kind !== without)
    .map((piece, at) => {
      if (piece.kind === "same") return <span key={at}>{piece.text}</span>;
      const Tag = piece.kind === "added" ? "ins" : "del";
      return (
        <Tag key={at} className={classes[piece.kind]}>
          <VisuallyHidden component="span">{t[piece.kind]} </VisuallyHidden>
          {piece.text}
        </Tag>
      );
    });
}
