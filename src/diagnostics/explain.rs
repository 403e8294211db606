//! `segc explain`: the page of a code, and that Markdown as terminal text. May import `diagnostics`. Invariant: every
//! page can be found by id and by name, in any case.

use super::codes::CodeInfo;
use super::{Code, suggest};

/// A code that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCode {
    /// The id or name nearest to what was asked for.
    pub suggestion: Option<&'static str>,
}

/// The code that an id (`SEG0203`, `203`) or a name (`unknown-attribute`) means; its page is `.explain`.
pub fn explain(text: &str) -> Result<&'static CodeInfo, UnknownCode> {
    let text = text.trim();
    let digits = text.get(..3).filter(|start| start.eq_ignore_ascii_case("seg")).map_or(text, |_| &text[3..]);
    let padded = format!("SEG{digits:0>4}");
    if let Some(code) = Code::find(text).or_else(|| Code::find(&padded)) {
        return Ok(code.info());
    }
    let infos = || Code::ALL.iter().map(|code| code.info());
    let names = infos().map(|info| info.name).chain(infos().map(|info| info.id));
    Err(UnknownCode { suggestion: suggest::closest(text, names) })
}

/// The codes, each with its name, whose pages hold a word; at most eight.
pub fn mentions(word: &str) -> Vec<String> {
    let word = word.trim().to_lowercase();
    let of = |info: &&CodeInfo| word.len() > 2 && info.explain.to_lowercase().contains(&word);
    let found = Code::ALL.iter().map(|code| code.info()).filter(of);
    found.take(8).map(|info| format!("{} {}", info.id, info.name)).collect()
}

/// The page of a code as text for a terminal.
pub fn page(info: &CodeInfo, color: bool, width: usize) -> String {
    let body = info.explain.strip_prefix(&format!("# {}\n", info.name)).unwrap_or(info.explain);
    text(&format!("{} {}", info.id, info.name), body, color, width)
}

/// Markdown below a heading as text for a terminal: paragraphs filled to `width` columns, code indented.
pub fn text(heading: &str, body: &str, color: bool, width: usize) -> String {
    let mut page = Page { out: String::new(), paragraph: String::new(), indent: 0, style: Style::new(color), width };
    page.out.push_str(&format!("{}{heading}{}\n\n", page.style.bold, page.style.reset));
    let mut in_code = false;
    for line in body.trim_start().lines() {
        if line.starts_with("```") {
            page.end_paragraph();
            in_code = !in_code;
        } else if in_code {
            page.code(line);
        } else {
            page.prose(line);
        }
    }
    page.end_paragraph();
    page.out.truncate(page.out.trim_end().len());
    page.out.push('\n');
    page.out
}

struct Style {
    bold: &'static str,
    code: &'static str,
    reset: &'static str,
}

impl Style {
    fn new(color: bool) -> Style {
        if color {
            Style { bold: "\u{1b}[1m", code: "\u{1b}[36m", reset: "\u{1b}[0m" }
        } else {
            Style { bold: "", code: "", reset: "" }
        }
    }
}

struct Page {
    out: String,
    paragraph: String,
    /// Columns before the second and further lines of the paragraph.
    indent: usize,
    style: Style,
    width: usize,
}

impl Page {
    fn code(&mut self, line: &str) {
        if !line.is_empty() {
            self.out.push_str(&format!("    {}{line}{}", self.style.code, self.style.reset));
        }
        self.out.push('\n');
    }

    fn prose(&mut self, line: &str) {
        if line.is_empty() {
            self.end_paragraph();
            if !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            self.end_paragraph();
            self.out.push_str(&format!("{}{title}{}\n", self.style.bold, self.style.reset));
        } else {
            if line.starts_with("- ") {
                self.end_paragraph();
                self.indent = 2;
            }
            if !self.paragraph.is_empty() {
                self.paragraph.push(' ');
            }
            self.paragraph.push_str(line.trim());
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let mut column = 0;
        let mut in_code = false;
        for word in paragraph.split(' ').filter(|w| !w.is_empty()) {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > self.width {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(self.indent));
                column = self.indent;
            } else if column > 0 {
                self.out.push(' ');
                column += 1;
            }
            self.word(word, &mut in_code);
            column += length;
        }
        if column > 0 {
            self.out.push('\n');
        }
        self.indent = 0;
    }

    /// One word; what stands between backquotes is coloured, and keeps its backquotes without colour.
    fn word(&mut self, word: &str, in_code: &mut bool) {
        if self.style.code.is_empty() {
            self.out.push_str(word);
            return;
        }
        if *in_code {
            self.out.push_str(self.style.code);
        }
        for c in word.chars() {
            if c == '`' {
                *in_code = !*in_code;
                self.out.push_str(if *in_code { self.style.code } else { self.style.reset });
            } else {
                self.out.push(c);
            }
        }
        if *in_code {
            self.out.push_str(self.style.reset);
        }
    }
}
