// The window opens the server used last by itself, but only once and only when it starts: whoever left a server wants to choose.
let mayOpenAlone = true;

/** The connection to open without being asked, or null. */
export function openAlone(lastUsed: string | null): string | null {
  const name = mayOpenAlone ? lastUsed : null;
  mayOpenAlone = false;
  return name;
}

export function chooseFromNowOn(): void {
  mayOpenAlone = false;
}

/** For a test that starts the window anew. */
export function startAnew(): void {
  mayOpenAlone = true;
}
