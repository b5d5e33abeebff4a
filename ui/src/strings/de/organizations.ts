import type { Strings } from "..";

export const organizations: Strings["organizations"] = {};
