import type { Strings } from "..";

export const courses: Strings["courses"] = {};
