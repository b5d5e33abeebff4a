import { notifications } from "@mantine/notifications";
import { failureFrom } from "../../platform";
import { languagePreference } from "../../preferences";
import { stringsOf } from "../../strings";

/** A refused action that has no place of its own on the page: told once, with its next step, until it is closed. */
export function tellRefusal(thrown: unknown): void {
  const failure = failureFrom(thrown);
  if (failure.code === "cancelled") return;
  const { close } = stringsOf(languagePreference.get()).words;
  notifications.show({ color: "red", title: failure.message, message: failure.nextStep ?? "", role: "alert", autoClose: 12_000, closeButtonProps: { "aria-label": close } });
}
