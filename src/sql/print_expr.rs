//! Expressions as text, on one line where they fit, else broken at the outermost operator. Invariant: parentheses stand
//! wherever two databases might read an expression differently; comparisons and arithmetic are never chained.

use super::dialect::Dialect;
use super::tree::{BinaryOp, Expr, Frame, FrameBound, FrameUnit, Ident, Order, Select};

/// Where lines are broken.
pub(super) const WIDTH: usize = 110;

/// Binding strength: what stands inside needs parentheses if it binds less than asked for.
mod binding {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const TEST: u8 = 4;
    pub const ADDITIVE: u8 = 6;
    pub const MULTIPLICATIVE: u8 = 7;
    pub const UNARY: u8 = 8;
    pub const PRIMARY: u8 = 9;
}

/// Prints for one dialect.
#[derive(Clone, Copy)]
pub(super) struct Printer<'d> {
    pub(super) dialect: &'d dyn Dialect,
}

impl Printer<'_> {
    /// Longer chains of `AND` and `OR` are printed as balanced trees: databases read flat ones in quadratic time.
    pub(super) const CHAIN: usize = 64;
    /// What may stand between two `AND`.
    pub(super) const ABOVE_AND: u8 = binding::NOT;

    /// A name.
    pub(super) fn ident(&self, ident: &Ident) -> String {
        match ident {
            Ident::Physical(name) => self.dialect.quoted(name),
            Ident::Generated(name) if self.dialect.reserves(name) => self.dialect.quoted(name),
            Ident::Generated(name) => name.to_string(),
        }
    }

    /// An expression that stands where at least `above` must bind; lines after the first are indented by `indent`, and
    /// `used` more columns of the first line are taken.
    pub(super) fn expr(&self, expr: &Expr, above: u8, indent: usize, used: usize) -> String {
        // What cannot fit is not written out to be measured: that would be done again for each of its parts.
        if !is_longer(expr, WIDTH) {
            let flat = self.flat(expr, above);
            if flat.len() + indent + used <= WIDTH && !flat.contains('\n') {
                return flat;
            }
        }
        self.broken(expr, above, indent).unwrap_or_else(|| self.flat(expr, above))
    }

    pub(super) fn flat(&self, expr: &Expr, above: u8) -> String {
        let text = self.flat_bare(expr);
        if strength(expr) < above { format!("({text})") } else { text }
    }

    fn flat_list(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|e| self.flat(e, 0)).collect::<Vec<_>>().join(", ")
    }

    fn flat_bare(&self, expr: &Expr) -> String {
        match expr {
            Expr::Column { table, column } => format!("{}.{}", self.ident(table), self.ident(column)),
            Expr::Field { base, field } => format!("{}.{}", self.field_base(base), self.ident(field)),
            Expr::Var(name) => self.ident(name),
            Expr::Words(words) => words.to_string(),
            Expr::Literal(literal) => self.dialect.literal(literal),
            Expr::Null(ty) => self.dialect.null(ty),
            Expr::Cast { expr, ty, function } => {
                format!("{function}({} AS {})", self.flat(expr, 0), self.dialect.type_name(ty))
            }
            Expr::Collate { expr, collation } => format!("{} COLLATE {collation}", self.flat(expr, binding::PRIMARY)),
            Expr::Extract { part, from } => format!("EXTRACT({part} FROM {})", self.flat(from, 0)),
            Expr::Query(select) => format!("({})", self.one_line(select)),
            Expr::Exists(select) => format!("EXISTS ({})", self.one_line(select)),
            Expr::Negative(inner) => {
                let inner = self.flat(inner, binding::PRIMARY);
                // Two dashes would begin a comment.
                if inner.starts_with('-') { format!("-({inner})") } else { format!("-{inner}") }
            }
            Expr::Binary { op, left, right } if let Some(name) = self.dialect.function_of(*op) => {
                format!("{name}({}, {})", self.flat(left, 0), self.flat(right, 0))
            }
            Expr::Binary { op, left, right } => {
                let (spelling, inner) = self.operator(*op);
                format!("{} {spelling} {}", self.flat(left, inner), self.flat(right, inner))
            }
            Expr::And(all) => self.chain(all, "AND", binding::NOT),
            Expr::Or(all) => self.chain(all, "OR", binding::AND + 1),
            Expr::Not(inner) => format!("NOT {}", self.flat(inner, binding::PRIMARY)),
            Expr::In { expr, list } => format!("{} IN ({})", self.flat(expr, binding::ADDITIVE), self.flat_list(list)),
            Expr::InQuery { expr, query } => {
                format!("{} IN ({})", self.flat(expr, binding::ADDITIVE), self.one_line(query))
            }
            Expr::IsNull { expr, negated } => {
                format!("{} IS {}NULL", self.flat(expr, binding::ADDITIVE), if *negated { "NOT " } else { "" })
            }
            Expr::IsTrue { expr, negated } if !self.dialect.abilities().is_true => {
                let known = self.flat(&(**expr).clone().or_else(Expr::bool(false)), 0);
                if *negated { format!("(NOT {known})") } else { known }
            }
            Expr::IsTrue { expr, negated } => {
                format!("{} IS {}TRUE", self.flat(expr, binding::PRIMARY), if *negated { "NOT " } else { "" })
            }
            Expr::Case { branches, otherwise } => {
                let whens: String = branches
                    .iter()
                    .map(|(when, then)| format!(" WHEN {} THEN {}", self.flat(when, 0), self.flat(then, 0)))
                    .collect();
                let otherwise = otherwise.as_ref().map_or(String::new(), |e| format!(" ELSE {}", self.flat(e, 0)));
                format!("CASE{whens}{otherwise} END")
            }
            // The list of a query's rows, which is not a value in parentheses of its own.
            Expr::Call { name: "ARRAY", args } if let [Expr::Query(select)] = args.as_slice() => {
                format!("ARRAY({})", self.one_line(select))
            }
            Expr::Call { name, args } => format!("{name}({})", self.flat_list(args)),
            Expr::Made { name, by, args } => format!("{name}({})({})", self.flat_list(by), self.flat_list(args)),
            Expr::Struct(fields) => {
                let fields: Vec<(String, String)> =
                    fields.iter().map(|(name, value)| (self.ident(name), self.flat(value, 0))).collect();
                self.dialect.struct_literal(&fields)
            }
            Expr::List(items) => self.dialect.list_literal(&items.iter().map(|e| self.flat(e, 0)).collect::<Vec<_>>()),
            Expr::Index { base, index } => {
                let base_text = self.flat(base, binding::PRIMARY);
                let base = if matches!(**base, Expr::Aggregate { .. }) { format!("({base_text})") } else { base_text };
                format!("{base}[{}]", self.flat(index, 0))
            }
            Expr::Lambda { params, body } => {
                let params: Vec<String> = params.iter().map(|p| self.ident(p)).collect();
                self.dialect.lambda(&params, &self.flat(body, 0))
            }
            Expr::Aggregate { filter, .. } if !filter.is_empty() && !self.dialect.abilities().filter_clause => {
                self.flat_bare(&unfiltered(expr))
            }
            Expr::Aggregate { name, args, distinct, order_by, filter } => {
                let args = if args.is_empty() { "*".to_owned() } else { self.flat_list(args) };
                let distinct = if *distinct { "DISTINCT " } else { "" };
                let order = self.order_of_values(order_by, ") WITHIN GROUP (ORDER BY", " ORDER BY");
                let filter = if filter.is_empty() {
                    String::new()
                } else {
                    format!(" FILTER (WHERE {})", self.flat(&Expr::and(filter.iter().cloned()), 0))
                };
                format!("{name}({distinct}{args}{order}){filter}")
            }
            // Left in a query it is a function that no database has.
            Expr::Instant { stored, .. } => format!("instant_of({})", self.flat(stored, 0)),
            Expr::Window { function, partition_by, order_by, frame } => {
                let mut parts = Vec::new();
                if !partition_by.is_empty() {
                    parts.push(format!("PARTITION BY {}", self.flat_list(partition_by)));
                }
                if !order_by.is_empty() {
                    parts.push(format!("ORDER BY {}", self.orders(order_by)));
                }
                parts.extend(frame.as_ref().map(frame_text));
                format!("{} OVER ({})", self.flat(function, 0), parts.join(" "))
            }
        }
    }

    /// A query on one line.
    fn one_line(&self, select: &Select) -> String {
        let text = self.select(select, 0);
        text.lines().map(str::trim_start).collect::<Vec<_>>().join(" ")
    }

    /// The base of a field access: parentheses around anything but a column, a field, a parameter or a call.
    fn field_base(&self, base: &Expr) -> String {
        match base {
            Expr::Column { .. } | Expr::Field { .. } | Expr::Var(_) | Expr::Index { .. } => self.flat(base, 0),
            _ => format!("({})", self.flat(base, 0)),
        }
    }

    fn chain(&self, all: &[Expr], word: &str, above: u8) -> String {
        if all.is_empty() {
            return if word == "AND" { "TRUE".to_owned() } else { "FALSE".to_owned() };
        }
        let parts: Vec<String> = all.iter().map(|e| self.flat(e, above)).collect();
        balanced(parts, &|parts| parts.join(&format!(" {word} ")), &|group| format!("({group})"))
    }

    fn operator(&self, op: BinaryOp) -> (&'static str, u8) {
        match op {
            BinaryOp::Eq => ("=", binding::ADDITIVE),
            BinaryOp::Ne => ("<>", binding::ADDITIVE),
            BinaryOp::Lt => ("<", binding::ADDITIVE),
            BinaryOp::Le => ("<=", binding::ADDITIVE),
            BinaryOp::Gt => (">", binding::ADDITIVE),
            BinaryOp::Ge => (">=", binding::ADDITIVE),
            BinaryOp::Add => ("+", binding::MULTIPLICATIVE),
            BinaryOp::Sub => ("-", binding::MULTIPLICATIVE),
            BinaryOp::Concat => ("||", binding::MULTIPLICATIVE),
            BinaryOp::Mul => ("*", binding::UNARY),
            BinaryOp::Div => ("/", binding::UNARY),
            BinaryOp::IntDiv(spelling) => (spelling, binding::UNARY),
            BinaryOp::Rem => ("%", binding::UNARY),
            BinaryOp::Other(spelling) => (spelling, binding::UNARY),
        }
    }

    /// Several lines; `None` where an expression of this kind stays on one.
    fn broken(&self, expr: &Expr, above: u8, indent: usize) -> Option<String> {
        if strength(expr) >= above {
            return self.broken_bare(expr, indent);
        }
        let (pad, deeper) = (" ".repeat(indent), indent + 2);
        let inner = " ".repeat(deeper);
        let text = self.expr(expr, 0, deeper, 0);
        Some(format!("(\n{inner}{text}\n{pad})"))
    }

    fn broken_bare(&self, expr: &Expr, indent: usize) -> Option<String> {
        let pad = " ".repeat(indent);
        let deeper = indent + 2;
        let inner = " ".repeat(deeper);
        Some(match expr {
            Expr::And(all) => self.broken_chain(all, "AND", binding::NOT, indent),
            Expr::Or(all) => self.broken_chain(all, "OR", binding::AND + 1, indent),
            Expr::Not(operand) => format!("NOT {}", self.expr(operand, binding::PRIMARY, indent, 4)),
            Expr::IsTrue { .. } if !self.dialect.abilities().is_true => return None,
            Expr::IsTrue { expr, negated } => {
                let not = if *negated { "NOT " } else { "" };
                format!("{} IS {not}TRUE", self.expr(expr, binding::PRIMARY, indent, 12))
            }
            Expr::IsNull { expr, negated } => {
                let not = if *negated { "NOT " } else { "" };
                format!("{} IS {not}NULL", self.expr(expr, binding::ADDITIVE, indent, 12))
            }
            Expr::Binary { op, left, right } if let Some(name) = self.dialect.function_of(*op) => {
                let [left, right] = [left, right].map(|operand| self.expr(operand, 0, deeper, 0));
                format!("{name}(\n{inner}{left},\n{inner}{right}\n{pad})")
            }
            Expr::Binary { op, left, right } => {
                let (spelling, above) = self.operator(*op);
                let left = self.expr(left, above, indent, 10);
                let used = left.lines().last().map_or(0, str::len).saturating_sub(indent) + 4;
                format!("{left} {spelling} {}", self.expr(right, above, indent, used))
            }
            Expr::In { expr, list } => {
                let lines = self.wrapped(list, deeper);
                format!("{} IN (\n{lines}\n{pad})", self.expr(expr, binding::ADDITIVE, indent, 4))
            }
            Expr::Case { branches, otherwise } => {
                let mut lines = vec!["CASE".to_owned()];
                for (when, then) in branches {
                    let when = self.expr(when, 0, deeper + 2, 5);
                    let then = self.expr(then, 0, deeper + 2, 20);
                    lines.push(format!("{inner}WHEN {when} THEN {then}"));
                }
                if let Some(otherwise) = otherwise {
                    lines.push(format!("{inner}ELSE {}", self.expr(otherwise, 0, deeper + 2, 5)));
                }
                lines.push(format!("{pad}END"));
                lines.join("\n")
            }
            Expr::Call { name: "ARRAY", args } if let [Expr::Query(select)] = args.as_slice() => {
                format!("ARRAY(\n{}\n{pad})", self.select(select, deeper))
            }
            Expr::Call { name, args } if !args.is_empty() => {
                let args: Vec<String> = args.iter().map(|arg| self.expr(arg, 0, deeper, 0)).collect();
                format!("{name}(\n{inner}{}\n{pad})", args.join(&format!(",\n{inner}")))
            }
            Expr::Made { name, by, args } => {
                let args: Vec<String> = args.iter().map(|arg| self.expr(arg, 0, deeper, 0)).collect();
                let args = args.join(&format!(",\n{inner}"));
                format!("{name}({})(\n{inner}{args}\n{pad})", self.flat_list(by))
            }
            Expr::Extract { part, from } => format!("EXTRACT({part} FROM {})", self.expr(from, 0, indent, 20)),
            Expr::Query(select) => format!("(\n{}\n{pad})", self.select(select, deeper)),
            Expr::Exists(select) => format!("EXISTS (\n{}\n{pad})", self.select(select, deeper)),
            Expr::InQuery { expr, query } => {
                let left = self.expr(expr, binding::ADDITIVE, indent, 6);
                format!("{left} IN (\n{}\n{pad})", self.select(query, deeper))
            }
            Expr::Collate { expr, collation } => {
                format!("{} COLLATE {collation}", self.expr(expr, binding::PRIMARY, indent, 12))
            }
            Expr::Cast { expr, ty, function } => {
                let operand = self.expr(expr, 0, deeper, 0);
                format!("{function}(\n{inner}{operand} AS {}\n{pad})", self.dialect.type_name(ty))
            }
            Expr::Lambda { params, body } => {
                let params: Vec<String> = params.iter().map(|p| self.ident(p)).collect();
                let body = self.expr(body, 0, deeper, 0);
                self.dialect.lambda(&params, &format!("\n{inner}{body}"))
            }
            Expr::Window { function, partition_by, order_by, frame } => {
                let mut lines = Vec::new();
                if !partition_by.is_empty() {
                    lines.push(format!("PARTITION BY {}", self.flat_list(partition_by)));
                }
                if !order_by.is_empty() {
                    lines.push(format!("ORDER BY {}", self.orders(order_by)));
                }
                lines.extend(frame.as_ref().map(frame_text));
                let lines = lines.join(&format!("\n{inner}"));
                format!("{} OVER (\n{inner}{lines}\n{pad})", self.expr(function, 0, indent, 8))
            }
            Expr::Aggregate { filter, .. } if !filter.is_empty() && !self.dialect.abilities().filter_clause => {
                return self.broken(&unfiltered(expr), 0, indent);
            }
            Expr::Aggregate { name, args, distinct, order_by, filter } => {
                return self.broken_aggregate(name, args, *distinct, order_by, filter, indent);
            }
            _ => return None,
        })
    }

    fn broken_aggregate(
        &self,
        name: &'static str,
        args: &[Expr],
        distinct: bool,
        order_by: &[Order],
        filter: &[Expr],
        indent: usize,
    ) -> Option<String> {
        let (pad, deeper) = (" ".repeat(indent), indent + 2);
        let inner = " ".repeat(deeper);
        if !filter.is_empty() {
            let (args, order_by) = (args.to_vec(), order_by.to_vec());
            let bare = self.expr(&Expr::Aggregate { name, args, distinct, order_by, filter: vec![] }, 0, indent, 0);
            let filter = self.expr(&Expr::and(filter.iter().cloned()), 0, deeper + 2, 6);
            return Some(format!("{bare} FILTER (\n{inner}WHERE {filter}\n{pad})"));
        }
        if args.is_empty() {
            return None;
        }
        let distinct = if distinct { "DISTINCT " } else { "" };
        let args: Vec<String> = args.iter().map(|arg| self.expr(arg, 0, deeper, 0)).collect();
        let args = args.join(&format!(",\n{inner}"));
        let within = format!("\n{pad}) WITHIN GROUP (\n{inner}ORDER BY");
        let order = self.order_of_values(order_by, &within, &format!("\n{inner}ORDER BY"));
        Some(format!("{name}(\n{inner}{distinct}{args}{order}\n{pad})"))
    }

    /// The order of an aggregate's values, behind the words for it.
    fn order_of_values(&self, order_by: &[Order], within_group: &str, inside: &str) -> String {
        let words = if self.dialect.orders_within_group() { within_group } else { inside };
        if order_by.is_empty() { String::new() } else { format!("{words} {}", self.orders(order_by)) }
    }

    fn broken_chain(&self, all: &[Expr], word: &str, above: u8, indent: usize) -> String {
        let parts: Vec<String> = all.iter().map(|e| self.expr(e, above, indent, word.len() + 1)).collect();
        let glue = format!("\n{}{word} ", " ".repeat(indent));
        balanced(parts, &|parts| parts.join(&glue), &|group| format!("({group})"))
    }

    /// Elements filled into lines.
    fn wrapped(&self, exprs: &[Expr], indent: usize) -> String {
        let pad = " ".repeat(indent);
        let mut lines = vec![pad.clone()];
        for (index, expr) in exprs.iter().enumerate() {
            let mut text = self.flat(expr, 0);
            if index + 1 < exprs.len() {
                text.push(',');
            }
            match lines.last_mut() {
                Some(line) if line.len() == pad.len() => line.push_str(&text),
                Some(line) if line.len() + text.len() < WIDTH => line.push_str(&format!(" {text}")),
                _ => lines.push(format!("{pad}{text}")),
            }
        }
        lines.join("\n")
    }
}

/// An aggregate whose values are null where they do not count, in place of a filter.
fn unfiltered(aggregate: &Expr) -> Expr {
    let Expr::Aggregate { name, args, distinct, order_by, filter } = aggregate else { return aggregate.clone() };
    let condition = Expr::and(filter.iter().cloned());
    let args = match args.as_slice() {
        [] => vec![Expr::int(1).when(condition)],
        [value, rest @ ..] => std::iter::once(value.clone().when(condition)).chain(rest.iter().cloned()).collect(),
    };
    Expr::Aggregate { name, args, distinct: *distinct, order_by: order_by.clone(), filter: vec![] }
}

/// Joins parts; more than a chain's worth as a balanced tree of groups.
fn balanced(parts: Vec<String>, join: &dyn Fn(&[String]) -> String, group: &dyn Fn(String) -> String) -> String {
    if parts.len() <= Printer::CHAIN {
        return join(&parts);
    }
    let groups = parts.chunks(Printer::CHAIN / 2).map(|chunk| group(join(chunk))).collect();
    balanced(groups, join, group)
}

/// Whether an expression has more parts than a line has columns; looks at no more of them than that. A query counts as
/// long.
pub(super) fn is_longer(expr: &Expr, columns: usize) -> bool {
    let (mut open, mut parts) = (vec![expr], 0);
    while let Some(expr) = open.pop() {
        parts += 1;
        if parts + open.len() > columns {
            return true;
        }
        match expr {
            Expr::Field { base: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::Negative(inner)
            | Expr::Not(inner)
            | Expr::IsNull { expr: inner, .. }
            | Expr::IsTrue { expr: inner, .. }
            | Expr::Lambda { body: inner, .. }
            | Expr::Collate { expr: inner, .. }
            | Expr::Extract { from: inner, .. }
            | Expr::Instant { stored: inner, .. }
            | Expr::Window { function: inner, .. } => open.push(inner),
            Expr::Binary { left, right, .. } => open.extend([&**left, &**right]),
            Expr::Index { base, index } => open.extend([&**base, &**index]),
            Expr::And(all) | Expr::Or(all) | Expr::List(all) | Expr::Call { args: all, .. } => open.extend(all),
            Expr::Made { by, args, .. } => open.extend(by.iter().chain(args)),
            Expr::Aggregate { args, filter, .. } => open.extend(args.iter().chain(filter)),
            Expr::In { expr, list } => open.extend(list.iter().chain([&**expr])),
            Expr::Struct(fields) => open.extend(fields.iter().map(|(_, value)| value)),
            Expr::Case { branches, otherwise } => {
                open.extend(branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()));
            }
            // A query has lines of its own.
            Expr::Query(_) | Expr::Exists(_) | Expr::InQuery { .. } => return true,
            Expr::Column { .. } | Expr::Var(_) | Expr::Words(_) | Expr::Literal(_) | Expr::Null(_) => {}
        }
    }
    false
}

fn strength(expr: &Expr) -> u8 {
    match expr {
        Expr::Or(_) => binding::OR,
        Expr::And(_) => binding::AND,
        Expr::Not(_) => binding::NOT,
        Expr::In { .. } | Expr::InQuery { .. } | Expr::IsNull { .. } | Expr::IsTrue { .. } => binding::TEST,
        Expr::Binary { op, .. } => match op {
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => binding::TEST,
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Concat => binding::ADDITIVE,
            BinaryOp::Other(_) => binding::TEST,
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::IntDiv(_) | BinaryOp::Rem => binding::MULTIPLICATIVE,
        },
        Expr::Negative(_) | Expr::Collate { .. } => binding::UNARY,
        Expr::Lambda { .. } => 0,
        Expr::Column { .. }
        | Expr::Field { .. }
        | Expr::Var(_)
        | Expr::Words(_)
        | Expr::Literal(_)
        | Expr::Null(_)
        | Expr::Cast { .. }
        | Expr::Extract { .. }
        | Expr::Query(_)
        | Expr::Exists(_)
        | Expr::Case { .. }
        | Expr::Call { .. }
        | Expr::Made { .. }
        | Expr::Struct(_)
        | Expr::List(_)
        | Expr::Index { .. }
        | Expr::Aggregate { .. }
        | Expr::Instant { .. }
        | Expr::Window { .. } => binding::PRIMARY,
    }
}

fn frame_text(frame: &Frame) -> String {
    let unit = match frame.unit {
        FrameUnit::Rows => "ROWS",
        FrameUnit::Range => "RANGE",
        FrameUnit::Groups => "GROUPS",
    };
    let bound = |bound: FrameBound| match bound {
        FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
        FrameBound::Preceding(n) => format!("{n} PRECEDING"),
        FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
        FrameBound::Following(n) => format!("{n} FOLLOWING"),
        FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
    };
    format!("{unit} BETWEEN {} AND {}", bound(frame.start), bound(frame.end))
}
