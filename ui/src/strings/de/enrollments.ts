import type { Strings } from "..";

export const enrollments: Strings["enrollments"] = {};
