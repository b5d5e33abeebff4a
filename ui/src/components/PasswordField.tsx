import { PasswordInput, type PasswordInputProps } from "@mantine/core";
import { useStrings } from "../strings";

/** A password: shown on request, never corrected or stored by the page. */
export function PasswordField(props: PasswordInputProps) {
  const t = useStrings();
  return (
    <PasswordInput
      autoCapitalize="off"
      autoCorrect="off"
      spellCheck={false}
      visibilityToggleButtonProps={{ "aria-label": t.sessions.showPassword, tabIndex: 0 }}
      {...props}
    />
  );
}
