use super::format;

fn formatted(source: &str) -> String {
    format(source).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn blank_lines_stand_between_items() {
    let source = "//! Docs.\n#![forbid(unsafe_code)]\nuse a::b; use c::d; const A: u8 = 1; const B: u8 = 2;
        /// Documented.\nconst C: u8 = 3; #[cfg(x)] mod x; #[cfg(y)] mod y;
        /// S.\n#[derive(Debug)] pub struct S { a: u8 } impl S { const X: u8 = 1; const Y: u8 = 1; fn a() {} #[test] fn b() {} }
        trait T { type A; fn a(); fn b(); } mod tests { //! Inner.\n use super::*; #[test] fn one() {} #[test] fn two() {} }";
    assert_eq!(
        formatted(source),
        "//! Docs.\n\n#![forbid(unsafe_code)]\n\nuse a::b;\nuse c::d;\n\nconst A: u8 = 1;\nconst B: u8 = 2;\n\n/// Documented.\nconst C: u8 = \
         3;\n\n#[cfg(x)]\nmod x;\n#[cfg(y)]\nmod y;\n\n/// S.\n#[derive(Debug)]\npub struct S {\n    a: u8,\n}\n\nimpl S {\n    const X: \
         u8 = 1;\n    const Y: u8 = 1;\n\n    fn a() {}\n\n    #[test]\n    fn b() {}\n}\n\ntrait T {\n    type A;\n\n    fn a();\n\n    \
         fn b();\n}\n\nmod tests {\n    //! Inner.\n\n    use super::*;\n\n    #[test]\n    fn one() {}\n\n    #[test]\n    fn two() \
         {}\n}\n"
    );
}

#[test]
fn markers_become_comments_and_blank_lines() {
    let long = "word ".repeat(40);
    let source = format!(
        "comment!(\"About `f`.\"); fn f() {{ blank!(); let a = 1; blank!(); blank!(); comment!(\"{long}\"); a; if a {{ \
         comment!(\"\\\"); evil(); //\"); }} blank!(); }} impl S {{ fn a() {{}} comment!(\"B.\"); fn b() {{}} }}"
    );
    let text = formatted(&source);
    assert!(
        text.starts_with("// About `f`.\nfn f() {\n    let a = 1;\n\n    // word word"),
        "{text}"
    );
    assert!(
        text.contains(
            "word\n    a;\n    if a {\n        // \"); evil(); //\n    }\n}\n\nimpl S {\n"
        ),
        "{text}"
    );
    assert!(text.ends_with("    fn a() {}\n\n    // B.\n    fn b() {}\n}\n"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
}

#[test]
fn literals_are_never_altered() {
    for literal in [
        r##""blank!();""##,
        r##""    // x\n\n\nblank!();\n""##,
        r##"r#"comment!("x");"#"##,
        r##"b"\n    \n""##,
        r##""#![x]""##,
    ] {
        let text = formatted(&format!(
            "fn f() -> &'static str {{ blank!(); {literal} }} const A: &str = {literal};"
        ));
        assert_eq!(text.matches(literal).count(), 2, "{text}");
    }
}

#[test]
fn what_spans_lines_is_refused() {
    for source in [
        "const A: &str = \"a\nblank!();\n\";",
        "const A: &str = r\"a\n\";",
        "#[doc = \"a\\nblank!();\\n\"] struct S;",
        "/** a\nb */ struct S;",
    ] {
        let error = format(source).unwrap_err();
        assert!(error.message.contains("spans lines"), "{source}: {error}");
    }
}

#[test]
fn errors_name_the_rendered_line() {
    let error = format("fn a() {}\n\nfn b( {}\n").unwrap_err();
    assert_eq!(error.line, 3, "{error}");
    let error = format("fn a() {}\nfn 1b() {}\n").unwrap_err();
    assert_eq!((error.line, error.text.as_str()), (2, "fn 1b() {}"));
    assert_eq!(
        format("fn a() { comment!(1); }").unwrap_err().message,
        "`comment!` takes one string"
    );
}

#[test]
fn printing_changes_no_token() {
    for source in [
        include_str!("lines.rs"),
        include_str!("check.rs"),
        include_str!("../plan/page.rs"),
        include_str!("../lock.rs"),
    ] {
        // What spans lines is refused, and comments are no tokens.
        let Ok(text) = format(source) else { continue };
        assert_eq!(bare(&text), bare(source));
        assert_eq!(formatted(&text), text);
    }
}

/// Code without white space, trailing commas and the braces and commas of match arms: what printing may change.
fn bare(source: &str) -> String {
    let tokens: proc_macro2::TokenStream = source.parse().unwrap();
    tokens
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '{' | '}'))
        .collect()
}
