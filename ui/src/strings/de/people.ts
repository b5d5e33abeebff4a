import type { Strings } from "..";

export const people: Strings["people"] = {};
