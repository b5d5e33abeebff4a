import { useQuery } from "@tanstack/react-query";
import { type MembershipChange, type NewPerson, type PersonChange, type PersonDetail, platform } from "../../platform";
import { keyOf, useWrite } from "../../queries";

const personKey = (organizationId: string, personId: string) => keyOf(organizationId, "people", "one", personId);

export function usePerson(organizationId: string, personId: string) {
  return useQuery({ queryKey: personKey(organizationId, personId), queryFn: () => platform.readPerson(organizationId, personId) });
}

const remember = (organizationId: string) => (person: PersonDetail) => personKey(organizationId, person.personId);

export function useAddPerson(organizationId: string) {
  return useWrite({
    organizationId,
    write: (operationId, input: NewPerson) => platform.addPerson(operationId, organizationId, input),
    changes: ["people", "overview"],
    remember: remember(organizationId),
  });
}

export function useChangePerson(organizationId: string) {
  return useWrite({
    organizationId,
    write: (operationId, input: { personId: string; version: string; change: PersonChange }) =>
      platform.changePerson(operationId, organizationId, input.personId, input.version, input.change),
    changes: ["people", "enrollments", "courses"],
    remember: remember(organizationId),
  });
}

export function useChangeMembership(organizationId: string) {
  return useWrite({
    organizationId,
    write: (operationId, input: { personId: string; version: string; change: MembershipChange }) =>
      platform.changeMembership(operationId, organizationId, input.personId, input.version, input.change),
    changes: ["people", "overview"],
    remember: remember(organizationId),
  });
}

export function useArchivePerson(organizationId: string) {
  return useWrite({
    organizationId,
    write: (operationId, personId: string) => platform.archivePerson(operationId, organizationId, personId),
    changes: ["people", "overview", "enrollments"],
    remember: remember(organizationId),
  });
}

export function useRestorePerson(organizationId: string) {
  return useWrite({
    organizationId,
    write: (operationId, personId: string) => platform.restorePerson(operationId, organizationId, personId),
    changes: ["people", "overview", "enrollments"],
    remember: remember(organizationId),
  });
}
