import { PageHeader } from "../../components/PageHeader";

export function EnrollmentPanel() {
  return <PageHeader title="…" />;
}
