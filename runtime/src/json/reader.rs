//! The reading of JSON as providers write it, which loses no token to a member that nobody asked for.
//!
//! It reads what the grammar of RFC 8259 allows, whatever it means: half a surrogate pair, a number beyond any type, any nesting.
//! Between the quotes of a text it also takes what the grammar forbids and real answers hold: bytes that are not UTF-8, raw line
//! breaks, unknown escapes. None of them leaves open where the text ends. `serde_json` refuses a whole answer for each of these, and
//! reads numbers otherwise when some other crate of the program turns on its `arbitrary_precision`.

use zeroize::Zeroizing;

use super::{Node, Text};

/// How deep the tree is. What is nested deeper is skipped: no contract names it.
const DEPTH: usize = 127;

/// How many members an object has room for at once: those of an RFC 6749 answer, so that it takes one allocation.
const MEMBERS: usize = 8;

/// Stands for what is no character. No token holds it.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Reads one value. The second part says whether it is all there, with nothing behind it; otherwise the first is what could be read
/// before it broke off.
pub(super) fn read(bytes: &[u8]) -> (Option<Node<'_>>, bool) {
    // Once for the whole body is cheaper than once for each text in it.
    let text = std::str::from_utf8(bytes).ok();
    let mut reader = Reader { bytes, text, at: 0, broken: false };
    let root = reader.value(0);
    reader.space();
    let whole = root.is_some() && !reader.broken && reader.at == bytes.len();
    (root, whole)
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// The same bytes, where all of them are UTF-8.
    text: Option<&'a str>,
    at: usize,
    /// Something is not as the grammar has it: nothing is read any more.
    broken: bool,
}

impl<'a> Reader<'a> {
    /// The value that comes next; `None` where none does.
    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        self.space();
        match self.bytes.get(self.at)? {
            b'{' if depth < DEPTH => Some(self.object(depth)),
            b'[' if depth < DEPTH => Some(self.array(depth)),
            b'{' | b'[' => self.skip(),
            b'"' => self.string().map(Node::Text),
            b'n' => self.word(b"null", Node::Null),
            b't' => self.word(b"true", Node::Bool(true)),
            b'f' => self.word(b"false", Node::Bool(false)),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Node<'a> {
        self.at += 1;
        let mut members = Vec::new();
        if self.comes(b'}') {
            return Node::Object(members);
        }
        while let Some(name) = self.name() {
            let Some(value) = self.value(depth + 1) else { break };
            // Not before there is a first member: an empty object takes no allocation.
            if members.is_empty() {
                members.reserve(MEMBERS);
            }
            members.push((name, value));
            if self.broken || self.comes(b'}') {
                return Node::Object(members);
            }
            if !self.comes(b',') {
                break;
            }
        }
        self.broken = true;
        Node::Object(members)
    }

    fn name(&mut self) -> Option<Text<'a>> {
        self.space();
        let name = if self.bytes.get(self.at) == Some(&b'"') { self.string() } else { None };
        name.filter(|_| self.comes(b':'))
    }

    fn array(&mut self, depth: usize) -> Node<'a> {
        self.at += 1;
        let mut items = Vec::new();
        if self.comes(b']') {
            return Node::Array(items);
        }
        while let Some(item) = self.value(depth + 1) {
            items.push(item);
            if self.broken || self.comes(b']') {
                return Node::Array(items);
            }
            if !self.comes(b',') {
                break;
            }
        }
        self.broken = true;
        Node::Array(items)
    }

    /// A container that is nested too deeply: it reads as an empty one.
    fn skip(&mut self) -> Option<Node<'a>> {
        let empty = if self.bytes.get(self.at) == Some(&b'{') {
            Node::Object(Vec::new())
        } else {
            Node::Array(Vec::new())
        };
        let mut open = 0_usize;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.extent()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(empty);
            }
        }
    }

    fn string(&mut self) -> Option<Text<'a>> {
        let start = self.at + 1;
        let escaped = self.extent()?;
        let raw = start..self.at - 1;
        if escaped {
            return Some(unescaped(self.bytes.get(raw)?));
        }
        match self.text {
            Some(text) => text.get(raw).map(Text::Borrowed),
            None => Some(String::from_utf8_lossy(self.bytes.get(raw)?).into()),
        }
    }

    /// Goes behind the text that begins here, and says whether an escape is in it; `None` where it does not end.
    fn extent(&mut self) -> Option<bool> {
        let mut escaped = false;
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(escaped)
    }

    /// A number of any size: what no double can hold is infinite.
    fn number(&mut self) -> Option<Node<'a>> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && !self.digits() {
            return None;
        }
        let mut whole = true;
        if self.eat(b'.') {
            whole = false;
            if !self.digits() {
                return None;
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            whole = false;
            let _sign = self.eat(b'+') || self.eat(b'-');
            if !self.digits() {
                return None;
            }
        }
        let number = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        if whole {
            if let Ok(value) = number.parse() {
                return Some(Node::Unsigned(value));
            }
            // Zero with a sign is no whole number.
            if let Some(value) = number.parse().ok().filter(|value| *value != 0) {
                return Some(Node::Signed(value));
            }
        }
        number.parse().ok().map(Node::Float)
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at > start
    }

    fn word(&mut self, word: &[u8], node: Node<'a>) -> Option<Node<'a>> {
        let found = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(node)
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Whether this comes next, behind white space; if so, it is taken.
    fn comes(&mut self, byte: u8) -> bool {
        self.space();
        self.eat(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }
}

/// A text with its escapes read. What stands for no character becomes U+FFFD, which no token holds.
fn unescaped<'a>(raw: &[u8]) -> Text<'a> {
    // No escape grows by more than half, so that this never moves and leaves a copy of a token behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * raw.len()));
    let mut rest = raw;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let (character, behind) = escape(behind);
        rest = behind;
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Text::Owned(Zeroizing::new(text)),
        Err(error) => {
            let bytes = Zeroizing::new(error.into_bytes());
            Text::Owned(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
        }
    }
}

/// The character that is written behind a backslash, and what follows it.
fn escape(written: &[u8]) -> (char, &[u8]) {
    let Some((kind, rest)) = written.split_first() else {
        return (REPLACEMENT, written);
    };
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => REPLACEMENT,
    };
    (character, rest)
}

/// The character behind `\u`, which may be a pair of surrogates (RFC 8259 section 7).
fn unicode(written: &[u8]) -> (char, &[u8]) {
    let Some((unit, rest)) = unit(written) else {
        return (REPLACEMENT, written);
    };
    if let Some(character) = char::from_u32(unit.into()) {
        return (character, rest);
    }
    let low = rest.strip_prefix(br"\u").and_then(self::unit);
    let pair = low.and_then(|(low, rest)| {
        let character = char::decode_utf16([unit, low]).next()?.ok()?;
        Some((character, rest))
    });
    pair.unwrap_or((REPLACEMENT, rest))
}

/// Four hexadecimal digits.
fn unit(written: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = written.split_at_checked(4)?;
    let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
    let unit = digits.try_fold(0, |unit, digit| Some(16 * unit + digit?))?;
    Some((u16::try_from(unit).ok()?, rest))
}
