import { PageHeader } from "../../components/PageHeader";

export function PersonPanel() {
  return <PageHeader title="…" />;
}
