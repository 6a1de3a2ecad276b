//! Questions in a terminal: a line of text, and a choice. Ctrl-C and Ctrl-D end either.

use console::{Key, Term, measure_text_width};
use std::io::{self, ErrorKind};

/// What terminals send for Ctrl-D.
const END: char = '\u{4}';

/// A key; an error where somebody wants no more of it.
fn key(terminal: &Term) -> io::Result<Key> {
    match terminal.read_key_raw()? {
        Key::CtrlC | Key::Char(END) => Err(ErrorKind::Interrupted.into()),
        key => Ok(key),
    }
}

/// A line of text that somebody types after a question, or the `default` where nothing is typed.
pub(super) fn text(question: &str, default: Option<&str>) -> io::Result<String> {
    let terminal = Term::stderr();
    let prompt = match default {
        Some(default) => format!("{question} [{default}]: "),
        None => format!("{question}: "),
    };
    let mut line = Line { prompt, before: String::new(), after: String::new() };
    line.draw(0, &terminal)?;
    loop {
        let key = key(&terminal)?;
        if key != Key::Enter {
            let row = line.row(&terminal);
            if line.takes(key) {
                line.draw(row, &terminal)?;
            }
            continue;
        }
        let typed = format!("{}{}", line.before, line.after);
        match (typed.trim(), default) {
            ("", None) => {}
            (typed, default) => {
                let answer = if typed.is_empty() { default.unwrap_or_default() } else { typed };
                terminal.write_line("")?;
                return Ok(answer.to_owned());
            }
        }
    }
}

/// A line that is being typed, on both sides of the cursor.
struct Line {
    prompt: String,
    before: String,
    after: String,
}

impl Line {
    /// What a key does to the line. Whether it does anything.
    fn takes(&mut self, key: Key) -> bool {
        match key {
            Key::Char(typed) if !typed.is_control() => self.before.push(typed),
            Key::Backspace => return self.before.pop().is_some(),
            Key::Del if !self.after.is_empty() => drop(self.after.remove(0)),
            Key::ArrowLeft => match self.before.pop() {
                Some(passed) => self.after.insert(0, passed),
                None => return false,
            },
            Key::ArrowRight if !self.after.is_empty() => {
                let passed = self.after.remove(0);
                self.before.push(passed);
            }
            Key::Home => self.after.insert_str(0, &std::mem::take(&mut self.before)),
            Key::End => self.before.push_str(&std::mem::take(&mut self.after)),
            _ => return false,
        }
        true
    }

    /// How many rows below the beginning of the question the cursor is.
    fn row(&self, terminal: &Term) -> usize {
        (measure_text_width(&self.prompt) + measure_text_width(&self.before)) / columns(terminal)
    }

    /// Draws the line again; the cursor is so many rows below its beginning.
    fn draw(&self, row: usize, terminal: &Term) -> io::Result<()> {
        let Self { prompt, before, after } = self;
        terminal.write_str("\r")?;
        terminal.move_cursor_up(row)?;
        terminal.clear_to_end_of_screen()?;
        // A terminal begins the next row only with what stands there.
        terminal.write_str(&format!("{prompt}{before}{after} \r"))?;
        let columns = columns(terminal);
        let cursor = measure_text_width(prompt) + measure_text_width(before);
        let end = cursor + measure_text_width(after);
        terminal.move_cursor_up(end / columns - cursor / columns)?;
        terminal.move_cursor_right(cursor % columns)
    }
}

/// The place of the line that somebody chooses; at first it is `chosen`.
pub(super) fn choice(question: &str, lines: &[String], mut chosen: usize) -> io::Result<usize> {
    let terminal = Term::stderr();
    terminal.hide_cursor()?;
    loop {
        let rows = show(question, lines, chosen, &terminal)?;
        let count = lines.len();
        match key(&terminal)? {
            Key::ArrowDown | Key::Tab | Key::Char('j') => chosen = (chosen + 1) % count,
            Key::ArrowUp | Key::BackTab | Key::Char('k') => chosen = (chosen + count - 1) % count,
            Key::Enter | Key::Char(' ') => {
                terminal.clear_last_lines(rows)?;
                terminal.write_line(&format!("{question}: {}", lines[chosen]))?;
                terminal.show_cursor()?;
                return Ok(chosen);
            }
            _ => {}
        }
        terminal.clear_last_lines(rows)?;
    }
}

/// Shows what may be chosen, cut where the screen has no room for the rest. How many rows that takes.
fn show(question: &str, lines: &[String], chosen: usize, terminal: &Term) -> io::Result<usize> {
    let mark = |(place, line)| format!("{} {line}", if place == chosen { '>' } else { ' ' });
    let mut shown: Vec<String> = vec![format!("{question}:")];
    shown.extend(lines.iter().enumerate().map(mark));
    let columns = columns(terminal);
    let rows = |line: &String| measure_text_width(line).div_ceil(columns).max(1);
    if shown.iter().map(rows).sum::<usize>() >= usize::from(terminal.size().0) {
        shown.iter_mut().for_each(|line| *line = line.chars().take(columns - 1).collect());
    }
    for line in &shown {
        terminal.write_line(line)?;
    }
    Ok(shown.iter().map(rows).sum())
}

/// The width of the terminal.
fn columns(terminal: &Term) -> usize {
    usize::from(terminal.size().1).max(2)
}
