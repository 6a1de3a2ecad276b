//! For people: each problem with the line that it is about.

use super::summary::{more, summary};
use super::{is_unseen, visible};
use crate::Source;
use crate::diagnostics::{Also, Diagnostic, Severity, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::collections::HashMap;

/// The diagnostics as people read them in a terminal, with a summary at the end; empty where there are none. Colour only
/// when asked for.
pub fn human(diagnostics: &[Diagnostic], sources: &[Source], colour: bool) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let texts: HashMap<&str, &[u8]> =
        sources.iter().map(|source| (source.name.as_str(), source.text.as_slice())).collect();
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let line = |file: &str, span| Line::of(texts.get(file)?, span);
        let lines = [
            diagnostic.span.and_then(|span| line(&diagnostic.file, span)),
            diagnostic.also.as_ref().and_then(|also| line(&also.file, also.span)),
        ];
        out.push_str(&renderer.render(&[group(&shown(diagnostic), &lines)]));
        out.push_str("\n\n");
    }
    out.push_str(&format!("{}\n{}\n", more(diagnostics), summary(diagnostics)));
    out
}

/// A diagnostic as a terminal may have it.
fn shown(diagnostic: &Diagnostic) -> Diagnostic {
    let visible = |text: &str| visible(text).into_owned();
    Diagnostic {
        file: visible(&diagnostic.file),
        message: visible(&diagnostic.message),
        label: diagnostic.label.as_deref().map(visible),
        hint: diagnostic.hint.as_deref().map(visible),
        also: diagnostic.also.as_ref().map(|also| Also {
            file: visible(&also.file),
            label: visible(&also.label),
            ..also.clone()
        }),
        ..diagnostic.clone()
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, [line, also]: &'a [Option<Line>; 2]) -> Group<'a> {
    let title = match diagnostic.severity {
        Severity::Error => Level::ERROR.primary_title(&diagnostic.message).id(diagnostic.code.id),
        // By its name it is allowed.
        Severity::Lint => {
            let id = format!("{} {}", diagnostic.code.id, diagnostic.code.name);
            Level::WARNING.primary_title(&diagnostic.message).id(id)
        }
    };
    let group = match line {
        Some(line) => title.element(snippet(diagnostic, line)),
        None => title.element(origin(diagnostic)),
    };
    let group = match (&diagnostic.also, also) {
        (Some(also), Some(line)) => {
            let annotation = AnnotationKind::Context.span(line.start..line.end);
            group.element(line.snippet(&also.file).annotation(annotation.label(&also.label)))
        }
        _ => group,
    };
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.with_name("hint").message(hint)),
        None => group,
    }
}

/// The place alone.
fn origin(diagnostic: &Diagnostic) -> Origin<'_> {
    let origin = Origin::path(&diagnostic.file);
    match diagnostic.span {
        Some(span) => origin.line(span.line).char_column(span.column),
        None => origin,
    }
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    line: &'a Line,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let annotation =
        AnnotationKind::Primary.span(line.start..line.end).label(diagnostic.label.as_deref());
    line.snippet(&diagnostic.file).annotation(annotation)
}

/// The line that a diagnostic is about.
struct Line {
    number: usize,
    text: String,
    start: usize,
    end: usize,
}

impl Line {
    fn snippet<'a>(&'a self, file: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        Snippet::source(&self.text).line_start(self.number).path(file)
    }

    /// The line of `span`; `None` where there is nothing on it, or where the file as a whole is meant. Bytes that are no
    /// text are shown as `�`, as is what a terminal would obey.
    fn of(text: &[u8], span: Span) -> Option<Self> {
        if span.end == 0 {
            return None;
        }
        let before = text.get(..span.start)?;
        let first = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let length =
            text.get(first..)?.iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - first);
        let line = text.get(first..first + length)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let piece = |from: usize, to: usize| {
            let text = String::from_utf8_lossy(line.get(from..to).unwrap_or_default());
            // The renderer has signs of its own for the ASCII ones.
            let shown = |character: char| match is_unseen(character) && !character.is_ascii() {
                true => char::REPLACEMENT_CHARACTER,
                false => character,
            };
            text.trim_start_matches('\u{feff}').chars().map(shown).collect::<String>()
        };
        let (start, end) =
            ((span.start - first).min(line.len()), (span.end - first).min(line.len()));
        let (before, marked, after) =
            (piece(0, start), piece(start, end.max(start)), piece(end.max(start), line.len()));
        let whole = format!("{before}{marked}{after}");
        (!whole.trim().is_empty()).then(|| Self {
            number: span.line,
            start: before.len(),
            end: before.len() + marked.len(),
            text: whole,
        })
    }
}
