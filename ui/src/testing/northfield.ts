import type { Scenario, World } from "../fake/world";
import { fakeWorld } from "../platform.fake";
import { inNorthfield } from "./open";

/** The invented organization is the same each time, so an address inside it is known before the window opens. */
const first = (scenario: Partial<Scenario> = {}) => {
  const organization = fakeWorld(scenario).world.organizations[0];
  if (!organization) throw new Error("the world has no organization");
  return organization;
};

export const courseAddress = (title: string, tab?: string) => {
  const course = first().courses.find((each) => each.title === title);
  if (!course) throw new Error(`no course ${title}`);
  return inNorthfield(`courses/${course.id}${tab ? `?tab=${tab}` : ""}`);
};

export const lessonAddress = (courseTitle: string, lessonTitle: string) => {
  const organization = first();
  const course = organization.courses.find((each) => each.title === courseTitle);
  const lesson = organization.lessons.find((each) => each.courseId === course?.id && each.title === lessonTitle);
  if (!course || !lesson) throw new Error(`no lesson ${lessonTitle} in ${courseTitle}`);
  return inNorthfield(`courses/${course.id}/lessons/${lesson.id}`);
};

export const enrollmentAddress = (which: (row: { progress: number; withdrawnAt: string | null; completedAt: string | null; courseTitle: string }) => boolean) => {
  const enrollment = first().enrollments.find(which);
  if (!enrollment) throw new Error("no such enrollment");
  return { address: inNorthfield(`enrollments/${enrollment.id}`), enrollment };
};

export const courseIn = (world: World, title: string) => {
  const course = world.organizations[0]?.courses.find((each) => each.title === title);
  if (!course) throw new Error(`no course ${title}`);
  return course;
};

export const lessonIn = (world: World, id: string | undefined) => {
  const lesson = world.organizations[0]?.lessons.find((each) => each.id === id);
  if (!lesson) throw new Error("no such lesson");
  return lesson;
};

export const draftAddress = (courseTitle: string) => inNorthfield(`drafts/${courseIn(fakeWorld().world, courseTitle).id}`);

export const draftLessonAddress = (courseTitle: string, lessonTitle: string) => {
  const [, path] = lessonAddress(courseTitle, lessonTitle).split("/courses/");
  return inNorthfield(`drafts/${path}`);
};
