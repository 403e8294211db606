//! `segc run --on`: the segments' SQL in a database, the members back from there.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::compile::chosen;
use super::run::{RunArgs, TableFormat, WIDEST_NAME, write_members};
use super::{CommandResult, Failure, Global, Outcome, TableName, clock, print, report, say, say_raw};
use crate::data::output::Members;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, Severity};
use crate::emit::{self, canary::Columns};
use crate::engines::{self, Fault, Membership, Place, Session, Target};
use crate::hir::Module;
use crate::pipeline::{self, Workspace};
use crate::sql::{Dialect, Expr, Ident, Layout, Query, SqlType};
use crate::vector::time::Zone;

/// What there is to run, and where.
struct Job {
    target: Target,
    dialect: &'static dyn Dialect,
    layout: Layout,
    segments: Vec<Membership>,
    refused: Vec<Refused>,
    columns: Columns,
    zone: Zone,
    now: i64,
}

/// A segment that the database's dialect cannot express, and is left out.
struct Refused {
    segment: String,
    diagnostics: Vec<Diagnostic>,
}

pub(super) fn run(url: &str, args: &RunArgs, global: &Global) -> CommandResult {
    let target = Target::parse(url).map_err(failure)?;
    if !args.profiles.is_empty() || !args.events.is_empty() {
        return Err(Failure::new(
            "--profiles and --events name files; with --on the data is where the database has it",
        ));
    }
    let Some((workspace, module)) = args.project.sound(Vec::new(), global)? else { return Ok(Outcome::Findings) };
    args.output
        .as_deref()
        .map_or(Ok(()), |output| super::write::is_no_input(output, &workspace, std::iter::empty()))?;
    let mut session = Session::open(&target, args.into.is_some())
        .map_err(|fault| Failure::new(format!("{}: {fault}", target.shown())))?;
    let dialect = engines::dialect(&target, &session, args.dialect.as_deref()).map_err(failure)?;
    let Some(job) = job(target, dialect, args, &workspace, &module, global)? else { return Ok(Outcome::Findings) };
    if let Some(TableName(name)) = &args.into {
        return store(name, args, &job, &mut session);
    }
    engines::prepare(&mut session, job.dialect, &job.zone, &job.columns).map_err(failure)?;
    let started = Instant::now();
    let members = fetch(&job, &mut session)?;
    let counts: Vec<(&str, usize)> = members.iter().map(|m| (m.segment.as_str(), m.ids.len())).collect();
    tell(args, &job, &session, &counts, started.elapsed())?;
    write_members(args, &members, &workspace, global)
}

fn failure(fault: Fault) -> Failure {
    Failure::new(fault.0)
}

/// The queries of the segments; `None` if the database's dialect cannot say one and it may not be left out, which has been
/// reported.
fn job(
    target: Target,
    dialect: &'static dyn Dialect,
    args: &RunArgs,
    workspace: &Workspace,
    module: &Module,
    global: &Global,
) -> Result<Option<Job>, Failure> {
    let layout = match pipeline::sql_layout(&workspace.project, module) {
        Ok(layout) => layout,
        Err(refused) => {
            report(&refused, &workspace.sources, global);
            return Ok(None);
        }
    };
    let now = clock::now(args.now.as_deref(), &module.settings.zone)?;
    let plan = pipeline::plan(module, now);
    let names: Vec<&str> = module.segments.iter().map(|segment| segment.name.as_str()).collect();
    let (mut kept, mut segments, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for index in chosen(&names, &args.segments)? {
        let segment = names[index].to_owned();
        match emit::sql::emit(&plan, index, dialect, &layout) {
            Ok(query) => {
                let rank = plan.segments.get(index).and_then(|segment| segment.rank.as_ref());
                let key = rank.map(|rank| plan.nodes[rank.key.0 as usize].ty.ty.clone());
                segments.push(Membership { segment, query, key });
                kept.push(index);
            }
            Err(diagnostics) => refused.push(Refused { segment, diagnostics }),
        }
    }
    if !may_leave_out(&refused, segments.len(), args, workspace, global) {
        return Ok(None);
    }
    let zone = Zone::new(&module.settings.zone).unwrap_or_else(Zone::utc);
    let queries: Vec<&Query> = segments.iter().map(|membership| &membership.query).collect();
    let columns = Columns::of(&plan, &kept, &queries, &module.schema, &layout);
    Ok(Some(Job { target, dialect, layout, segments, refused, columns, zone, now }))
}

/// Reports the segments that are refused, and tells whether the others run: so many, and if there is one.
fn may_leave_out(refused: &[Refused], others: usize, args: &RunArgs, workspace: &Workspace, global: &Global) -> bool {
    let runs = refused.is_empty() || (args.skip_refused && others > 0);
    let diagnostics = refused.iter().flat_map(|refused| refused.diagnostics.iter().cloned());
    let as_told = |diagnostic: Diagnostic| match runs {
        true => Diagnostic { severity: Severity::Warning, ..diagnostic },
        false => diagnostic,
    };
    report(&diagnostics.map(as_told).collect::<Vec<_>>(), &workspace.sources, global);
    let names = || refused.iter().map(|refused| refused.segment.as_str()).collect::<Vec<_>>().join(", ");
    let few = counted(refused.len() as u64, "segment");
    match (runs, &args.into) {
        _ if refused.is_empty() => {}
        (true, None) => say(&format!("left out {few}: {}", names())),
        (true, Some(TableName(table))) => {
            let table = table.join(".");
            say(&format!("left out {few}, whose rows in {table} stay as they are: {}", names()));
        }
        (false, _) if others > 0 => {
            say(&format!("{few} cannot run there: {}; `--skip-refused` runs the other {others}", names()));
        }
        (false, _) => {}
    }
    runs
}

/// A bar that names the segment at work, on a terminal.
fn bar(segments: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(segments as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The members of each segment.
fn fetch(job: &Job, session: &mut Session) -> Result<Vec<Members>, Failure> {
    let bar = bar(job.segments.len());
    let mut all = Vec::new();
    for membership in &job.segments {
        bar.set_message(membership.segment.clone());
        let fetched = membership.fetch(session, job.layout.text_ids, job.dialect);
        all.push(fetched.map_err(|fault| Failure::new(format!("segment {}: {fault}", membership.segment)))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(all)
}

/// Writes the memberships into a table of the database, all or nothing.
fn store(name: &[String], args: &RunArgs, job: &Job, session: &mut Session) -> CommandResult {
    for part in name {
        let column = Expr::column(&Ident::physical("memberships"), &Ident::physical(part));
        // An engine may cut a longer name off, and two tables would be one.
        job.dialect
            .stored(column, &[], &SqlType::Text)
            .map_err(|why| Failure::new(format!("--into takes no {}", why.0.trim_start_matches("a "))))?;
    }
    let place = Place { name, text_ids: job.layout.text_ids, dialect: job.dialect };
    let Some(replacement) = engines::replacement(&place, &job.segments) else {
        return Err(Failure::new(format!("memberships cannot be written into tables of {} yet", job.dialect.name())));
    };
    engines::prepare(session, job.dialect, &job.zone, &job.columns).map_err(failure)?;
    let started = Instant::now();
    let bar = bar(replacement.steps.len());
    for step in &replacement.steps {
        bar.set_message(step.segment.clone().unwrap_or_default());
        if let Err(fault) = step.run(session) {
            // The first fault is the one to tell.
            let _ = session.execute(&replacement.undo);
            let of = step.segment.as_ref().map(|segment| format!("segment {segment}: ")).unwrap_or_default();
            return Err(Failure::new(format!("{of}{fault}")));
        }
        bar.inc(1);
    }
    let took = started.elapsed();
    bar.finish_and_clear();
    let segments = counted(job.segments.len() as u64, "segment");
    say(&format!("memberships of {segments} are in {} of {}", name.join("."), job.target.shown()));
    let mut rows: HashMap<String, String> = HashMap::new();
    session
        .query(&replacement.counts, &mut |row: &[Option<String>]| {
            if let [Some(segment), Some(count)] = row {
                rows.insert(segment.clone(), count.clone());
            }
        })
        .map_err(failure)?;
    let count = |segment: &str| match rows.get(segment) {
        None => Ok(0),
        Some(count) => count.parse().map_err(|_| Failure::new(format!("`{count}` is no number of members"))),
    };
    let names = job.segments.iter().map(|membership| membership.segment.as_str());
    let counts = names.map(|name| Ok((name, count(name)?))).collect::<Result<Vec<_>, Failure>>()?;
    tell(args, job, session, &counts, took)?;
    Ok(Outcome::Clean)
}

/// The closing table.
fn tell(
    args: &RunArgs,
    job: &Job,
    session: &Session,
    members: &[(&str, usize)],
    took: Duration,
) -> Result<(), Failure> {
    let table = match args.format {
        TableFormat::Json => json_table(args, job, session, members, took),
        TableFormat::Text => text_table(job, session, members, took),
    };
    if args.output.as_deref() == Some("-") { say_raw(&table) } else { print(&table) }
}

fn json_table(args: &RunArgs, job: &Job, session: &Session, members: &[(&str, usize)], took: Duration) -> String {
    let segments: Vec<serde_json::Value> =
        members.iter().map(|(name, count)| serde_json::json!({ "segment": name, "members": count })).collect();
    let refused = job.refused.iter().map(|Refused { segment, diagnostics }| {
        let why: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        serde_json::json!({ "segment": segment, "why": why })
    });
    let [of, version] = &session.version;
    let table = serde_json::json!({
        "schema_version": 1,
        "now": crate::plan::value_text(&crate::types::Value::Timestamp(job.now)),
        "zone": job.zone.name(),
        "engine": { "name": job.dialect.name(), "place": job.target.shown(), of.as_str(): version },
        "segments": segments,
        "refused": refused.collect::<Vec<_>>(),
        "into": args.into.as_ref().map(|TableName(parts)| parts.join(".")),
        "seconds": { "run": took.as_secs_f64() },
    });
    format!("{table:#}\n")
}

fn text_table(job: &Job, session: &Session, members: &[(&str, usize)], took: Duration) -> String {
    use std::fmt::Write;
    let longest = members.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let width = longest.clamp("segment".len(), WIDEST_NAME);
    let mut table = format!("{:<width$}  {:>10}\n", "segment", "members");
    for (name, count) in members {
        let _ = writeln!(table, "{name:<width$}  {count:>10}");
    }
    let place = crate::diagnostics::render::escape::visible(job.target.shown()).into_owned();
    let _ = writeln!(
        table,
        "{} on {place} ({}) in {:.2} s",
        counted(members.len() as u64, "segment"),
        session.version.join(" "),
        took.as_secs_f64()
    );
    table
}
