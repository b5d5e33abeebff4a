// The library in a layer, so that a rule of ours wins whatever order the bundler links the files in.
import "@mantine/core/styles.layer.css";
import "@mantine/dates/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "./theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { keepFocusWhileWaiting } from "./components/focus";
import { replacePlatform } from "./platform";
import { makeQueryClient } from "./queries";
import { makeRouter } from "./router";

/** Draws the page that the address names in place of what `index.html` shows until then. */
export async function start(): Promise<void> {
  // Constants of the build: a build for people (mode "production") holds no trace of the platform in memory.
  const asked = import.meta.env.VITE_FAKE === "1" || new URLSearchParams(location.search).has("fake") || sessionStorage.getItem("fake") !== null;
  if (import.meta.env.MODE === "fake" || (import.meta.env.DEV && asked)) {
    const { fakeWorld, rememberedScenario } = await import("./platform.fake");
    const { platform, drafts } = fakeWorld(rememberedScenario());
    replacePlatform(platform, drafts);
  }
  const client = makeQueryClient();
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  keepFocusWhileWaiting();
  const router = makeRouter(client);
  // The first page is there when React draws for the first time: nothing blank comes between it and the opening mark.
  await router.load();
  createRoot(root).render(
    <StrictMode>
      <App client={client} router={router} />
    </StrictMode>,
  );
}
