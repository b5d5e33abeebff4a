import { useHotkeys } from "@mantine/hooks";
import { Link, Outlet, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { IconSearch } from "@tabler/icons-react";
import { Suspense } from "react";
import { undoLatest } from "../../components/undo";
import { useStrings } from "../../strings";
import { OrganizationSwitcher } from "../organizations/OrganizationSwitcher";
import { useHearDrafts } from "../drafts/drafts";
import { useOrganization, useSession } from "../sessions/session";
import { AccountMenu } from "./AccountMenu";
import { openPalette, Palette } from "./Palette";
import { NeedsServer } from "./NeedsServer";
import { sectionName, useSections } from "./sections";
import { ServerStatus } from "./ServerStatus";
import classes from "./Shell.module.css";

/** What stands around every page of an organization. */
export function Shell() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const organization = useOrganization();
  const navigate = useNavigate();
  const isOffline = useSession()?.connected?.isOffline === true;
  const { pathname } = useLocation();
  const needsServer = isOffline && !/^\/o\/[^/]+\/drafts(\/|$)/.test(pathname);
  const offered = useSections();
  useHearDrafts();

  // Text fields are not ignored for the section keys: they carry Ctrl and mean nothing to a text.
  useHotkeys(
    offered.map((section, place) => [`mod+${place + 1}`, () => void navigate({ to: section.to, params: { organizationId } })]),
    [],
  );
  useHotkeys([["mod+Z", (event) => undoLatest() && event.preventDefault(), { preventDefault: false }]]);
  useHotkeys(
    [
      [
        "mod+F",
        (event) => {
          const search = document.querySelector<HTMLInputElement>("input[data-list-search]");
          if (!search) return;
          event.preventDefault();
          search.focus();
          search.select();
        },
        { preventDefault: false },
      ],
    ],
    [],
  );

  return (
    <div className={classes.shell}>
      <a
        className={classes.skip}
        href="#page"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("page")?.focus();
        }}
      >
        {t.shell.skip}
      </a>
      <nav className={classes.rail} aria-label={t.shell.sections}>
        <OrganizationSwitcher />
        {!isOffline && <button type="button" className={classes.find} onClick={openPalette} aria-keyshortcuts="Control+K">
          <IconSearch size={16} aria-hidden />
          <span className={classes.label}>{t.shell.searchEverything}</span>
          <kbd aria-hidden>Ctrl K</kbd>
        </button>}
        <ul className={classes.sections}>
          {offered.map((section, place) => (
            <li key={section.id}>
              <Link
                to={section.to}
                params={{ organizationId }}
                className={classes.section}
                activeOptions={{ exact: false, includeSearch: false }}
                aria-keyshortcuts={`Control+${place + 1}`}
                title={sectionName(t, section.id)}
              >
                <section.icon size={18} stroke={1.7} aria-hidden />
                <span className={classes.label}>{sectionName(t, section.id)}</span>
                <kbd aria-hidden>Ctrl {place + 1}</kbd>
              </Link>
            </li>
          ))}
        </ul>
        <div className={classes.foot}>
          <AccountMenu />
          <ServerStatus />
        </div>
      </nav>
      <main className={classes.page} id="page" tabIndex={-1}>
        {organization?.archivedAt && <div className={classes.notice}>{t.shell.archivedOrganization}</div>}
        <div className={classes.content} key={organizationId}>
          <Suspense fallback={null}>{needsServer ? <NeedsServer /> : <Outlet />}</Suspense>
        </div>
      </main>
      {!isOffline && <Palette organizationId={organizationId} />}
    </div>
  );
}
