//! A command line as pages print it, and the words that a shell would make of it.

use super::lines::is_option;

/// The words of the first command in `text`, or the line and the column of the quote that is never closed.
pub(super) fn words(text: &str) -> Result<Vec<String>, (usize, usize)> {
    let text = without_carets(&with_plain_signs(&text.replace("\r\n", "\n")));
    let shown = text.clone();
    let (text, document) = here_document(&text);
    if let (None, Some(place)) = (&document, open_quote(&shown)) {
        return Err(place);
    }
    let split = shlex::split(&with_plain_quotes(&continued(&text)));
    let mut words = split.ok_or_else(|| open_quote(&shown).unwrap_or((1, 1)))?;
    if let Some(document) = document {
        // `-d @-`: what curl reads from its input.
        for word in &mut words {
            if let Some(option) = word.strip_suffix("@-") {
                *word = format!("{option}{document}");
            }
        }
    }
    Ok(words)
}

/// The quotes of a command, line by line.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// The one that is open: `$` for `$'…'`, where it stands, and what follows it in its line.
    open: Option<(char, (usize, usize), String)>,
}

impl Quotes {
    /// Whether the next line stands in a quote.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the quote that is open was to end before this line: one that holds a document may hold empty lines, and none holds what
    /// looks like an option.
    pub(super) fn is_stray_before(&self, line: &str) -> bool {
        self.open.as_ref().is_some_and(|(_, _, inner)| {
            let is_document =
                inner.trim().is_empty() || inner.trim_start().starts_with(['{', '[', '<']);
            is_option(line.trim_start()) || line.trim().is_empty() && !is_document
        })
    }

    /// Reads the line with this number.
    pub(super) fn line(&mut self, line: &str, row: usize) {
        let line = with_plain_signs(line);
        let mut characters = line.char_indices().enumerate().peekable();
        let mut before = ' ';
        while let Some((column, (at, c))) = characters.next() {
            let quote = self.open.as_ref().map(|(quote, ..)| *quote);
            let is_ansi = quote.is_none() && before == '$';
            match (quote, c) {
                (None | Some('"' | '$'), '\\') => drop(characters.next()),
                (None, '#') if before.is_whitespace() => break,
                (None, '\'' | '"') => {
                    let kind = if is_ansi && c == '\'' { '$' } else { c };
                    self.open = Some((kind, (row, column + 1), line[at + 1..].to_owned()));
                }
                (Some(open), c) if open == c && c != '$' || open == '$' && c == '\'' => {
                    self.open = None
                }
                _ => {}
            }
            before = c;
        }
    }
}

/// Where the quote stands that is never closed. A stray one makes all that follow close what they should open: the first that is
/// open where an option follows, or where a line goes on in the next one, is taken for it.
fn open_quote(text: &str) -> Option<(usize, usize)> {
    let mut quotes = Quotes::default();
    let mut going_on = None;
    let place = |quotes: &Quotes| quotes.open.as_ref().map(|(_, place, _)| *place);
    for (row, line) in text.lines().enumerate() {
        if quotes.is_stray_before(line) {
            return place(&quotes);
        }
        quotes.line(line, row + 1);
        if line.trim_end().ends_with('\\') {
            going_on = going_on.or(place(&quotes));
        }
    }
    place(&quotes).and(going_on.or(place(&quotes)))
}

/// Whether a line goes on in the next one.
pub(super) fn goes_on(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with(['\\', '^']) || line.ends_with(" `")
}

/// Quotes as a shell knows them, of those that pages print.
fn with_plain_signs(text: &str) -> String {
    text.replace(['\u{201c}', '\u{201d}'], "\"").replace(['\u{2018}', '\u{2019}'], "'")
}

/// The word that ends the here-document of a line.
pub(super) fn here_word(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("<<")?;
    let rest =
        rest.trim_start_matches(['-', '~']).trim_start().trim_start_matches(['\'', '"', '\\']);
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    Some(&rest[..length.unwrap_or(rest.len())]).filter(|word| !word.is_empty())
}

/// The text without the here-document of its command, and that: the lines behind `<<END`, up to the word by itself. curl's `-d` leaves
/// the ends of lines out.
fn here_document(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let found = lines.iter().enumerate().find_map(|(at, line)| {
        let word = here_word(line)?;
        let (before, rest) = line.split_once("<<")?;
        let after = rest.split_once(word)?.1.trim_start_matches(['\'', '"']);
        let end = lines.iter().skip(at + 1).position(|line| line.trim() == word)?;
        Some((at, format!("{before}{after}"), at + 1 + end))
    });
    let Some((start, line, end)) = found else { return (text.to_owned(), None) };
    let document = lines[start + 1..end].concat();
    let mut kept = lines[..start].to_vec();
    kept.push(&line);
    kept.extend(&lines[end + 1..]);
    (kept.join("\n"), Some(document))
}

/// What `cmd.exe` takes for it: a caret takes the meaning of the next character away, that of a line's end, too.
fn without_carets(text: &str) -> String {
    let ends = text.lines().any(|line| line.trim_end().ends_with('^'));
    if !ends && !text.contains("^\"") {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('^', Some('\n' | ' ')) => plain.push_str("\\\n"),
            ('^', Some(_)) => plain.extend(characters.next()),
            ('^', None) => {}
            _ => plain.push(c),
        }
    }
    plain
}

/// Lines that go on in the next one, although white space stands behind the backslash, or a backtick (PowerShell) in its place.
fn continued(text: &str) -> String {
    let line = |line: &str| {
        let trimmed = line.trim_end();
        match trimmed.strip_suffix('`').filter(|before| before.ends_with(' ')) {
            Some(before) => format!("{before}\\"),
            None if trimmed.ends_with('\\') => trimmed.to_owned(),
            None => line.to_owned(),
        }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// `$'…'` of bash as `'…'`, which every shell reads alike.
fn with_plain_quotes(text: &str) -> String {
    let mut plain = String::new();
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '$') if characters.peek() == Some(&'\'') => {
                characters.next();
                let mut inner = String::new();
                while let Some(c) = characters.next().filter(|c| *c != '\'') {
                    match c {
                        '\\' => inner.extend(escaped(&mut characters)),
                        c => inner.push(c),
                    }
                }
                plain.push_str(&format!("'{}'", inner.replace('\'', r"'\''")));
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            // To `shlex`, a line that goes on would begin with an empty word.
            (None, '\\') if characters.peek() == Some(&'\n') => {
                characters.next();
                plain.push(' ');
                continue;
            }
            // A line that went on, pasted as one: nobody begins a word with a space.
            (None, '\\')
                if plain.ends_with([' ', '\n', '\t'])
                    && characters.peek().is_none_or(|c| [' ', '\t'].contains(c)) =>
            {
                continue;
            }
            (None | Some('"'), '\\') => {
                plain.push(c);
                plain.extend(characters.next());
                continue;
            }
            _ => {}
        }
        plain.push(c);
    }
    plain
}

/// What stands behind a backslash in `$'…'`.
fn escaped(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    let first = characters.next()?;
    let mut digits = |radix: u32, most: usize, so_far: u32| {
        let mut value = so_far;
        for _ in 0..most {
            let Some(digit) = characters.peek().and_then(|c| c.to_digit(radix)) else { break };
            value = value.checked_mul(radix)?.checked_add(digit)?;
            characters.next();
        }
        char::from_u32(value)
    };
    match first {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'x' => digits(16, 2, 0),
        'u' => digits(16, 4, 0),
        'U' => digits(16, 8, 0),
        '0'..='7' => digits(8, 2, first.to_digit(8)?),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_as_shells_make_them() {
        let table: &[(&str, &[&str])] = &[
            ("curl -d 'a b' \\\n  -d \"c\\\"d\"", &["curl", "-d", "a b", "-d", "c\"d"]),
            ("curl \\  \n --url \\\n  a", &["curl", "--url", "a"]),
            ("curl -d $'a\\'b\\n\\x41\\u00e9\\101'", &["curl", "-d", "a'b\nA\u{e9}A"]),
            ("curl -d \"it's $'x'\"", &["curl", "-d", "it's $'x'"]),
            ("curl ^\r\n -d \"a=b^&c\" ^\r\n -s", &["curl", "-d", "a=b&c", "-s"]),
            ("curl -d ^\"{^\\^\"a^\\^\":1}^\"", &["curl", "-d", "{\"a\":1}"]),
            ("curl -X POST `\n -s", &["curl", "-X", "POST", "-s"]),
            ("curl \u{201c}a b\u{201d}", &["curl", "a b"]),
            ("curl -H 'x: '\"'\"'y'", &["curl", "-H", "x: 'y"]),
            (
                "curl -d @- a <<'EOF' | jq\n{\"a\":\n 1}\nEOF\n",
                &["curl", "-d", "{\"a\": 1}", "a", "|", "jq"],
            ),
            ("curl a -d@- <<-END\n  b=c\n  END\nls", &["curl", "a", "-d  b=c", "ls"]),
            ("curl a \\ -d b=c \\  -d 'd \\ e' \\", &["curl", "a", "-d", "b=c", "-d", "d \\ e"]),
            ("curl -d a\\ b", &["curl", "-d", "a b"]),
            ("curl -d 'a<<b'", &["curl", "-d", "a<<b"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text).unwrap(), *expected, "{text}");
        }
        assert_eq!(words("curl -d 'a"), Err((1, 9)));
        let stray = "curl \\\n -H 'a: b 'c==' \\\n -d 'd=e'";
        assert_eq!(words(stray), Err((2, 15)));
        assert_eq!(words("curl -d '{\n \"a\": 1}"), Err((1, 9)));
    }
}
