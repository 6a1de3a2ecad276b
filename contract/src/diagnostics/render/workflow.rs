//! For GitHub: a workflow command for each problem, which a pull request shows beside the line that it is about.

use super::{full_message, visible};
use crate::diagnostics::{Diagnostic, Severity};

/// The diagnostics as [workflow commands], a line each: `::error file=specs/acme.yaml,line=3,col=5,…::…`; empty where there are none.
///
/// [workflow commands]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
pub fn workflow_commands(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(command).collect()
}

fn command(diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Lint => "warning",
    };
    let mut properties = vec![("file", diagnostic.file.clone())];
    if let Some(span) = diagnostic.span {
        properties.extend([
            ("line", span.line.to_string()),
            ("endLine", span.line.to_string()),
            ("col", span.column.to_string()),
            ("endColumn", (span.column + span.width).to_string()),
        ]);
    }
    properties.push(("title", format!("{} {}", diagnostic.code.id, diagnostic.code.name)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{command} {}::{}\n", properties.join(","), data(&full_message(diagnostic)))
}

/// A text as the data of a command, where a line break would end it.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| visible(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// A text as the value of a property, which `:` and `,` would end, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
