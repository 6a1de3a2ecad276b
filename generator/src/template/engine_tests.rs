//! What may and what may not fill a place.

use super::*;
use minijinja::context;

/// Renders `source` as a template of this name, macros and all.
fn render(name: &str, source: &str, context: Context) -> Result<String, Error> {
    let mut environment = if is_rust(name) { rust() } else { pages() };
    environment.add_template_owned(name.to_owned(), source.to_owned())?;
    environment.get_template(name)?.render(context)
}

#[test]
fn rust_takes_tokens_only() {
    let context = context! { name => Tokens::ident("acme"), text => "x", number => 1, flag => true, list => vec![1] };
    assert_eq!(render("a.rs.j2", "mod {{ name }};", context.clone()).unwrap(), "mod acme;");
    for bad in [
        "text",
        "number",
        "flag",
        "list",
        "'literal'",
        "name ~ name",
        "name ~ text",
        "missing",
        "none",
        "text[0]",
    ] {
        let error =
            render("a.rs.j2", &format!("\n\nmod {{{{ {bad} }}}};"), context.clone()).unwrap_err();
        assert_eq!(error.line(), Some(3), "{bad}: {error}");
    }
}

#[test]
fn nothing_makes_text_safe() {
    let context = context! { text => "evil()", tokens => Tokens::ident("acme") };
    for bad in [
        "{{ text|safe }}",
        "{{ text|e }}",
        "{{ [text]|join }}",
        "{{ text|upper }}",
        "{{ tokens|replace('acme', text) }}",
        "{% set x %}{{ tokens }}{% endset %}{{ x ~ text }}",
        "{% set x %}{{ tokens }}{% endset %}{{ x[1:] }}",
        "{% set x %}{{ text }}{% endset %}{{ x }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(text) }}",
        "{% filter upper %}{{ tokens }}{% endfilter %}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
        "{% autoescape 'html' %}{{ text }}{% endautoescape %}",
    ] {
        assert!(render("a.rs.j2", bad, context.clone()).is_err(), "{bad} was let through");
    }
}

#[test]
fn macros_and_captures_of_tokens_work() {
    let context = context! { names => vec![Value::from(Tokens::ident("a")), Value::from(Tokens::ident("b"))], empty => Tokens::doc("") };
    let source = "{% macro m(a) %}mod {{ a }};{% endmacro %}{% for n in names %}{{ m(n) }}{% if loop.last %}\n{% endif %}{% endfor %}";
    assert_eq!(render("a.rs.j2", source, context).unwrap(), "mod a;mod b;");
}

#[test]
fn toml_is_quoted() {
    let context = context! { text => "a\"b\\c\nd", number => 3 };
    assert_eq!(
        render("a.toml.j2", "x = {{ text }}\ny = {{ number }}\n", context).unwrap(),
        "x = \"a\\\"b\\\\c\\u000Ad\"\ny = 3\n"
    );
}

#[test]
fn markdown_is_escaped() {
    let context = context! { text => "<b>\n| x", code => Value::from(Code("a|b".into())) };
    assert_eq!(
        render("a.md.j2", "{{ text }} {{ code }}", context).unwrap(),
        "\\<b\\> \\| x `a`\\|`b`"
    );
}

fn replacement(name: &str, text: &str) -> TemplateFile {
    TemplateFile { name: name.to_owned(), file: format!("mine/{name}"), text: text.to_owned() }
}

#[test]
fn overrides_say_their_version() {
    let ok = Templates::with_overrides(vec![replacement(
        "lib.rs.j2",
        "{# rekindle-context: 2 #}\nmod x;",
    )])
    .unwrap();
    assert!(ok.is_overridden("lib.rs.j2") && !ok.is_overridden("Cargo.toml.j2"));
    let message = |name: &str, text: &str| {
        Templates::with_overrides(vec![replacement(name, text)]).unwrap_err().to_string()
    };
    assert_eq!(
        message("lib.rs.j2", "{# rekindle-context: 9 #}\n"),
        "mine/lib.rs.j2:1: written for version 9 of the template context, but this is version 2\n\nhint: compare it with the \
         embedded template, then write `{# rekindle-context: 2 #}` on its first line"
    );
    assert!(
        message("lib.rs.j2", "mod x;")
            .contains("write `{# rekindle-context: 2 #}` on its first line")
    );
    assert!(message("lid.rs.j2", "").ends_with("hint: did you mean `lib.rs.j2`?"));
    assert!(
        message("lib.rs.j2", "{# rekindle-context: 2 #}\n{% if %}")
            .starts_with("mine/lib.rs.j2:2: ")
    );
}

#[test]
fn every_template_of_the_folder_is_embedded() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".j2")).collect();
    names.sort();
    assert_eq!(names, EMBEDDED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn a_word_that_does_not_exist_is_named() {
    for (written, named) in [
        ("{{ nothing }}", "nothing"),
        ("{{ provider.nothing }}", "provider.nothing"),
        ("{% for one in nothing %}{% endfor %}", "nothing"),
        ("{{ provider.nothing.more }}", "provider.nothing"),
        ("{{ provider | upper }}", "upper"),
        ("{{ nothing() }}", "nothing"),
    ] {
        let source = format!("é\n{written}\n");
        let error =
            render("a.md.j2", &source, context! { provider => context! { a => 1 } }).unwrap_err();
        let error = explain(&error, "a.md.j2", &source).to_string();
        assert!(error.starts_with("a.md.j2:2: ") && error.contains(named), "{written}: {error}");
    }
}
