//! The window's commands about approvals of lessons.

use super::{asking, changing};
use crate::{
    approvals::{self, Approval, Decision, NewApproval},
    ids::{ApprovalId, LessonId},
};

asking! {
    list_approvals(lesson_id: Option<LessonId>) -> Vec<Approval> = approvals::list(lesson_id);
}

changing! {
    ask_approval(input: NewApproval) -> Approval = approvals::ask(&input) then |approval| approvals::read(approval);
    decide_approval(approval_id: ApprovalId, decision: Decision, comment: String) -> Approval
        = approvals::decide(approval_id, decision, &comment) then |()| approvals::read(approval_id);
    withdraw_approval(approval_id: ApprovalId) -> Approval
        = approvals::withdraw(approval_id) then |()| approvals::read(approval_id);
}
