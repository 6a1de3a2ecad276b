//! A command line as pages print it, and the words that a shell would make of it.

/// The words of the first command in `text`, or the line and the column of the quote that is never closed.
pub(super) fn words(text: &str) -> Result<Vec<String>, (usize, usize)> {
    let text = text.replace("\r\n", "\n").replace(['\u{201c}', '\u{201d}'], "\"");
    let text = text.replace(['\u{2018}', '\u{2019}'], "'");
    let shown = text.clone();
    let (text, document) = here_document(&without_carets(&text));
    let mut words =
        shlex::split(&with_plain_quotes(&continued(&text))).ok_or_else(|| open_quote(&shown))?;
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

/// Where the quote stands that is never closed. A stray one makes all that follow close what they should open: the first that is
/// open where a line goes on in the next one is taken for it.
fn open_quote(text: &str) -> (usize, usize) {
    let mut open: Option<(char, (usize, usize))> = None;
    for (row, line) in text.lines().enumerate() {
        let mut characters = line.chars().enumerate();
        while let Some((column, c)) = characters.next() {
            match (open, c) {
                (None | Some(('"', _)), '\\') => drop(characters.next()),
                (None, '\'' | '"') => open = Some((c, (row + 1, column + 1))),
                (Some((quote, _)), c) if quote == c => open = None,
                _ => {}
            }
        }
        if let Some((_, place)) = open.filter(|_| line.trim_end().ends_with('\\')) {
            return place;
        }
    }
    open.map_or((1, 1), |(_, place)| place)
}

/// The text without the here-document of its command, and that: the lines behind `<<END`, up to the word by itself. curl's `-d` leaves
/// the ends of lines out.
fn here_document(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let found = lines.iter().enumerate().find_map(|(at, line)| {
        let (before, rest) = line.split_once("<<")?;
        let rest = rest.trim_start_matches(['-', '~']).trim_start();
        let rest = rest.trim_start_matches(['\'', '"', '\\']);
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, after) = rest.split_at(length.unwrap_or(rest.len()));
        let end = lines.iter().skip(at + 1).position(|line| line.trim() == word)?;
        let after = after.trim_start_matches(['\'', '"']);
        (!word.is_empty()).then(|| (at, format!("{before}{after}"), at + 1 + end))
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
