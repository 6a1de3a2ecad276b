//! The pass over printed lines: marker statements become comments and blank lines.

use crate::markdown::{visible, wrap};
use std::borrow::Cow;

/// Width of a line.
const WIDTH: usize = 100;

/// Replaces marker statements. `None` where what was printed does not hold `comments` in their order.
pub(super) fn finish(printed: &str, comments: &[String]) -> Option<String> {
    let mut finished = Finished { text: String::with_capacity(printed.len()), blank: false };
    let mut comments = comments.iter();
    let mut lines = printed.lines();
    let mut docs = false;
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        let margin = &line[..line.len() - code.len()];
        match code {
            "" | "blank!();" | "blank!()" => finished.blank = true,
            code if code.starts_with("comment!(") => {
                if code == "comment!(" {
                    lines.by_ref().find(|line| matches!(line.trim_start(), ");" | ")"))?;
                }
                finished.comment(margin, comments.next()?);
            }
            code => {
                finished.blank |= docs && code.starts_with("#![");
                finished.line(margin, &shown(code));
            }
        }
        docs = code.starts_with("//!");
    }
    comments.next().is_none().then_some(finished.text)
}

/// A comment without characters that the compiler refuses there; code as it is.
fn shown(code: &str) -> Cow<'_, str> {
    if code.starts_with("//") { visible(code) } else { Cow::Borrowed(code) }
}

/// What was written so far.
struct Finished {
    text: String,
    /// Whether a blank line is due before the next line, unless a block opens or closes there.
    blank: bool,
}

impl Finished {
    fn line(&mut self, margin: &str, code: &str) {
        let opens = self.text.is_empty() || self.text.ends_with("{\n");
        let closes = code.starts_with(['}', ')', ']']);
        if self.blank && !opens && !closes {
            self.text.push('\n');
        }
        self.blank = false;
        self.text.extend([margin, code, "\n"]);
    }

    fn comment(&mut self, margin: &str, text: &str) {
        for line in wrap(text, WIDTH.saturating_sub(margin.len() + 3)) {
            let comment = if line.is_empty() { "//".to_owned() } else { format!("// {line}") };
            self.line(margin, &comment);
        }
    }
}
