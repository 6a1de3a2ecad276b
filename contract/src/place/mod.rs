//! Where each fact stands in its file.

mod cursor;
mod extent;
mod index;
#[cfg(test)]
mod tests;

pub(crate) use cursor::line_and_column;
pub(crate) use index::start_of;

use crate::diagnostics::{At, Span};
use crate::path::{Path, Step};
use extent::Role;
use index::{Content, Node};
use std::borrow::Cow;
use std::cell::OnceCell;

/// The places of a document. Nothing is computed before the first is asked for.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    /// The text without its byte order mark.
    text: Cow<'a, str>,
    /// How many bytes of the file stand before it.
    offset: usize,
    root: OnceCell<Node>,
    /// Where each line begins.
    lines: OnceCell<Vec<usize>>,
    /// Where a part of the document stands whose facts take the place of those above it: `variants.pkce`.
    variant: Path,
}

/// A node on the way down a path.
#[derive(Clone, Copy)]
struct Found<'a> {
    /// The byte at which its key begins, where it has one.
    key: Option<usize>,
    node: &'a Node,
    /// Whether it stands between braces or brackets.
    flow: bool,
}

impl<'a> Places<'a> {
    /// The places of `text`, which stands `offset` bytes from the beginning of its file.
    pub(crate) fn new(text: impl Into<Cow<'a, str>>, offset: usize) -> Self {
        let (text, variant) = (text.into(), Path::root());
        Self { text, offset, root: OnceCell::new(), lines: OnceCell::new(), variant }
    }

    /// The places of the same document.
    pub(crate) fn of(other: &Self) -> Self {
        Self { variant: other.variant.clone(), ..Self::new(other.text.clone(), other.offset) }
    }

    /// The places of the same document, for the facts of the variant at `variant`: each stands there if it is said there, else where
    /// it is said for all of them.
    pub(crate) fn of_variant(&self, variant: Path) -> Self {
        Self { variant, ..Self::of(self) }
    }

    /// Whether the fact at `path`, or what is nearest to it, is said by the variant.
    pub(crate) fn is_of_variant(&self, path: &Path) -> bool {
        self.own(&path.0).is_some()
    }

    /// The text that `at` of the fact at `path` takes. A fact that is not there is placed at the nearest one above it.
    pub(crate) fn find(&self, path: &Path, at: At) -> Span {
        let (start, end) = self.range(path, at);
        self.span(start, end)
    }

    /// How many steps of the path are there.
    pub(crate) fn depth(&self, path: &Path) -> usize {
        self.own(&path.0).unwrap_or_else(|| self.walk(&path.0)).1
    }

    /// The bytes of [`find`](Self::find).
    fn range(&self, path: &Path, at: At) -> (usize, usize) {
        let (found, all) = self.descend(&path.0);
        match (at, all) {
            (At::Value, true) => self.value(found),
            _ => self.key(found),
        }
    }

    /// Whether the key at `path` stands between braces and has no `:` behind it.
    pub(crate) fn is_bare_key(&self, path: &Path) -> bool {
        let (found, all) = self.descend(&path.0);
        let Some(key) = found.key.filter(|_| all && found.flow) else { return false };
        let end = extent::end(&self.text, key, Role::Key, true);
        self.text.get(end..).is_some_and(|rest| rest.trim_start().starts_with([',', '}']))
    }

    /// The place of an occurrence of a key that is there several times, counted from 0.
    pub(crate) fn find_occurrence(&self, path: &Path, occurrence: usize) -> Span {
        let Some((Step::Key(name), above)) = path.0.split_last() else {
            return self.find(path, At::Key);
        };
        let (found, _) = self.descend(above);
        let flow = self.is_flow(found);
        let entries = match &found.node.content {
            Content::Mapping(entries) => entries.as_slice(),
            Content::List(_) | Content::Scalar => &[],
        };
        let (start, end) = match entries.iter().filter(|entry| entry.name == *name).nth(occurrence)
        {
            Some(entry) => self.key(Found { key: Some(entry.key), node: &entry.value, flow }),
            None => self.key(found),
        };
        self.span(start, end)
    }

    /// The text of the value at `path` as written, its first line.
    pub(crate) fn text_of(&self, path: &Path, at: At) -> &str {
        let (start, end) = self.range(path, at);
        self.text
            .get(floor(&self.text, start)..floor(&self.text, end.max(start)))
            .unwrap_or_default()
    }

    /// The place of the bytes from `start` to `end` of the text.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let start = floor(&self.text, start);
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect()
        });
        let line = lines.partition_point(|begin| *begin <= start);
        let begin = lines.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(begin..start).unwrap_or_default().chars().count() + 1;
        let end = floor(&self.text, end.max(start));
        let width = self.text.get(start..end).unwrap_or_default().chars().count();
        Span { line, column, start: start + self.offset, end: end + self.offset, width }
    }

    /// The place of the character at a byte of the text.
    pub(crate) fn character(&self, start: usize) -> Span {
        let start = floor(&self.text, start);
        let width = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .filter(|next| !"\r\n".contains(*next));
        self.span(start, start + width.map_or(0, char::len_utf8))
    }

    /// The place of the placeholder at a byte of the text: `${…}`.
    pub(crate) fn rest_of_placeholder(&self, start: usize) -> Span {
        let length = self.text.get(start..).and_then(|rest| rest.lines().next()?.find('}'));
        self.span(start, start + length.map_or(1, |brace| brace + 1))
    }

    /// The place of the rest of the line at a byte of the text, without a comment.
    pub(crate) fn rest_of_line(&self, start: usize) -> Span {
        let start = floor(&self.text, start);
        self.span(start, extent::end(&self.text, start, Role::Container, false))
    }

    /// The node at the end of the path, or the last one on the way; and whether it is the end.
    fn descend(&self, steps: &[Step]) -> (Found<'_>, bool) {
        let (found, depth) = self.own(steps).unwrap_or_else(|| self.walk(steps));
        (found, depth == steps.len())
    }

    /// The same in the variant, where it says at least as much of the path as stands outside.
    fn own(&self, steps: &[Step]) -> Option<(Found<'_>, usize)> {
        let above = self.variant.0.len();
        if above == 0 {
            return None;
        }
        let (found, depth) = self.walk(&[self.variant.0.as_slice(), steps].concat());
        let own = depth.checked_sub(above).filter(|own| *own > 0)?;
        (own >= self.walk(steps).1).then_some((found, own))
    }

    /// The node at the end of the path, or the last one on the way; and how many steps lead there.
    fn walk(&self, steps: &[Step]) -> (Found<'_>, usize) {
        let root = self.root.get_or_init(|| Node::index(&self.text));
        let mut found = Found { key: None, node: root, flow: false };
        for (depth, step) in steps.iter().enumerate() {
            let flow = self.is_flow(found);
            let next = match (&found.node.content, step) {
                (Content::List(items), Step::Index(index)) => {
                    items.get(*index).map(|node| Found { key: None, node, flow })
                }
                (Content::Mapping(entries), Step::Key(name)) => {
                    let entry = entries.iter().find(|entry| entry.name == *name);
                    entry.map(|entry| Found { key: Some(entry.key), node: &entry.value, flow })
                }
                _ => None,
            };
            match next {
                Some(next) => found = next,
                None => return (found, depth),
            }
        }
        (found, steps.len())
    }

    /// Whether what is inside stands between braces or brackets.
    fn is_flow(&self, found: Found<'_>) -> bool {
        let brackets =
            self.text.get(found.node.start..).is_some_and(|rest| rest.starts_with(['{', '[']));
        found.flow || (brackets && !matches!(found.node.content, Content::Scalar))
    }

    fn key(&self, found: Found<'_>) -> (usize, usize) {
        match found.key {
            Some(key) => (key, extent::end(&self.text, key, Role::Key, found.flow)),
            None => self.value(found),
        }
    }

    fn value(&self, found: Found<'_>) -> (usize, usize) {
        let role = if matches!(found.node.content, Content::Scalar) {
            Role::Scalar
        } else {
            Role::Container
        };
        let start = found.node.start;
        let end = extent::end(&self.text, start, role, found.flow);
        match found.key {
            // Nothing is written there.
            Some(key) if end == start => (key, extent::end(&self.text, key, Role::Key, found.flow)),
            _ => (start, end),
        }
    }
}

/// The last boundary between characters that is not after `byte`.
fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
