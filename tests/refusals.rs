//! What `rekindle generate` refuses: then nothing is written at all.

mod support;

use std::fs;
use support::{Place, acme, globex};

#[test]
fn templates_that_cannot_be_used_are_refused_by_name() {
    let place = Place::generated("template-bad");
    let before = place.snapshot();
    let refused = |name: &str, text: &str, words: &[&str]| {
        place.write(&format!("mine/{name}"), text);
        place.run(&["generate", "--templates", "mine"]).expect(1, words);
        fs::remove_dir_all(place.path("mine")).unwrap();
    };
    refused(
        "lib.rs.j2",
        "pub mod acme;",
        &["mine/lib.rs.j2:1:", "write `{# rekindle-context: 2 #}` on its first line"],
    );
    refused("lib.rs.j2", "{# rekindle-context: 7 #}", &["mine/lib.rs.j2:1: written for version 7"]);
    refused(
        "libs.rs.j2",
        "",
        &["mine/libs.rs.j2: replaces no template", "did you mean `lib.rs.j2`?"],
    );
    refused("lib.rs.j2", "{# rekindle-context: 2 #}\nmod {{ nothing }};", &["mine/lib.rs.j2:2:"]);
    refused(
        "lib.rs.j2",
        "{# rekindle-context: 2 #}\nmod {{ providers }};",
        &["mine/lib.rs.j2:2:", "only tokens may"],
    );
    refused(
        "lib.rs.j2",
        "{# rekindle-context: 2 #}\nmod (;",
        &["mine/lib.rs.j2: what it makes of src/lib.rs is not Rust"],
    );
    place.run(&["generate", "--templates", "nowhere"]).expect(2, &["cannot read nowhere"]);
    assert!(before == place.snapshot());
}

#[test]
fn a_left_over_that_was_changed_is_kept_and_nothing_is_written() {
    let place = Place::generated("edited");
    fs::remove_file(place.path("specs/globex.yaml")).unwrap();
    place.edit("specs/acme.yaml", "name: Acme", "name: Acme Corporation");
    place.edit("generated/src/globex.rs", "@generated", "@generated and edited");
    let before = place.snapshot();
    place.run(&["generate"]).expect(1, &["generated/src/globex.rs is left over", "hint:"]);
    place.run(&["generate", "--check"]).expect(1, &["generated/src/globex.rs is left over"]);
    assert!(before == place.snapshot());
    fs::remove_file(place.path("generated/src/globex.rs")).unwrap();
    place.run(&["generate"]).expect(0, &[]);
}

#[test]
fn files_of_others_are_never_replaced_or_deleted() {
    let place = Place::generated("foreign");
    place.write("generated/tests/mine.rs", "// mine\n");
    place.write("generated/.gitignore", "x");
    place.write("generated/NOTES.md", "x");
    let before = place.snapshot();
    for arguments in [&["generate"][..], &["generate", "--check"], &["generate", "--dry-run"]] {
        place.run(arguments).expect(
            1,
            &["generated/tests/mine.rs is not generated", "hint: move it away or delete it"],
        );
    }
    assert!(before == place.snapshot());

    let package = Place::new("package");
    package.write("specs/acme.yaml", &acme());
    package.write("Cargo.toml", "[package]\nname = \"mine\"\n");
    package.write("src/lib.rs", "// mine\n");
    let before = package.snapshot();
    package
        .run(&["generate", "--out", "."])
        .expect(1, &["Cargo.toml was not written by rekindle", "src/lib.rs was not written by"]);
    assert!(before == package.snapshot());
}

#[test]
fn broken_specs_stop_everything_before_it_is_written() {
    let place = Place::generated("broken");
    place.edit("specs/acme.yaml", "name: Acme", "name: Acme Corporation");
    let before = |place: &Place| place.snapshot();
    let bad: [(&str, String, &str); 6] = [
        ("keyword", acme().replace("id: acme", "id: match"), "match"),
        ("digit", acme().replace("id: acme", "id: 7g"), "7g"),
        ("dashes", acme().replace("id: acme", "id: a-b"), "a-b"),
        ("collision", globex(), "globex"),
        ("shape", "rekindle: 1\nnonsense: true\n".to_owned(), "nonsense"),
        ("library", acme().replace("id: acme", "id: lib"), "lib"),
    ];
    for (name, text, word) in bad {
        let file = format!("specs/{name}.yaml");
        place.write(&file, &text);
        let files = before(&place);
        let run = place.run(&["generate"]);
        run.expect(1, &[word, name]);
        assert!(files == before(&place), "{name}");
        fs::remove_file(place.path(&file)).unwrap();
    }
}

#[test]
fn what_cannot_be_written_is_found_before_anything_is() {
    let place = Place::generated("blocked");
    place.edit("specs/acme.yaml", "name: Acme", "name: Acme Corporation");
    fs::remove_file(place.path("generated/docs/globex.md")).unwrap();
    fs::create_dir(place.path("generated/docs/globex.md")).unwrap();
    let before = place.snapshot();
    place.run(&["generate"]).expect(1, &["generated/docs/globex.md is not a file"]);
    assert!(before == place.snapshot());
    fs::remove_dir(place.path("generated/docs/globex.md")).unwrap();

    let lock = place.path("generated/src/acme.rs");
    let mut permissions = fs::metadata(&lock).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&lock, permissions).unwrap();
    let before = place.snapshot();
    place
        .run(&["generate"])
        .expect(2, &["cannot write generated/src/acme.rs: the file is read-only"]);
    assert!(before == place.snapshot());

    let fresh = Place::new("blocked-fresh");
    fresh.write("specs/acme.yaml", &acme());
    fresh.write("file", "");
    let before = fresh.snapshot();
    fresh.run(&["generate", "--out", "file"]).expect(2, &["cannot write file: it is not a folder"]);
    assert!(before == fresh.snapshot());
}

#[test]
fn a_read_only_folder_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::generated("read-only");
    place.edit("specs/acme.yaml", "name: Acme", "name: Acme Corporation");
    let folder = place.path("generated/tests/conformance");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let probe = folder.join("probe");
    // The superuser may write anywhere: then there is nothing to see here.
    if fs::write(&probe, "").is_err() {
        let before = place.snapshot();
        fs::remove_file(place.path("generated/tests/conformance/acme.rs")).unwrap_err();
        place.run(&["generate"]).expect(2, &["cannot write generated/tests/conformance/acme.rs"]);
        assert!(before == place.snapshot());
    } else {
        fs::remove_file(probe).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
}
