import { Anchor } from "@mantine/core";
import { useStrings } from "../../strings";
import { Gate } from "./Gate";
import { useLeave, useSignedIn } from "./leave";
import { useSession } from "./session";
import { SignInForm } from "./SignInForm";

export function SignInPage() {
  const t = useStrings();
  const connected = useSession()?.connected;
  const signedIn = useSignedIn();
  const leave = useLeave();
  const server = connected?.isLocal ? t.sessions.thisComputer : (connected?.name ?? "");
  return (
    <Gate
      title={t.sessions.signInTitle}
      text={t.sessions.signInTo(server)}
      under={
        <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => leave.connection.mutate()}>
          {t.sessions.otherServer}
        </Anchor>
      }
    >
      <SignInForm onSignedIn={signedIn} />
    </Gate>
  );
}
