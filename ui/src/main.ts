/**
 * The window shows what `index.html` draws, and only then reads the pages: what is imported here statically, or read at the
 * same time, makes that first picture late.
 */
async function firstPictureIsShown(): Promise<void> {
  await new Promise<void>((painted) => {
    new PerformanceObserver(() => painted()).observe({ type: "paint", buffered: true });
  });
  // Painted is not yet shown. The next frame is granted when the last one is on its way, the one after it when it arrived.
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}

/** A window that starts out of sight is given no frames. */
const patience = new Promise((over) => setTimeout(over, document.visibilityState === "visible" ? 3000 : 0));

void Promise.race([firstPictureIsShown(), patience])
  .then(() => import("./start"))
  .then(({ start }) => start());
