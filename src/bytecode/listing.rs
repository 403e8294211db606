//! A program as text, for `segc dump --stage bytecode`. Stable: equal programs print equal text.

use std::fmt::Write;

use super::{Code, Instruction, Level, Program, bind};
use crate::plan::explain::{domain_text, instant, op_text, path_text, type_text};
use crate::plan::{DomainKind, Space};

/// The listing of a program.
pub fn list(program: &Program) -> String {
    let mut out = String::new();
    let settings = &program.settings;
    let _ = writeln!(out, "program by segc {}", program.compiler);
    let _ = writeln!(out, "schema {}", hexadecimal(&program.schema[..8]));
    let _ = writeln!(
        out,
        "now {} zone {} weeks from {} event ids {}",
        instant(program.now),
        settings.zone,
        settings.week_start,
        if settings.event_ids { "yes" } else { "no" }
    );
    needs(program, &mut out);
    let _ = writeln!(out, "segments");
    for (index, segment) in program.segments.iter().enumerate() {
        let _ = writeln!(out, "  {index} {} {}", segment.name, hexadecimal(&segment.definition[..8]));
    }
    for (index, level) in program.levels.iter().enumerate() {
        let _ = writeln!(out, "level {index} registers {}", level.code.registers);
        code(program, &level.code, 1, &mut out);
        outputs(level, &mut out);
    }
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn needs(program: &Program, out: &mut String) {
    let _ = writeln!(out, "reads");
    for (space, columns) in &program.needs.spaces {
        let _ = writeln!(out, "  {}", space_text(space));
        for (path, ty) in columns {
            let _ = writeln!(out, "    {}: {}", path_text(path), type_text(ty));
        }
    }
    if program.needs.spaces.contains_key(&Space::Events) {
        let types = match &program.needs.event_types {
            None => "all".to_string(),
            Some(types) => types.join(", "),
        };
        let _ = writeln!(out, "  event types {types}");
    }
}

fn space_text(space: &Space) -> String {
    match space {
        Space::Profiles => "profiles".into(),
        Space::Events => "events".into(),
        Space::Elements(of, path) => format!("elements of {} in {}", path_text(path), space_text(of)),
        Space::Entries(of, path) => format!("entries of {} in {}", path_text(path), space_text(of)),
        Space::Class(name) => format!("class {name}"),
    }
}

fn code(program: &Program, code: &Code, depth: usize, out: &mut String) {
    let margin = "  ".repeat(depth);
    for instruction in &code.instructions {
        match instruction {
            Instruction::Rows { domain, inputs } => {
                let found = program.domains.get(domain.0 as usize);
                let kind = found.map_or(DomainKind::Profiles, |found| bind(&found.kind, inputs));
                let parent = found.and_then(|found| found.parent).map_or(String::new(), |p| format!(" of d{}", p.0));
                let _ = writeln!(out, "{margin}rows d{} = {}{parent}", domain.0, domain_text(&kind, "r"));
            }
            Instruction::Set { to, domain, op, ty } => {
                let _ = writeln!(out, "{margin}r{}: {} @d{} = {}", to.0, type_text(ty), domain.0, op_text(op, "r"));
            }
            Instruction::Fold { over, body, yields } => {
                let _ = writeln!(out, "{margin}fold d{}", over.0);
                self::code(program, body, depth + 1, out);
                for each in yields {
                    let _ = writeln!(out, "{margin}yield r{} = r{}", each.to.0, each.from.0);
                }
            }
        }
    }
}

fn outputs(level: &Level, out: &mut String) {
    for output in &level.outputs {
        let _ = write!(out, "  segment {} = r{}", output.segment, output.condition.0);
        if let Some(rank) = &output.rank {
            let order = if rank.descending { "desc" } else { "asc" };
            let _ = write!(out, " rank by r{} {order}", rank.key.0);
            if let Some(limit) = rank.limit {
                let _ = write!(out, " limit {limit}");
            }
        }
        out.push('\n');
    }
}
