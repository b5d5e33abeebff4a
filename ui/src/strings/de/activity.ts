import type { Strings } from "..";

export const activity: Strings["activity"] = {};
