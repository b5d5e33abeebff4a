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

async function start() {
  // Constants of the build: a build for people (mode "production") holds no trace of the platform in memory.
  const asked = import.meta.env.VITE_FAKE === "1" || new URLSearchParams(location.search).has("fake") || sessionStorage.getItem("fake") !== null;
  if (import.meta.env.MODE === "fake" || (import.meta.env.DEV && asked)) {
    const { fakePlatform, rememberedScenario } = await import("./platform.fake");
    replacePlatform(fakePlatform(rememberedScenario()));
  }
  const client = makeQueryClient();
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  keepFocusWhileWaiting();
  createRoot(root).render(
    <StrictMode>
      <App client={client} router={makeRouter(client)} />
    </StrictMode>,
  );
}

void start();
