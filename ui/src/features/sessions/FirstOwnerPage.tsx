import { PageHeader } from "../../components/PageHeader";

export function FirstOwnerPage() {
  return <PageHeader title="…" />;
}
