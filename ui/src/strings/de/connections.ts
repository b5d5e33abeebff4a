import type { Strings } from "..";

export const connections: Strings["connections"] = {};
