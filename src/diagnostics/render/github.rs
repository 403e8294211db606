//! Workflow commands of GitHub Actions: `::error title=…,file=…,line=…,col=…,endLine=…,endColumn=…::message`, one line a
//! diagnostic; the runner turns them into annotations. May import `diagnostics` and `source`. Invariant: no text of an
//! author begins a command or ends a property: `%`, line ends, `:` and `,` are escaped as the runner decodes them.

use super::escape::visible;
use super::position::position;
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::Sources;

/// The lines, each ended.
pub(super) fn render(diagnostics: &[&Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|diagnostic| line(diagnostic, sources)).collect()
}

fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let info = diagnostic.code.info();
    let mut properties = format!("title={}", property(&format!("{} ({})", info.id, info.name)));
    if let Some(span) = diagnostic.primary()
        && let Some(file) = sources.file(span.file)
    {
        let (start, end) = (position(file, span.start), position(file, span.end));
        properties.push_str(&format!(
            ",file={},line={},col={},endLine={},endColumn={}",
            property(&file.path),
            start.line,
            start.column_utf16,
            end.line,
            end.column_utf16
        ));
    }
    let mut text = visible(&diagnostic.message).into_owned();
    for help in &diagnostic.help {
        text.push_str(&format!("\nhelp: {}", visible(help)));
    }
    format!("::{command} {properties}::{}\n", data(&text))
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}
