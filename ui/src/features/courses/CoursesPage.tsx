import { PageHeader } from "../../components/PageHeader";

export function CoursesPage() {
  return <PageHeader title="…" />;
}
