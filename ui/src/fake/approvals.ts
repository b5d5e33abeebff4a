import type { Approval, Platform } from "../platform";
import { once, organizationOf, refuse } from "./answers";
import { rowName } from "./draftWorld";
import { fakeId } from "./random";
import type { World } from "./world";

type Part = Pick<Platform, "listApprovals" | "askApproval" | "decideApproval" | "withdrawApproval">;

const known = new WeakMap<World, Map<string, Approval>>();

/** What was asked about lessons of this world, by id. */
export function approvalsOf(world: World): Map<string, Approval> {
  const approvals = known.get(world) ?? new Map<string, Approval>();
  known.set(world, approvals);
  return approvals;
}

export function fakeApprovals(world: World): Part {
  const now = () => new Date(world.now()).toISOString();
  const place = (lessonId: string) => {
    for (const draft of world.drafts.courses.values()) {
      const row = draft.rows.get(rowName({ table: "lessons", id: lessonId }));
      if (row) return { courseId: draft.courseId, courseTitle: draft.title, lessonTitle: String(row.fields.title) };
    }
    return refuse("notFound", "This lesson does not exist, or you may not see it.");
  };
  const shown = (organizationId: string, approval: Approval): Approval => {
    const role = organizationOf(world, organizationId).role;
    const isOpen = approval.decision === null && approval.withdrawnAt === null;
    return { ...approval, mayDecide: isOpen && approval.askedBy !== world.me && role !== "instructor" && role !== "learner", mayWithdraw: isOpen && approval.askedBy === world.me };
  };
  const openOne = (id: string): Approval => {
    const approval = approvalsOf(world).get(id) ?? refuse("notFound", "This approval is gone.");
    if (approval.decision !== null || approval.withdrawnAt !== null) refuse("conflict", "This was decided or withdrawn meanwhile.", { nextStep: "Look at it again." });
    return approval;
  };
  return {
    listApprovals: async (organizationId, lessonId) => {
      const all = [...approvalsOf(world).values()].toSorted((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
      const found = all.filter((each) => (lessonId === null ? each.decision === null && each.withdrawnAt === null : each.lessonId === lessonId));
      if (lessonId !== null) found.reverse();
      return structuredClone(found.map((each) => shown(organizationId, each)));
    },
    askApproval: async (operationId, organizationId, input) =>
      once(world, operationId, input, () => {
        if ([...approvalsOf(world).values()].some((each) => each.revisionId === input.revisionId && each.decision === null && each.withdrawnAt === null)) refuse("conflict", "This revision waits for a reviewer already.");
        const approval: Approval = {
          ...input, ...place(input.lessonId), isNewest: true, askedBy: world.me ?? "", askedByName: world.signedInAs.name, askedAt: now(),
          decision: null, comment: "", decidedByName: null, decidedAt: null, withdrawnAt: null, mayDecide: false, mayWithdraw: true,
        };
        approvalsOf(world).set(approval.id, approval);
        return shown(organizationId, approval);
      }),
    decideApproval: async (operationId, organizationId, approvalId, decision, comment) =>
      once(world, operationId, [decision, comment], () => {
        const approval = openOne(approvalId);
        if (approval.askedBy === world.me) refuse("notAllowed", "Your role does not allow this.");
        return shown(organizationId, Object.assign(approval, { decision, comment, decidedByName: world.signedInAs.name, decidedAt: now() }));
      }),
    withdrawApproval: async (operationId, organizationId, approvalId) =>
      once(world, operationId, approvalId, () => shown(organizationId, Object.assign(openOne(approvalId), { withdrawnAt: now() }))),
  };
}

/** Somebody else asked about a version. */
export function seedApproval(world: World, lessonId: string, revisionId: string, rest: Partial<Approval> = {}): void {
  const id = fakeId(16, approvalsOf(world).size + 1);
  approvalsOf(world).set(id, {
    id, courseId: "", courseTitle: "", lessonId, lessonTitle: "", revisionId, isNewest: true, note: "The second exercise is new.", askedBy: fakeId(1, 1_000_005), askedByName: "Jonas Weber",
    askedAt: new Date(world.now() - 7_200_000).toISOString(), decision: null, comment: "", decidedByName: null, decidedAt: null, withdrawnAt: null, mayDecide: false, mayWithdraw: false, ...rest,
  });
}
