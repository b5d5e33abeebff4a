import { Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { useFields } from "../../components/fields";
import { PasswordField } from "../../components/PasswordField";
import { textBetween1And, textUpTo } from "../../components/rules";
import { platform } from "../../platform";
import { useStrings } from "../../strings";
import { Gate } from "./Gate";
import { useLeave, useSignedIn } from "./leave";
import { emailRule, newPasswordRule, passwordGiven } from "./rules";
import { useSession } from "./session";

/** The first person of a new database. On this computer nothing proves the right to it; elsewhere a one-time code does. */
export function FirstOwnerPage() {
  const t = useStrings();
  const isLocal = useSession()?.connected?.isLocal ?? false;
  const signedIn = useSignedIn();
  const leave = useLeave();
  const create = useMutation({
    mutationFn: (values: { code: string; name: string; email: string; password: string; organizationName: string }) =>
      platform.createFirstOwner({
        code: isLocal ? null : values.code.trim(),
        name: values.name.trim(),
        email: values.email.trim(),
        password: values.password,
        organizationName: values.organizationName.trim() || null,
      }),
    onSuccess: signedIn,
  });
  const [rules] = useState(() => ({
    code: isLocal ? undefined : passwordGiven(t),
    name: textBetween1And(t, 200),
    email: emailRule(t),
    password: newPasswordRule(t),
    organizationName: textUpTo(t, 200),
  }));
  const fields = useFields({ code: "", name: "", email: "", password: "", organizationName: "" }, rules, create.error);
  return (
    <Gate
      title={t.sessions.firstTitle}
      text={isLocal ? t.sessions.firstLocal : t.sessions.firstServer}
      under={
        <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => leave.connection.mutate()}>
          {t.sessions.otherServer}
        </Anchor>
      }
    >
      <form noValidate onSubmit={fields.submit((values) => create.mutate(values))} aria-busy={create.isPending}>
        <Stack gap="md">
          {!isLocal && <TextInput label={t.sessions.firstCode} autoComplete="one-time-code" spellCheck={false} autoFocus {...fields.bind("code")} />}
          <TextInput label={t.sessions.firstName} autoComplete="name" autoFocus={isLocal} {...fields.bind("name")} />
          <TextInput type="email" label={t.sessions.email} autoComplete="username" {...fields.bind("email")} />
          <PasswordField label={t.sessions.newPassword} description={t.sessions.passwordHint} autoComplete="new-password" {...fields.bind("password")} />
          <TextInput
            label={t.sessions.firstOrganization}
            description={t.sessions.firstOrganizationHint}
            autoComplete="organization"
            {...fields.bind("organizationName")}
          />
          <FailureNote failure={fields.unplaced} />
          <Button type="submit" loading={create.isPending} fullWidth>
            {t.sessions.firstSubmit}
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}
