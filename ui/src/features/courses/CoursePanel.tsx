import { PageHeader } from "../../components/PageHeader";

export function CoursePanel() {
  return <PageHeader title="…" />;
}
