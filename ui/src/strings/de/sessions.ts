import type { Strings } from "..";

export const sessions: Strings["sessions"] = {};
