//! What the functions write is read by the parser that rustdoc uses.

use super::*;
use hostile::TEXTS;
use proptest::prelude::*;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

#[path = "../../../tests/support/hostile.rs"]
mod hostile;

const WIDTH: usize = 90;

/// What rustdoc reads, and what GitHub does.
fn readers() -> [Options; 2] {
    let both = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    [both | Options::ENABLE_SMART_PUNCTUATION, both | Options::ENABLE_GFM | Options::ENABLE_MATH]
}

/// What is seen of Markdown: its text, and the number of its code spans. `around` are the tags that the test wrote itself.
fn seen(markdown: &str, options: Options, around: &[TagEnd]) -> (String, usize) {
    let (mut text, mut spans) = (String::new(), 0);
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(piece) => text.push_str(&piece),
            Event::Code(piece) => {
                text.push_str(&piece);
                spans += 1;
            }
            Event::SoftBreak | Event::End(TagEnd::Paragraph) => text.push(' '),
            Event::Start(Tag::Paragraph) => {}
            Event::Start(Tag::Link { link_type: LinkType::Autolink, dest_url, .. }) => {
                assert!(dest_url.starts_with("http"), "{dest_url} in {markdown:?}");
            }
            Event::End(TagEnd::Link) => {}
            Event::Start(tag) if around.contains(&tag.to_end()) => {}
            Event::End(tag) if around.contains(&tag) => text.push(' '),
            other => panic!("{other:?} in {markdown:?}"),
        }
    }
    (typed(&text), spans)
}

/// A text as it was typed, in single spaces: typographic quotation marks are what rustdoc makes of straight ones.
fn typed(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
                .contains(c)
    };
    let plain = |c: char| match c {
        ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        c if hidden(c) => '\u{fffd}',
        c => c,
    };
    let text: String = text.chars().map(plain).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Without backticks: two of them are seen as a code span.
fn without_ticks(text: &str) -> String {
    typed(&text.replace('`', ""))
}

#[track_caller]
fn assert_seen(text: &str, before: &str, after: &str, markdown: &str, around: &[TagEnd]) {
    for options in readers() {
        let (seen, spans) = seen(markdown, options, around);
        let expected = format!("{before}{}{after}", typed(text));
        assert_eq!(without_ticks(&seen), without_ticks(&expected), "{markdown:?}");
        let ticks = |text: &str| text.matches('`').count();
        let (left, all) = (ticks(&seen) + 2 * spans, ticks(&expected));
        // A bar splits a code span in two.
        assert!(left == all || left > all && text.contains('|'), "{left} {all} {markdown:?}");
    }
}

/// A text in every place that texts of specs have.
fn check(text: &str) {
    use TagEnd::*;
    assert_seen(text, "", "", &prose(text), &[]);
    assert_seen(text, "", "", &wrap(&prose(text), 12).join("\n"), &[]);
    let line = inline(text);
    assert!(!line.contains('\n'));
    assert_seen(text, "", "", &line, &[]);
    assert_seen(text, "A ", " b.", &format!("A {line} b."), &[]);
    assert_seen(text, "", ": b.", &format!("{line}: b."), &[]);
    assert_seen(text, "", "", &format!("# {line}"), &[Heading(pulldown_cmark::HeadingLevel::H1)]);
    let item = wrap(&format!("- `a`: {line}"), 12).join("\n");
    assert_seen(text, "`a`: ", "", &item, &[List(false), Item]);
    let table = format!("| a | b |\n|---|---|\n| {line} | c |");
    assert_seen(text, "a b ", " c", &table, &[Table, TableHead, TableRow, TableCell]);
    let table = format!("| a | b |\n|---|---|\n| {} | c |", code(text));
    let shown = if typed(text).is_empty() { "\"\"" } else { text };
    for options in readers() {
        assert_eq!(seen(&code(text), options, &[]).0, typed(shown), "{}", code(text));
        let cells = seen(&table, options, &[Table, TableHead, TableRow, TableCell]).0;
        assert_eq!(cells, typed(&format!("a b {shown} c")), "{table}");
    }
    check_link(text, "https://a.example/b");
    check_link("a", &format!("https://a.example/{text}"));
}

/// A link is one, it leads where it says, and its text is the title.
fn check_link(title: &str, url: &str) {
    for options in readers() {
        let markdown = format!("As {} says.", link(&format!("\"{title}\""), url));
        let mut links = Vec::new();
        let (mut text, mut inside) = (String::new(), false);
        for event in Parser::new_ext(&markdown, options) {
            match event {
                Event::Start(Tag::Link {
                    link_type: LinkType::Inline, dest_url, title, ..
                }) => {
                    assert!(title.is_empty(), "{markdown:?}");
                    links.push(dest_url.into_string());
                    inside = true;
                }
                Event::End(TagEnd::Link) => inside = false,
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                Event::Text(piece) | Event::Code(piece) if inside => text.push_str(&piece),
                Event::Text(piece) => assert!("As  says.".contains(&*piece), "{markdown:?}"),
                other => panic!("{other:?} in {markdown:?}"),
            }
        }
        assert_eq!(without_ticks(&text), without_ticks(&format!("\"{title}\"")), "{markdown:?}");
        let decoded = percent_encoding::percent_decode_str(&links.concat()).collect::<Vec<_>>();
        let expected = percent_encoding::percent_decode_str(url).collect::<Vec<_>>();
        assert_eq!((links.len(), decoded), (1, expected), "{markdown:?}");
    }
}

#[test]
fn hostile_texts_are_texts() {
    for text in TEXTS {
        check(text);
    }
    for (first, second) in TEXTS.iter().zip(TEXTS.iter().skip(7).chain(TEXTS)) {
        check(&format!("{first}{second}"));
        check(&format!("{first}\n{second}"));
        check(&format!("{first} {second}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_a_text(text in "\\PC*|[-_*~`<>|\\[\\]()\\\\#+=:&;.!$'\" a1\\n\\t]{0,24}") {
        check(&text);
    }

    #[test]
    fn pieces_of_markup_are_texts(pieces in prop::collection::vec(prop::sample::select(&[
        "`", "``", "```", "~~~", "\n", "\n\n", "    ", "\t", "- ", "1. ", "# ", "> ", "---", "===", "|", "|-|", ":-", "<b>", "<!--",
        "</", "[", "](", ")", "[^1]", "]: ", "!", "&lt;", "\\", "*", "_", "~", "$", "--", "...", "https://a.example", "http://", "://",
        "a", "b c", "\u{e9}", "\r", "\u{2028}", "\u{a0}", "'", "\"", ";", "&", "#", ".", "1",
    ][..]), 0..12)) {
        check(&pieces.concat());
    }
}

#[test]
fn texts_stay_readable() {
    for (text, shown) in [
        ("a `b[c]` [d]", "a `b[c]` \\[d\\]"),
        ("one ` tick [x]", "one \\` tick \\[x\\]"),
        ("(see http://a.example/x_y)", "(see <http://a.example/x_y>)"),
        ("https://<tenant>.example", "https://\\<tenant\\>.example"),
        (
            "The `client_id` of client_id, 2.5 times; isn't it? \"Yes\" - R&D.",
            "The `client_id` of client_id, 2.5 times; isn't it? \"Yes\" - R&D.",
        ),
        ("One.\nTwo.\n\n\n  Three.", "One.\nTwo.\n\nThree."),
    ] {
        assert_eq!(prose(text), shown);
    }
    assert_eq!(inline("a\n  b | c"), "a b \\| c");
    assert_eq!(code("a|b"), "`a`\\|`b`");
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(sentence("See https://a.example/b."), "See <https://a.example/b>.");
    assert_eq!(sentence("See `a`"), "See `a`.");
    assert_eq!(link("\"a\"", "https://a.example/b)[c"), "[\"a\"](https://a.example/b%29[c)");
}

#[test]
fn long_lines_are_wrapped_and_stay_markdown() {
    let long = format!("- {} - 1. # end", "word ".repeat(40).trim_end());
    let lines = wrap(&long, WIDTH);
    assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 104), "{lines:?}");
    assert!(
        lines[1..].iter().all(|line| line.starts_with("  w") || line.starts_with("  e")),
        "{lines:?}"
    );
    assert_eq!(lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "), long);
}

#[test]
fn code_blocks_stay() {
    let code = format!("```\n{}\n```", "x ".repeat(80).trim_end());
    assert_eq!(wrap(&code, WIDTH).join("\n"), code);
}
