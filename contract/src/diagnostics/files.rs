//! Problems of the files taken together, of what a spec allows, and of the files beside specs: `RK06xx`.

super::codes! {
    DUPLICATE_PROVIDER = "RK0601", "duplicate_provider", Error;
    FILE_NAME = "RK0602", "file_name", Lint;
    UNKNOWN_LINT = "RK0603", "unknown_lint", Error;
    ALLOW_WITHOUT_REASON = "RK0604", "allow_without_reason", Error;
    UNUSED_ALLOW = "RK0605", "unused_allow", Lint;
    PROJECT_FILE = "RK0606", "project_file", Error;
}
