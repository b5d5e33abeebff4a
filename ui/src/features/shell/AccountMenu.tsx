import { Menu, VisuallyHidden, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconKey, IconKeyboard, IconLogout, IconServer } from "@tabler/icons-react";
import { useState } from "react";
import { Avatar } from "../../components/Avatar";
import { languagePreference, type Language } from "../../preferences";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { ChangePasswordPanel } from "../sessions/ChangePasswordPanel";
import { useMe, useSession } from "../sessions/session";
import { useLeave } from "../sessions/leave";
import { ShortcutsDialog } from "./ShortcutsDialog";
import classes from "./Shell.module.css";

/** The person signed in, how the window looks to them, and the ways out. */
export function AccountMenu() {
  const t = useStrings();
  const me = useMe();
  const isOffline = useSession()?.connected?.isOffline === true;
  const leave = useLeave();
  const language = useStore(languagePreference);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [open, setOpen] = useState<"password" | "shortcuts" | null>(null);
  if (!me) return null;
  return (
    <>
      <Menu position="right-end" width={240} shadow="md">
        <Menu.Target>
          <button type="button" className={classes.who}>
            <VisuallyHidden>{t.shell.account}: </VisuallyHidden>
            <Avatar name={me.name} size={24} />
            <span className={`${classes.label} ${classes.whoName}`}>{me.name}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t.shell.signedInAs(me.email)}</Menu.Label>
          {!isOffline && (
            <Menu.Item leftSection={<IconKey size={16} aria-hidden />} onClick={() => setOpen("password")}>
              {t.shell.changePassword}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={() => setOpen("shortcuts")}>
            {t.shell.shortcuts}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t.shell.theme}</Menu.Label>
          <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
            <Menu.RadioItem value="auto">{t.shell.systemTheme}</Menu.RadioItem>
            <Menu.RadioItem value="light">{t.shell.lightTheme}</Menu.RadioItem>
            <Menu.RadioItem value="dark">{t.shell.darkTheme}</Menu.RadioItem>
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Label>{t.shell.language}</Menu.Label>
          <Menu.RadioGroup value={language} onChange={(value) => languagePreference.set(value as Language)}>
            <Menu.RadioItem value="en">{t.shell.english}</Menu.RadioItem>
            <Menu.RadioItem value="de">{t.shell.german}</Menu.RadioItem>
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Item leftSection={<IconServer size={16} aria-hidden />} onClick={() => leave.connection.mutate()}>
            {t.shell.changeConnection}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => leave.session.mutate()}>
            {t.shell.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ChangePasswordPanel opened={open === "password"} onClose={() => setOpen(null)} />
      <ShortcutsDialog opened={open === "shortcuts"} onClose={() => setOpen(null)} />
    </>
  );
}
