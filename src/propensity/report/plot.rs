//! Plots as SVG text. Names nothing. Invariant: a plot is told by its numbers alone, and says in a title what it shows to
//! who cannot see it.

use std::fmt::Write;

/// Width of the drawing.
const WIDTH: f64 = 360.0;
/// Height of the drawing.
const HEIGHT: f64 = 240.0;
/// Room for the numbers beside the axes: left, top, right, bottom.
const MARGINS: (f64, f64, f64, f64) = (46.0, 10.0, 12.0, 38.0);

/// About the width of a character of the numbers.
const CHARACTER: f64 = 6.0;

/// A plot under construction: axes first, then what is drawn into them.
pub struct Plot {
    svg: String,
    x: (f64, f64),
    y: (f64, f64),
}

/// What an axis says.
pub struct Axis<'a> {
    /// From and to.
    pub range: (f64, f64),
    /// The numbers at ticks.
    pub ticks: &'a [(f64, String)],
    /// What it is.
    pub label: &'a str,
}

impl Plot {
    /// Axes with a title for those who cannot see them.
    pub fn new(title: &str, x: &Axis<'_>, y: &Axis<'_>) -> Plot {
        let title = escape(title);
        let svg = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{title}</title>");
        let mut plot = Plot { svg, x: x.range, y: y.range };
        let (left, bottom) = (MARGINS.0, HEIGHT - MARGINS.3);
        for (value, text) in y.ticks {
            let at = plot.at(x.range.0, *value).1;
            plot.put(format_args!(
                "<line class=\"grid\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - MARGINS.2,
                left - 6.0,
                at + 4.0,
                escape(text)
            ));
        }
        for (value, text) in x.ticks {
            let at = plot.at(*value, y.range.0).0;
            // A long text at the right edge would be cut off.
            let is_cut = at + text.chars().count() as f64 * CHARACTER / 2.0 > WIDTH;
            let (at, anchor) = if is_cut { (WIDTH - 1.0, "end") } else { (at, "middle") };
            plot.put(format_args!(
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                bottom + 15.0,
                escape(text)
            ));
        }
        let middle = (bottom + MARGINS.1) / 2.0;
        plot.put(format_args!(
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"label\" text-anchor=\"middle\" transform=\"translate(11 {middle:.1}) rotate(-90)\">{}</text>",
            (left + WIDTH - MARGINS.2) / 2.0, HEIGHT - 6.0, escape(x.label), escape(y.label)
        ));
        plot
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.svg.write_fmt(text);
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let part = |value: f64, (from, to): (f64, f64)| ((value - from) / (to - from).max(1e-12)).clamp(0.0, 1.0);
        let (width, height) = (WIDTH - MARGINS.0 - MARGINS.2, HEIGHT - MARGINS.1 - MARGINS.3);
        (MARGINS.0 + width * part(x, self.x), HEIGHT - MARGINS.3 - height * part(y, self.y))
    }

    /// A line through points.
    pub fn line(mut self, class: &str, points: &[(f64, f64)]) -> Plot {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| {
                let (x, y) = self.at(*x, *y);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        self.put(format_args!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" ")));
        self
    }

    /// Points, each with what it says when pointed at.
    pub fn points(mut self, class: &str, points: &[(f64, f64, String)]) -> Plot {
        for (x, y, text) in points {
            let (x, y) = self.at(*x, *y);
            let text = escape(text);
            self.put(format_args!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{text}</title></circle>"
            ));
        }
        self
    }

    /// Upright bars: from and to on the horizontal axis, height, what it says.
    pub fn bars(mut self, class: &str, bars: &[(f64, f64, f64, String)]) -> Plot {
        for (from, to, value, text) in bars {
            let ((left, top), (right, bottom)) = (self.at(*from, *value), self.at(*to, self.y.0));
            let text = escape(text);
            self.put(format_args!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{text}</title></rect>",
                left + 1.0, (right - left - 2.0).max(1.0), (bottom - top).max(0.0)
            ));
        }
        self
    }

    /// The finished drawing.
    pub fn svg(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }
}

/// Text that may stand in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A count with its thousands apart: `151,601`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|part| str::from_utf8(part).unwrap_or_default()).collect();
    parts.join(",")
}

/// Ticks at whole percents.
pub fn percents(values: &[f64]) -> Vec<(f64, String)> {
    values.iter().map(|value| (*value, format!("{:.0}%", value * 100.0))).collect()
}

/// A round number at or above a value, with ticks up to it.
pub fn rounded(most: f64) -> (f64, Vec<f64>) {
    let size = 10f64.powf(most.max(1e-9).log10().floor());
    // Each with the number of parts that have few digits.
    let steps = [(1.0, 4), (2.0, 4), (2.5, 5), (5.0, 5), (10.0, 4)];
    let (top, parts) =
        steps.map(|(step, parts)| (step * size, parts)).into_iter().find(|(top, _)| *top >= most).unwrap_or((most, 4));
    (top, (0..=parts).map(|part| top * f64::from(part) / f64::from(parts)).collect())
}
