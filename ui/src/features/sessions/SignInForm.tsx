import { Anchor, Button, Checkbox, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { useFields } from "../../components/fields";
import { PasswordField } from "../../components/PasswordField";
import { type Me, platform } from "../../platform";
import { useStrings } from "../../strings";
import { useKeyring } from "../connections/queries";
import { emailRule, newPasswordRule, passwordGiven } from "./rules";

/** By password, or by a code that sets a new one. The same form stands on its page and over a page whose session ended. */
export function SignInForm({ email, onSignedIn }: { email?: string; onSignedIn: (me: Me) => Promise<void> | void }) {
  const [byCode, setByCode] = useState(false);
  const [known, setKnown] = useState(email ?? "");
  return byCode ? (
    <CodeForm email={known} onSignedIn={onSignedIn} onPassword={(typed) => (setKnown(typed), setByCode(false))} />
  ) : (
    <PasswordForm email={known} onSignedIn={onSignedIn} onCode={(typed) => (setKnown(typed), setByCode(true))} />
  );
}

type Step = { email: string; onSignedIn: (me: Me) => Promise<void> | void };

function PasswordForm({ email, onSignedIn, onCode }: Step & { onCode: (email: string) => void }) {
  const t = useStrings();
  const signIn = useMutation({
    mutationFn: (values: { email: string; password: string; stay: boolean }) => platform.signIn(values.email.trim(), values.password, values.stay),
    onSuccess: onSignedIn,
  });
  const keyring = useKeyring().data;
  const mayStay = keyring === undefined || keyring.state === "working";
  const [rules] = useState(() => ({ email: emailRule(t), password: passwordGiven(t) }));
  const fields = useFields({ email, password: "", stay: false }, rules, signIn.error);
  return (
    <form noValidate onSubmit={fields.submit((values) => signIn.mutate({ ...values, stay: values.stay && mayStay }))} aria-busy={signIn.isPending}>
      <Stack gap="md">
        <TextInput type="email" label={t.sessions.email} autoComplete="username" autoFocus={email === ""} data-autofocus={email === "" || undefined} {...fields.bind("email")} />
        <PasswordField label={t.sessions.password} autoComplete="current-password" autoFocus={email !== ""} data-autofocus={email !== "" || undefined} {...fields.bind("password")} />
        <Checkbox
          label={t.sessions.staySignedIn}
          description={mayStay ? t.sessions.staySignedInHint : keyring?.message}
          disabled={!mayStay}
          checked={fields.values.stay && mayStay}
          onChange={(event) => fields.set("stay", event.currentTarget.checked)}
        />
        <FailureNote failure={fields.unplaced} />
        <Button type="submit" loading={signIn.isPending} fullWidth>
          {t.sessions.signIn}
        </Button>
        <Anchor component="button" type="button" size="sm" onClick={() => onCode(fields.values.email)}>
          {t.sessions.haveCode}
        </Anchor>
      </Stack>
    </form>
  );
}

function CodeForm({ email, onSignedIn, onPassword }: Step & { onPassword: (email: string) => void }) {
  const t = useStrings();
  const redeem = useMutation({
    mutationFn: (values: { email: string; code: string; newPassword: string }) =>
      platform.redeemCode(values.email.trim(), values.code.trim(), values.newPassword),
    onSuccess: onSignedIn,
  });
  const [rules] = useState(() => ({ email: emailRule(t), code: passwordGiven(t), newPassword: newPasswordRule(t) }));
  const fields = useFields({ email, code: "", newPassword: "" }, rules, redeem.error);
  return (
    <form noValidate onSubmit={fields.submit((values) => redeem.mutate(values))} aria-busy={redeem.isPending}>
      <Stack gap="md">
        <TextInput type="email" label={t.sessions.email} autoComplete="username" autoFocus={email === ""} data-autofocus={email === "" || undefined} {...fields.bind("email")} />
        <TextInput
          label={t.sessions.code}
          description={t.sessions.codeHint}
          autoComplete="one-time-code"
          autoFocus={email !== ""} data-autofocus={email !== "" || undefined}
          spellCheck={false}
          {...fields.bind("code")}
        />
        <PasswordField label={t.sessions.newPassword} description={t.sessions.passwordHint} autoComplete="new-password" {...fields.bind("newPassword")} />
        <FailureNote failure={fields.unplaced} />
        <Button type="submit" loading={redeem.isPending} fullWidth>
          {t.sessions.redeem}
        </Button>
        <Anchor component="button" type="button" size="sm" onClick={() => onPassword(fields.values.email)}>
          {t.sessions.havePassword}
        </Anchor>
      </Stack>
    </form>
  );
}
