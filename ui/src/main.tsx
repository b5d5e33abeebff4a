import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./theme.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
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
  createRoot(root).render(
    <StrictMode>
      <App client={client} router={makeRouter(client)} />
    </StrictMode>,
  );
}

void start();
