//! Problems of the text and of its shape: `RK00xx` (the text as such) and `RK01xx` (keys and types).

super::codes! {
    FILE_TOO_LARGE = "RK0001", "file_too_large", Error;
    NOT_UTF8 = "RK0002", "not_utf8", Error;
    CONTROL_CHARACTER = "RK0003", "control_character", Error;
    SYNTAX = "RK0004", "syntax", Error;
    TAB = "RK0005", "tab", Error;
    EMPTY_FILE = "RK0006", "empty_file", Error;
    SEVERAL_DOCUMENTS = "RK0007", "several_documents", Error;
    ANCHOR = "RK0008", "anchor", Error;
    MERGE_KEY = "RK0009", "merge_key", Error;
    TAG = "RK0010", "tag", Error;
    TOO_DEEP = "RK0011", "too_deep", Error;
    UNKNOWN_KEY = "RK0101", "unknown_key", Error;
    MISSING_KEY = "RK0102", "missing_key", Error;
    DUPLICATE_KEY = "RK0103", "duplicate_key", Error;
    WRONG_TYPE = "RK0104", "wrong_type", Error;
    UNKNOWN_VALUE = "RK0105", "unknown_value", Error;
    OUT_OF_RANGE = "RK0106", "out_of_range", Error;
    KEY_COUNT = "RK0107", "key_count", Error;
    NO_VALUE = "RK0108", "no_value", Error;
    KEY_NOT_TEXT = "RK0109", "key_not_text", Error;
    NOT_JSON = "RK0110", "not_json", Error;
    UNREADABLE = "RK0111", "unreadable", Error;
    UNKNOWN_VERSION = "RK0112", "unknown_version", Error;
    MORE_PROBLEMS = "RK0199", "more_problems", Error;
}
