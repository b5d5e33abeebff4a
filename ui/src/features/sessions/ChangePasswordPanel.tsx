import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { PasswordField } from "../../components/PasswordField";
import { say } from "../../components/undo";
import { platform } from "../../platform";
import { useStrings } from "../../strings";
import { newPasswordRule, passwordGiven } from "./rules";

export function ChangePasswordPanel({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useStrings();
  const change = useMutation({
    mutationFn: (values: { currentPassword: string; newPassword: string }) => platform.changePassword(values.currentPassword, values.newPassword),
    onSuccess: () => {
      close();
      say(t.sessions.changePasswordDone);
    },
  });
  const [rules] = useState(() => ({ currentPassword: passwordGiven(t), newPassword: newPasswordRule(t) }));
  const fields = useFields({ currentPassword: "", newPassword: "" }, rules, change.error);
  // Passwords do not stay in memory longer than the form.
  const close = () => {
    fields.reset();
    change.reset();
    onClose();
  };
  return (
    <FormPanel
      title={t.sessions.changePasswordTitle}
      opened={opened}
      dirty={fields.dirty}
      pending={change.isPending}
      failure={fields.unplaced}
      submitLabel={t.sessions.changePasswordSubmit}
      onSubmit={fields.submit((values) => change.mutate(values))}
      onClose={close}
    >
      <PasswordField label={t.sessions.currentPassword} autoComplete="current-password" data-autofocus {...fields.bind("currentPassword")} />
      <PasswordField label={t.sessions.newPassword} description={t.sessions.passwordHint} autoComplete="new-password" {...fields.bind("newPassword")} />
    </FormPanel>
  );
}
