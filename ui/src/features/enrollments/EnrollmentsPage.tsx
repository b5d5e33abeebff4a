import { PageHeader } from "../../components/PageHeader";

export function EnrollmentsPage() {
  return <PageHeader title="…" />;
}
