//! Where the text of a node ends. Never past its first line.

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A key.
    Key,
    /// A value without other values inside.
    Scalar,
    /// A mapping or a list.
    Container,
}

/// The byte before which the text ends that begins at `start`; `start` itself where nothing is written there. `flow`: it
/// stands between braces or brackets.
pub(super) fn end(text: &str, start: usize, role: Role, flow: bool) -> usize {
    let line = line_from(text, start);
    let length = match (line.bytes().next(), role) {
        (Some(quote @ (b'"' | b'\'')), Role::Key | Role::Scalar) => quoted(line, quote),
        (Some(b'{' | b'['), Role::Container) => bracketed(line),
        (Some(b'|' | b'>'), Role::Scalar) if !flow => {
            line.find(char::is_whitespace).unwrap_or(line.len())
        }
        (_, Role::Container) => without_comment(line).len(),
        (_, role) => plain(line, flow, role == Role::Key),
    };
    start + length
}

/// What is left of the line at `start`.
fn line_from(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line)
}

/// The length of a text in quotes, the quotes included.
fn quoted(line: &str, quote: u8) -> usize {
    let mut bytes = line.bytes().enumerate().skip(1).peekable();
    while let Some((index, byte)) = bytes.next() {
        let twice = quote == b'\'' && bytes.peek().is_some_and(|(_, next)| *next == quote);
        match (quote, byte) {
            (b'"', b'\\') => _ = bytes.next(),
            (_, byte) if byte == quote && twice => _ = bytes.next(),
            (_, byte) if byte == quote => return index + 1,
            _ => {}
        }
    }
    line.trim_end().len()
}

/// The length of a list or mapping in brackets, as far as it goes on this line.
fn bracketed(line: &str) -> usize {
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some(byte) = line.as_bytes().get(index) {
        match byte {
            b'"' | b'\'' if opens(line, index) => {
                index += quoted(line.get(index..).unwrap_or_default(), *byte);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'#' if line.get(..index).is_some_and(|before| before.ends_with(' ')) => {
                break;
            }
            _ => {}
        }
        index += 1;
        if depth == 0 {
            return index;
        }
    }
    line.get(..index).unwrap_or(line).trim_end().len()
}

/// Whether a quote at `index` opens a text, rather than being part of one: `it's`.
fn opens(line: &str, index: usize) -> bool {
    let before = line.get(..index).unwrap_or_default();
    before.ends_with([' ', ',', '[', '{', ':', '\t'])
}

/// The length of a text without quotes.
fn plain(line: &str, flow: bool, key: bool) -> usize {
    let line = without_comment(line);
    let mut end = line.len();
    for (index, character) in line.char_indices() {
        let next = line.get(index + character.len_utf8()..).and_then(|rest| rest.chars().next());
        let ends_key = character == ':'
            && next.is_none_or(|next| next.is_whitespace() || (flow && ",[]{}".contains(next)));
        if (ends_key && (key || flow)) || (flow && ",[]{}".contains(character)) {
            end = index;
            break;
        }
    }
    line.get(..end).unwrap_or(line).trim_end().len()
}

/// The line up to a comment.
fn without_comment(line: &str) -> &str {
    let comment =
        if line.starts_with('#') { Some(0) } else { line.find(" #").or_else(|| line.find("\t#")) };
    comment.and_then(|comment| line.get(..comment)).unwrap_or(line).trim_end()
}
