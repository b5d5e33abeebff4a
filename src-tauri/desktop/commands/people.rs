//! The window's commands about people and their memberships.

use uuid::Uuid;

use super::{asking, changing};
use crate::{
    ids::PersonId,
    page::Page,
    people::{self, MembershipChange, NewPerson, PeopleQuery, PersonChange, PersonDetail, PersonRow},
};

asking! {
    list_people(query: PeopleQuery) -> Page<PersonRow> = people::list(&query);
    read_person(person_id: PersonId) -> PersonDetail = people::read(person_id);
}

changing! {
    add_person(input: NewPerson) -> PersonDetail = people::add(&input) then |person| people::read(person);
    change_person(person_id: PersonId, version: Uuid, change: PersonChange) -> PersonDetail
        = people::change(person_id, version, &change) then |()| people::read(person_id);
    change_membership(person_id: PersonId, version: Uuid, change: MembershipChange) -> PersonDetail
        = people::change_membership(person_id, version, &change) then |()| people::read(person_id);
    archive_person(person_id: PersonId) -> PersonDetail = people::archive(person_id) then |()| people::read(person_id);
    restore_person(person_id: PersonId) -> PersonDetail = people::restore(person_id) then |()| people::read(person_id);
}
