import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { languagePreference } from "./preferences";
import type { makeRouter } from "./router";
import { useStore } from "./store";
import { theme } from "./theme";

export function App({ client, router }: { client: QueryClient; router: ReturnType<typeof makeRouter> }) {
  const language = useStore(languagePreference);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" env={import.meta.env.MODE === "test" ? "test" : "default"}>
      <QueryClientProvider client={client}>
        <Notifications position="bottom-center" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
