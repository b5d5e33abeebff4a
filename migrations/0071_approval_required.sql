-- An organization may ask that somebody else looks at a lesson before learners read it.
set local role lectern_owner;

alter table lectern.organizations add column approval_required boolean not null default false;
comment on column lectern.organizations.approval_required is 'A lesson''s revision is published only once a reviewer approved it.';
grant update (approval_required) on lectern.organizations to lectern_app;
