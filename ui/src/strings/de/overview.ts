import type { Strings } from "..";

export const overview: Strings["overview"] = {};
