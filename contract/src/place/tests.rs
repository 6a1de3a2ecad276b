//! Places are exact, whatever stands around them.

use super::Places;
use crate::diagnostics::At;
use crate::path::{Path, Step};

/// `line:column text` of the fact at a path such as `a.b[0]`.
fn place(text: &str, path: &str, at: At) -> String {
    let span = Places::new(text, 0).find(&parse(path), at);
    format!("{}:{} {}", span.line, span.column, &text[span.start..span.end])
}

fn parse(path: &str) -> Path {
    let mut steps = Vec::new();
    for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
        steps.push(match part.strip_suffix(']') {
            Some(index) => Step::Index(index.parse().unwrap()),
            None => Step::Key(part.to_owned()),
        });
    }
    Path(steps)
}

fn value(text: &str, path: &str) -> String {
    place(text, path, At::Value)
}

fn key(text: &str, path: &str) -> String {
    place(text, path, At::Key)
}

const BLOCK: &str = "\
# A comment.
plain: a text, with a comma # and a comment
double: \"a \\\" b\" # c
'single key': 'it''s'
empty:
empty too: # nothing
list:
  - one
  - - two
    - three
  - key: value # x
    other: |
      text
mapping:
  inner: { a: 1, \"b\": [x, 'y, z'], c }
numbers: [1, -2.5, ~, true]
url: https://a.example/?b=c#d
last: end";

#[test]
fn scalars() {
    assert_eq!(value(BLOCK, "plain"), "2:8 a text, with a comma");
    assert_eq!(value(BLOCK, "double"), "3:9 \"a \\\" b\"");
    assert_eq!(value(BLOCK, "single key"), "4:15 'it''s'");
    assert_eq!(value(BLOCK, "url"), "17:6 https://a.example/?b=c#d");
    assert_eq!(value(BLOCK, "last"), "18:7 end");
    assert_eq!(value(BLOCK, "list[2].other"), "12:12 |");
}

#[test]
fn keys() {
    assert_eq!(key(BLOCK, "plain"), "2:1 plain");
    assert_eq!(key(BLOCK, "single key"), "4:1 'single key'");
    assert_eq!(key(BLOCK, "empty too"), "6:1 empty too");
    assert_eq!(key(BLOCK, "list[2].other"), "12:5 other");
    assert_eq!(key(BLOCK, "mapping.inner.b"), "15:18 \"b\"");
}

#[test]
fn what_is_not_written_is_placed_at_its_key() {
    assert_eq!(value(BLOCK, "empty"), "5:1 empty");
    assert_eq!(value(BLOCK, "empty too"), "6:1 empty too");
    assert_eq!(value(BLOCK, "mapping.inner.c"), "15:36 c");
}

#[test]
fn containers_are_placed_at_their_first_line() {
    assert_eq!(value(BLOCK, "list"), "8:3 - one");
    assert_eq!(value(BLOCK, "list[1]"), "9:5 - two");
    assert_eq!(value(BLOCK, "list[2]"), "11:5 key: value");
    assert_eq!(value(BLOCK, "mapping"), "15:3 inner: { a: 1, \"b\": [x, 'y, z'], c }");
    assert_eq!(value(BLOCK, "mapping.inner"), "15:10 { a: 1, \"b\": [x, 'y, z'], c }");
    assert_eq!(value(BLOCK, "mapping.inner.b"), "15:23 [x, 'y, z']");
}

#[test]
fn items_of_flow_lists() {
    assert_eq!(value(BLOCK, "mapping.inner.b[0]"), "15:24 x");
    assert_eq!(value(BLOCK, "mapping.inner.b[1]"), "15:27 'y, z'");
    assert_eq!(value(BLOCK, "numbers[1]"), "16:14 -2.5");
    assert_eq!(value(BLOCK, "numbers[2]"), "16:20 ~");
    assert_eq!(value(BLOCK, "numbers[3]"), "16:23 true");
    assert_eq!(value(BLOCK, "mapping.inner.a"), "15:15 1");
}

#[test]
fn what_is_missing_is_placed_at_the_nearest_fact_above() {
    assert_eq!(value(BLOCK, "mapping.inner.z.y"), "15:3 inner");
    assert_eq!(key(BLOCK, "mapping.nothing"), "14:1 mapping");
    assert_eq!(key(BLOCK, "list[7]"), "7:1 list");
    assert_eq!(key(BLOCK, "nothing"), "2:1 plain: a text, with a comma");
    assert_eq!(value("", "nothing"), "1:1 ");
}

#[test]
fn columns_are_characters_and_bytes_are_bytes() {
    let text = "ключ: значение\r\nk: { é: \"日本\", x: y }\r\nl:\r\n  - 日\r\n  - b\r\n";
    assert_eq!(key(text, "ключ"), "1:1 ключ");
    assert_eq!(value(text, "ключ"), "1:7 значение");
    assert_eq!(value(text, "k.é"), "2:9 \"日本\"");
    assert_eq!(value(text, "k.x"), "2:18 y");
    assert_eq!(value(text, "l[0]"), "4:5 日");
    assert_eq!(value(text, "l[1]"), "5:5 b");
    let span = Places::new(text, 0).find(&Path::of("ключ"), At::Value);
    assert_eq!((span.width, span.end - span.start), (8, 16));
}

#[test]
fn a_byte_order_mark_moves_bytes_but_not_columns() {
    let span = Places::new("a: b", 3).find(&Path::of("a"), At::Value);
    assert_eq!((span.line, span.column, span.start, span.end), (1, 4, 6, 7));
}

#[test]
fn later_occurrences_of_a_key() {
    let text = "a: 1\nb: { x: 1, x: 2 }\na: 2\n";
    let places = Places::new(text, 0);
    assert_eq!(places.find_occurrence(&Path::of("a"), 1).line, 3);
    assert_eq!(places.find_occurrence(&Path::of("b.x"), 1).column, 12);
}

#[test]
fn a_long_line_of_many_nodes_is_quick() {
    let text = format!("é: [{}]", "é, ".repeat(40_000));
    assert_eq!(value(&text, "é[39999]"), "1:120002 é");
}

#[test]
fn keys_that_look_like_places_do_not_confuse() {
    let text = "x at line 9 column 9: { y at line 7 column 7: z }";
    assert_eq!(value(text, "x at line 9 column 9.y at line 7 column 7"), "1:47 z");
}
