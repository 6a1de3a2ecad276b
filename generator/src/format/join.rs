//! Lines that `prettyplease` breaks and rustfmt does not: lists in brackets that fit on a line, blocks around a single expression
//! of a match arm, a receiver apart from its only method. It changes white space, trailing commas and braces of match arms;
//! nothing else, so what is printed means the same.
//!
//! Relies on no literal and no comment spanning lines.

/// Width of a line, as rustfmt has it.
pub(super) const WIDTH: usize = 100;
/// Width of the arguments of a call, or of the elements of an array, on one line.
const LIST_WIDTH: usize = 60;
const INDENT: usize = 4;

/// A line without its indentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) indent: usize,
    pub(super) code: String,
}

impl Line {
    fn new(indent: usize, code: String) -> Self {
        Self { indent, code }
    }

    fn width(&self) -> usize {
        self.indent + self.code.chars().count()
    }

    fn fits(&self) -> bool {
        self.width() <= WIDTH
    }
}

/// Joins what fits.
pub(super) fn join(printed: &str) -> Vec<Line> {
    let lines: Vec<(usize, &str)> = printed.lines().map(split).collect();
    let mut joined = Joined { lines: Vec::with_capacity(lines.len()), outdented: None };
    for (position, (indent, code)) in lines.iter().enumerate() {
        let line = joined.shifted(*indent, code);
        let only_method = code.starts_with('.') && is_only_method(&lines, position);
        joined.push(line, only_method);
    }
    joined.lines
}

fn split(line: &str) -> (usize, &str) {
    let code = line.trim_start();
    (line.len() - code.len(), code)
}

/// Whether the method at `position` is the only one of its chain.
fn is_only_method(lines: &[(usize, &str)], position: usize) -> bool {
    let indent = lines[position].0;
    let after = lines[position + 1..].iter().take_while(|(other, _)| *other >= indent);
    !after.into_iter().any(|(other, code)| *other == indent && code.starts_with('.'))
}

/// What was joined so far.
struct Joined {
    lines: Vec<Line>,
    /// What is indented deeper than this moves one level to the left, up to the first line that is not.
    outdented: Option<usize>,
}

impl Joined {
    /// A line, moved with those before it.
    fn shifted(&mut self, indent: usize, code: &str) -> Line {
        match self.outdented {
            Some(limit) if indent > limit => Line::new(indent - INDENT, code.to_owned()),
            _ => {
                self.outdented = None;
                Line::new(indent, code.to_owned())
            }
        }
    }

    fn push(&mut self, line: Line, only_method: bool) {
        let joined = match line.code.as_bytes().first() {
            Some(b')' | b']' | b'>') => self.close_list(&line),
            Some(b'}') if line.code == "}" => self.close_arm(&line),
            Some(b'}') if line.code == "};" => self.close_use(&line),
            Some(b'{') if line.code == "{" => self.attach(&line, " "),
            Some(b'.') if only_method => self.attach_method(&line),
            _ => false,
        };
        if !joined {
            self.lines.push(line);
        }
    }

    /// The position of the line that opened what `indent` closes.
    fn opening(&self, indent: usize) -> Option<usize> {
        self.lines.iter().rposition(|line| line.indent <= indent && !line.code.is_empty())
    }

    /// `f(`, `a,`, `b,`, `);` becomes `f(a, b);`.
    fn close_list(&mut self, closing: &Line) -> bool {
        let Some(position) = self.opening(closing.indent) else {
            return false;
        };
        let opening = &self.lines[position];
        // In a chain that begins with a call, the call's arguments stand two levels deeper than its line.
        let in_chain = opening.indent + INDENT == closing.indent;
        let content = &self.lines[position + 1..];
        let matching = matches!(
            (opening.code.as_bytes().last(), closing.code.as_bytes().first()),
            (Some(b'('), Some(b')')) | (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>'))
        );
        if matching && opening.indent == closing.indent && is_sole(content, closing.indent + INDENT)
        {
            return self.hug(position, closing);
        }
        // What closes and opens at once, `) -> Result<`, waits for its own end.
        if !matching
            || closing.code.ends_with('<')
            || !(in_chain || opening.indent == closing.indent)
            || !is_flat(content, closing.indent + INDENT)
        {
            return false;
        }
        let list = listed(content);
        let free = opening.code.ends_with('<') || is_signature(&opening.code);
        let line = Line::new(opening.indent, format!("{}{list}{}", opening.code, closing.code));
        if (free || list.chars().count() <= LIST_WIDTH) && line.fits() {
            self.lines.truncate(position);
            // It may itself be the end of a list.
            self.push(line, false);
            return true;
        }
        if in_chain {
            let indent = opening.indent;
            self.lines[position + 1..].iter_mut().for_each(|line| line.indent -= INDENT);
            self.lines.push(Line::new(indent, closing.code.clone()));
            self.outdented = Some(indent);
        }
        in_chain
    }

    /// `f(`, `[`, `a,`, `],`, `);` becomes `f([`, `a,`, `]);`.
    fn hug(&mut self, position: usize, closing: &Line) -> bool {
        let (opening, first) = (&self.lines[position], &self.lines[position + 1]);
        let head = Line::new(opening.indent, format!("{}{}", opening.code, first.code));
        if !head.fits() {
            return false;
        }
        self.lines[position] = head;
        self.lines.remove(position + 1);
        self.lines[position + 1..]
            .iter_mut()
            .for_each(|line| line.indent = line.indent.saturating_sub(INDENT));
        if let Some(last) = self.lines.last_mut() {
            last.code.truncate(last.code.len() - 1);
            last.code.push_str(&closing.code);
        }
        true
    }

    /// `pattern => {`, `expression`, `}` becomes `pattern => expression,`.
    fn close_arm(&mut self, closing: &Line) -> bool {
        let Some(position) = self.opening(closing.indent) else {
            return false;
        };
        let opening = &self.lines[position];
        let Some(arm) = opening.code.strip_suffix(" => {") else {
            return false;
        };
        let indent = opening.indent;
        if indent != closing.indent {
            return false;
        }
        match &self.lines[position + 1..] {
            [only]
                if !only.code.ends_with(';')
                    && !only.code.ends_with('}')
                    && !only.code.starts_with(['#', '/']) =>
            {
                let line = Line::new(indent, format!("{arm} => {},", only.code));
                let fits = line.fits();
                if fits {
                    self.lines.truncate(position);
                    self.lines.push(line);
                }
                fits
            }
            [first, inside @ .., last] if is_match(first, inside, last) => {
                let head = Line::new(indent, format!("{arm} => {}", first.code));
                if !head.fits() {
                    return false;
                }
                self.lines[position] = head;
                self.lines.remove(position + 1);
                self.lines[position + 1..].iter_mut().for_each(|line| line.indent -= INDENT);
                if let Some(last) = self.lines.last_mut() {
                    last.code.push(',');
                }
                true
            }
            _ => false,
        }
    }

    /// Fills the lines of `use a::{`, `b,`, `c,`, `};`.
    fn close_use(&mut self, closing: &Line) -> bool {
        let Some(position) = self.opening(closing.indent) else {
            return false;
        };
        let opening = &self.lines[position];
        let is_use = opening.code.starts_with("use ") || opening.code.starts_with("pub use ");
        let inside = closing.indent + INDENT;
        let content = &self.lines[position + 1..];
        if !is_use || !opening.code.ends_with("::{") || !is_flat(content, inside) {
            return false;
        }
        let line = Line::new(
            closing.indent,
            format!("{}{}{}", opening.code, listed(content), closing.code),
        );
        if line.fits() {
            self.lines.truncate(position);
            self.lines.push(line);
            return true;
        }
        let filled = fill(content, inside);
        self.lines.truncate(position + 1);
        self.lines.extend(filled);
        false
    }

    /// Puts a line behind the one before it.
    fn attach(&mut self, line: &Line, between: &str) -> bool {
        let Some(before) = self.lines.last_mut() else {
            return false;
        };
        let width = before.width() + between.len() + line.code.chars().count();
        let fits = width <= WIDTH && !before.code.starts_with("//");
        if fits {
            before.code.push_str(between);
            before.code.push_str(&line.code);
        }
        fits
    }

    /// Puts the only method of a chain behind its receiver, where that is whole on its line.
    fn attach_method(&mut self, line: &Line) -> bool {
        let Some(receiver) = self.lines.last() else {
            return false;
        };
        let indent = receiver.indent;
        let code = receiver.code.as_str();
        let begins = code.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if !begins || !is_balanced(code) || indent + INDENT != line.indent || !self.attach(line, "")
        {
            return false;
        }
        self.outdented = Some(indent);
        true
    }
}

/// Whether a line closes every bracket that it opens. Brackets in a literal count, too: then a line stays as it is.
fn is_balanced(code: &str) -> bool {
    let count = |bracket: char| code.matches(bracket).count();
    count('(') == count(')') && count('[') == count(']') && count('{') == count('}')
}

/// Whether lines stand at one level, and hold nothing that needs a line of its own.
fn is_flat(lines: &[Line], indent: usize) -> bool {
    !lines.is_empty()
        && lines.iter().all(|line| {
            line.indent == indent && !line.code.starts_with(['#', '/']) && !line.code.is_empty()
        })
}

/// Whether lines are a single item of a list that itself opens on its first line and closes on its last.
fn is_sole(lines: &[Line], indent: usize) -> bool {
    let [first, inside @ .., last] = lines else {
        return false;
    };
    let ends = match first.code.as_bytes().last() {
        Some(b'(') => "),",
        Some(b'[') => "],",
        Some(b'{') => "},",
        _ => return false,
    };
    first.indent == indent
        && last.indent == indent
        && last.code == ends
        && !inside.is_empty()
        && inside.iter().all(|line| line.indent > indent || line.code.is_empty())
}

/// Items of a list on one line.
fn listed(lines: &[Line]) -> String {
    let list = lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>().join(" ");
    list.strip_suffix(',').map_or(list.clone(), str::to_owned)
}

/// Items of a list on as few lines as they need.
fn fill(content: &[Line], indent: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for item in content.iter().flat_map(|line| line.code.split_inclusive(", ")).map(str::trim) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + item.chars().count() <= WIDTH => {
                line.code.push(' ');
                line.code.push_str(item);
            }
            _ => lines.push(Line::new(indent, item.to_owned())),
        }
    }
    lines
}

/// Whether lines are a single `match`.
fn is_match(first: &Line, inside: &[Line], last: &Line) -> bool {
    first.code.starts_with("match ")
        && first.code.ends_with('{')
        && last.code == "}"
        && last.indent == first.indent
        && inside.iter().all(|line| line.indent > first.indent || line.code.is_empty())
}

/// Whether a line begins the signature of a function.
fn is_signature(code: &str) -> bool {
    let mut words = code.split(' ');
    words.by_ref().find(|word| {
        !matches!(*word, "pub" | "pub(crate)" | "pub(super)" | "async" | "const" | "unsafe")
    }) == Some("fn")
}
