// Alone in its file, so only the engine comes along and not every language there is.
export { createLowlight } from "lowlight";
