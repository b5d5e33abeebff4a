//! What the page can ask for, named once: the same list answers calls and writes `ui/src/bindings.ts`.

use specta_typescript::Typescript;
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use super::{
    AppError, Connecting, DraftsChanged,
    commands::{
        approvals, audit, connections, courses, dashboards, drafts, enrollments, lessons, organizations, people,
        sessions, sub_courses,
    },
};

pub fn commands() -> Builder<Wry> {
    Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        // One shape per type: what is written can be read back.
        .disable_serde_phases()
        // Whole numbers here stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        .commands(collect_commands![
            connections::list_connections,
            connections::save_connection,
            connections::remove_connection,
            connections::check_connection,
            connections::connect,
            connections::connection_state,
            connections::disconnect,
            connections::keyring_state,
            connections::secrets_file_state,
            sessions::create_first_owner,
            sessions::sign_in,
            sessions::sign_out,
            sessions::who_am_i,
            sessions::redeem_code,
            sessions::change_password,
            sessions::issue_reset_code,
            organizations::read_organization,
            organizations::create_organization,
            organizations::change_organization,
            organizations::archive_organization,
            organizations::restore_organization,
            dashboards::read_overview,
            people::list_people,
            people::read_person,
            people::add_person,
            people::change_person,
            people::change_membership,
            people::archive_person,
            people::restore_person,
            courses::list_courses,
            courses::read_course,
            courses::create_course,
            courses::change_course,
            courses::archive_course,
            courses::restore_course,
            courses::add_staff,
            courses::change_staff,
            courses::remove_staff,
            sub_courses::create_sub_course,
            sub_courses::change_sub_course,
            sub_courses::move_sub_course,
            sub_courses::archive_sub_course,
            sub_courses::restore_sub_course,
            approvals::list_approvals,
            approvals::ask_approval,
            approvals::decide_approval,
            approvals::withdraw_approval,
            lessons::create_lesson,
            lessons::read_lesson,
            lessons::change_lesson,
            lessons::move_lesson,
            lessons::archive_lesson,
            lessons::restore_lesson,
            enrollments::list_enrollments,
            enrollments::read_enrollment,
            enrollments::enroll_person,
            enrollments::withdraw_enrollment,
            enrollments::reinstate_enrollment,
            enrollments::set_lesson_completed,
            drafts::read_drafts,
            drafts::list_draft_courses,
            drafts::keep_course,
            drafts::forget_course,
            drafts::sync_now,
            drafts::read_outline,
            drafts::add_row,
            drafts::change_row,
            drafts::place_row,
            drafts::copy_row,
            drafts::archive_row,
            drafts::restore_row,
            drafts::take_back_row,
            drafts::open_lesson,
            drafts::close_lesson,
            drafts::keep_undo,
            drafts::set_drafts_aside,
            drafts::write_lesson,
            drafts::save_revision,
            drafts::list_revisions,
            drafts::read_revision,
            drafts::compare_revisions,
            drafts::restore_revision,
            drafts::read_publication,
            drafts::publish_lesson,
            drafts::unpublish_lesson,
            drafts::list_conflicts,
            drafts::decide_conflict,
            drafts::decide_mass_deletion,
            drafts::read_outbox,
            drafts::export_outbox,
            drafts::open_quiz,
            drafts::attach_file,
            drafts::show_file,
            drafts::list_offline_people,
            drafts::open_offline,
            audit::list_audit,
        ])
        .events(collect_events![Connecting, DraftsChanged])
        .typ::<AppError>()
}

/// The page's side of every command, as TypeScript.
///
/// # Errors
/// When a type cannot be written as TypeScript, or a temporary file not at all.
pub fn typescript() -> std::result::Result<String, Box<dyn std::error::Error>> {
    let file = tempfile::NamedTempFile::new()?;
    commands().export(
        Typescript::default().header("// Written from the window's commands by `make generate`.\n"),
        file.path(),
    )?;
    let written = std::fs::read_to_string(file.path())?;
    Ok(format!("{written}\n/** What the audit keeps of a row. */\nexport type JsonValue = Value;\n"))
}
