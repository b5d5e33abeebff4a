import { PageHeader } from "../../components/PageHeader";

export function NoOrganizationPage() {
  return <PageHeader title="…" />;
}
