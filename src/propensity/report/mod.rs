//! The report on a model: one self-contained page for those who decide whether to use it. Names its siblings. Invariant:
//! the page loads nothing from anywhere, and every text in it that comes from outside is escaped.

use super::metrics::Quality;
use super::model::{Judgement, Model};
use crate::plan::value_text;
use crate::types::{MICROS_PER_DAY, Value};
use plot::{Axis, Plot, count, escape, percents, rounded};

mod plot;
pub mod words;

/// Factors that are shown.
const SHOWN: usize = 12;

/// The page.
pub fn html(model: &Model) -> String {
    let name = escape(&model.name);
    let sections =
        [verdict(model), numbers(model), plots(&model.quality), factors(model), drift(model), provenance(model)];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Propensity {name}</title>\
         <style>{}</style></head><body><main><h1>{name}</h1>\n{}\n</main></body></html>\n",
        include_str!("style.css"),
        sections.join("\n")
    )
}

fn day(instant: i64) -> String {
    value_text(&Value::Timestamp(instant)).chars().take(10).collect()
}

fn verdict(model: &Model) -> String {
    let class = match model.verdict.judgement {
        Judgement::Usable => "good",
        Judgement::Weak | Judgement::TooLittleData | Judgement::Drifting => "doubtful",
        Judgement::SuspiciouslyGood => "bad",
    };
    let sentence = |text: &String| format!("<p>{}.</p>", escape(&capital(text)));
    let reasons: String = model.verdict.reasons.iter().map(sentence).collect();
    let failed =
        model.failed.iter().map(|text| format!("<p><strong>Required and not reached:</strong> {}.</p>", escape(text)));
    format!(
        "<section class=\"verdict {class}\"><span class=\"badge\">{}</span>{reasons}{}</section>",
        capital(model.verdict.judgement.words()),
        failed.collect::<String>()
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn numbers(model: &Model) -> String {
    let quality = &model.quality;
    let card = |value: String, name: &str, text: &str| {
        format!("<div class=\"card\"><b>{value}</b><span>{name}</span><small>{text}</small></div>")
    };
    let cards = [
        card(
            format!("{:.3}", quality.auc),
            "AUC",
            &format!(
                "{:.3} to {:.3} with 95% confidence; 0.5 is a coin, 1 is certainty",
                quality.auc_low, quality.auc_high
            ),
        ),
        card(format!("{:.1}×", quality.lift), "lift of the best tenth", "how many times the average rate it has"),
        card(format!("{:.0}%", 100.0 * quality.gain(2)), "reached with the best fifth", "of all for whom it came true"),
        card(
            format!("{:.1}%", 100.0 * quality.rate()),
            "average rate",
            &format!("{} of {} profiles", count(quality.positives), count(quality.rows)),
        ),
        card(
            quality.calibration_error.map_or_else(|| "–".to_owned(), |error| format!("{:.1}", 100.0 * error)),
            "calibration error",
            "percentage points by which probabilities are off on average",
        ),
    ];
    format!("<section class=\"cards\">{}</section>", cards.concat())
}

fn figure(title: &str, svg: &str, text: &str) -> String {
    format!("<figure><h3>{title}</h3>{svg}<figcaption>{text}</figcaption></figure>")
}

fn plots(quality: &Quality) -> String {
    let tested = format!(
        "<p>Measured on {} profiles that the model had not learnt from: what it said of them, and what they then did.</p>",
        count(quality.rows)
    );
    let all = [gain(quality), lift(quality), calibration(quality), histogram(quality), roc(quality)];
    format!("<section><h2>How good it is</h2>{tested}<div class=\"plots\">{}</div></section>", all.concat())
}

fn gain(quality: &Quality) -> String {
    let ticks = percents(&[0.0, 0.25, 0.5, 0.75, 1.0]);
    let x = Axis { range: (0.0, 1.0), ticks: &ticks, label: "share of profiles, best scores first" };
    let y = Axis { range: (0.0, 1.0), ticks: &ticks, label: "share reached" };
    let line: Vec<(f64, f64)> = (0..=quality.deciles.len())
        .map(|n| (n as f64 / quality.deciles.len().max(1) as f64, quality.gain(n)))
        .collect();
    let svg = Plot::new("Gain", &x, &y).line("chance", &[(0.0, 0.0), (1.0, 1.0)]).line("main", &line).svg();
    let text = format!(
        "Whoever speaks to the best fifth reaches {:.0}% of all for whom it comes true; picked blindly it would be 20% (dashed).",
        100.0 * quality.gain(2)
    );
    figure("Gain", &svg, &text)
}

fn lift(quality: &Quality) -> String {
    let rate = quality.rate().max(1e-12);
    let rates: Vec<f64> = quality.deciles.iter().map(|d| d.positives / d.rows.max(1) as f64 / rate).collect();
    let (top, ticks) = rounded(rates.iter().copied().fold(1.0, f64::max));
    let y: Vec<(f64, String)> = ticks.iter().map(|tick| (*tick, format!("{tick:.1}×"))).collect();
    let x: Vec<(f64, String)> = (0..rates.len()).map(|n| (n as f64 + 0.5, (n + 1).to_string())).collect();
    let bars: Vec<(f64, f64, f64, String)> = rates
        .iter()
        .enumerate()
        .map(|(n, lift)| (n as f64, n as f64 + 1.0, *lift, format!("tenth {}: {lift:.2} times the average", n + 1)))
        .collect();
    let range = (0.0, rates.len().max(1) as f64);
    let x = Axis { range, ticks: &x, label: "tenth of profiles, best scores first" };
    let y = Axis { range: (0.0, top), ticks: &y, label: "times the average" };
    let svg = Plot::new("Lift", &x, &y).bars("bar", &bars).line("chance", &[(0.0, 1.0), (range.1, 1.0)]).svg();
    figure("Lift by tenths", &svg, "How much likelier each tenth is than the average (dashed). Falling steps are good.")
}

fn calibration(quality: &Quality) -> String {
    let points: Vec<(f64, f64, String)> = quality
        .deciles
        .iter()
        .map(|d| {
            let rate = d.positives / d.rows.max(1) as f64;
            (d.mean, rate, format!("said {:.1}%, came true {:.1}%", 100.0 * d.mean, 100.0 * rate))
        })
        .collect();
    let (top, ticks) = rounded(points.iter().fold(0.01, |most, p| most.max(p.0).max(p.1)));
    let top = top.min(1.0);
    let ticks: Vec<(f64, String)> =
        ticks.iter().filter(|t| **t <= top).map(|t| (*t, format!("{}%", (t * 1000.0).round() / 10.0))).collect();
    let x = Axis { range: (0.0, top), ticks: &ticks, label: "probability that was said" };
    let y = Axis { range: (0.0, top), ticks: &ticks, label: "came true" };
    let svg = Plot::new("Calibration", &x, &y).line("chance", &[(0.0, 0.0), (top, top)]).points("dot", &points).svg();
    figure(
        "Calibration",
        &svg,
        "Each dot is a tenth of the profiles. On the dashed line a probability means what it says.",
    )
}

fn histogram(quality: &Quality) -> String {
    let most = quality.histogram.iter().map(|bar| bar.0).max().unwrap_or(0);
    let (top, ticks) = rounded(most as f64);
    let y: Vec<(f64, String)> = ticks.iter().map(|tick| (*tick, count(*tick as u64))).collect();
    let bars = |of: fn(&(u64, u64)) -> u64, word: &str| -> Vec<(f64, f64, f64, String)> {
        let width = 1.0 / quality.histogram.len().max(1) as f64;
        let bars = quality.histogram.iter().enumerate();
        let text = |bar| format!("{} {word}", count(of(bar)));
        bars.map(|(n, bar)| (n as f64 * width, (n as f64 + 1.0) * width, of(bar) as f64, text(bar))).collect()
    };
    let ticks = percents(&[0.0, 0.25, 0.5, 0.75, 1.0]);
    let x = Axis { range: (0.0, 1.0), ticks: &ticks, label: "probability" };
    let y = Axis { range: (0.0, top), ticks: &y, label: "profiles" };
    let svg = Plot::new("Probabilities", &x, &y)
        .bars("pale", &bars(|bar| bar.0, "profiles"))
        .bars("bar", &bars(|bar| bar.1, "for whom it came true"))
        .svg();
    figure("Probabilities", &svg, "How many profiles have which probability; dark: for whom it came true.")
}

fn roc(quality: &Quality) -> String {
    let ticks = percents(&[0.0, 0.25, 0.5, 0.75, 1.0]);
    let x = Axis { range: (0.0, 1.0), ticks: &ticks, label: "false alarms, share of those for whom it did not" };
    let y = Axis { range: (0.0, 1.0), ticks: &ticks, label: "found" };
    let svg = Plot::new("ROC", &x, &y).line("chance", &[(0.0, 0.0), (1.0, 1.0)]).line("main", &quality.roc).svg();
    figure(
        "ROC curve",
        &svg,
        "For every threshold: how many are found, and how many are taken by mistake. Far from the dashed line is good.",
    )
}

fn factors(model: &Model) -> String {
    let most = model.factors.iter().map(|f| f.weight).fold(1e-12, f64::max);
    let sign = |value: f64| {
        let class = if value > 0.0005 {
            "up"
        } else if value < -0.0005 {
            "down"
        } else {
            ""
        };
        format!("<td class=\"number {class}\">{value:+.3}</td>")
    };
    let row = |factor: &super::model::FactorWeight| {
        let buckets: String = factor.by_bucket.iter().map(|value| sign(*value)).collect();
        let meaning = words::meaning(&factor.factor);
        let meaning = meaning.map_or_else(String::new, |text| format!("<small>{}</small>", escape(&text)));
        format!(
            "<tr><td><code>{}</code>{meaning}</td><td class=\"strength\"><i style=\"width:{:.1}%\"></i></td>\
             <td class=\"number\">{:.3}</td>{buckets}</tr>",
            escape(&factor.factor),
            100.0 * factor.weight / most,
            factor.weight
        )
    };
    let rows: String = model.factors.iter().take(SHOWN).map(row).collect();
    let rest = model.factors.len().saturating_sub(SHOWN);
    let rest = if rest > 0 { format!("<p>And {rest} weaker ones.</p>") } else { String::new() };
    format!(
        "<section><h2>What moves the scores</h2><p>A factor is a reason for the <em>score</em>, not a cause of what people do: \
         to change it need not change them. Strength is the mean amount, in log odds, by which a factor moves a score; the \
         last columns say in which direction, for profiles of each bucket.</p><table><thead><tr><th>Factor</th>\
         <th colspan=\"2\">Strength</th><th>low</th><th>medium</th><th>high</th></tr></thead><tbody>{rows}</tbody></table>{rest}</section>"
    )
}

fn drift(model: &Model) -> String {
    let windows = &model.windows;
    let last = windows.len().saturating_sub(1);
    let x: Vec<(f64, String)> = windows
        .iter()
        .enumerate()
        .filter(|(n, _)| *n == 0 || *n == last || *n == last / 2)
        .map(|(n, window)| (n as f64 + 0.5, day(window.cutoff)))
        .collect();
    let range = (0.0, windows.len().max(1) as f64);
    let (top, ticks) = rounded(windows.iter().map(|w| w.rate).fold(0.01, f64::max));
    let y: Vec<(f64, String)> = ticks.iter().map(|t| (*t, format!("{}%", (t * 1000.0).round() / 10.0))).collect();
    let bar = |number: usize, value: f64, text: String| (number as f64, number as f64 + 1.0, value, text);
    let rates: Vec<_> = windows
        .iter()
        .enumerate()
        .map(|(n, w)| {
            bar(n, w.rate, format!("{}: {:.1}% of {} profiles", day(w.cutoff), 100.0 * w.rate, count(w.rows)))
        })
        .collect();
    let axis = Axis { range, ticks: &x, label: "cut-off" };
    let rate = Plot::new("Rate by cut-off", &axis, &Axis { range: (0.0, top), ticks: &y, label: "came true" })
        .bars("pale", &rates[..last])
        .bars("bar", &rates[last..])
        .svg();
    let aucs: Vec<(f64, f64, String)> = windows
        .iter()
        .enumerate()
        .map(|(n, w)| (n as f64 + 0.5, w.auc, format!("{}: AUC {:.3}", day(w.cutoff), w.auc)))
        .collect();
    let line: Vec<(f64, f64)> = aucs.iter().map(|point| (point.0, point.1)).collect();
    let ticks: Vec<(f64, String)> = [0.4, 0.6, 0.8, 1.0].iter().map(|t| (*t, format!("{t:.1}"))).collect();
    let auc = Plot::new("AUC by cut-off", &axis, &Axis { range: (0.4, 1.0), ticks: &ticks, label: "AUC" })
        .line("main", &line)
        .points("dot", &aucs)
        .svg();
    format!(
        "<section><h2>Does it hold over time?</h2><div class=\"plots\">{}{}</div></section>",
        figure("How often it came true", &rate, "At each cut-off; dark: the test."),
        figure(
            "AUC at each cut-off",
            &auc,
            "The last is the test. The others were learnt from, so that they flatter; a test far below them is a bad sign."
        ),
    )
}

fn provenance(model: &Model) -> String {
    let data = &model.data;
    let row = |name: &str, value: String| format!("<tr><th>{name}</th><td>{}</td></tr>", escape(&value));
    let rows = [
        row(
            "Learnt from",
            format!(
                "{} profiles at {} cut-offs, {} to {}; {} came true",
                count(data.rows),
                data.cutoffs.len(),
                data.cutoffs.first().map_or_else(String::new, |at| day(*at)),
                data.cutoffs.last().map_or_else(String::new, |at| day(*at)),
                count(data.positives)
            ),
        ),
        row("Tested at", format!("{}, on the {} days after", day(data.test), data.horizon / MICROS_PER_DAY)),
        row("Nothing known after", value_text(&Value::Timestamp(data.now))),
        row("Features", format!("{} in {} factors", model.features.len(), model.factors.len())),
        row(
            "Model",
            format!(
                "{} trees of up to {} levels, seed {}",
                model.ensemble.trees.len(),
                model.trained.depth,
                model.trained.seed
            ),
        ),
        row("Version", model.version_name()),
        row("Declaration", model.definition.clone()),
        row("Made by", format!("segc {}", model.trained.compiler)),
    ];
    format!("<section><h2>Where it comes from</h2><table class=\"facts\">{}</table></section>", rows.concat())
}
