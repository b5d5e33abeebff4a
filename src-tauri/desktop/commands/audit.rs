//! The window's commands about who changed what.

use super::asking;
use crate::{
    audit::{self, AuditQuery, AuditRow},
    page::Page,
};

asking! {
    list_audit(query: AuditQuery) -> Page<AuditRow> = audit::list(&query);
}
