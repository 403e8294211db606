//! Tokens and trees as text, for `segc dump` and for tests: tokens one a line, the tree as nested lists whose heads are the
//! language's own words. Imports the tree and tokens. Invariant: two trees with the same text differ at most in spans.

use super::ast::*;
use super::lexer::Lexed;
use super::strings::quote;
use super::token::aggregate_name;

/// Lists tokens: line and column (counted from 1, in bytes), class, text. A token that the lexer put in shows as `+`.
pub fn tokens(lexed: &Lexed<'_>, text: &str) -> String {
    let mut out = String::new();
    let (mut line, mut line_start, mut seen) = (1, 0, 0);
    for lexeme in &lexed.tokens {
        let start = lexeme.start as usize;
        for (at, _) in text.get(seen..start).unwrap_or_default().match_indices('\n') {
            line += 1;
            line_start = seen + at + 1;
        }
        seen = seen.max(start);
        let class = format!("{:?}", lexeme.token.class()).to_lowercase();
        let written = text.get(start..lexeme.end as usize).unwrap_or_default();
        let inserted = format!("+ {}", lexeme.token.text());
        let shown = if lexeme.is_inserted() { &inserted } else { written };
        out.push_str(&format!("{line}:{} {class} {}\n", start - line_start + 1, shown.escape_debug()));
    }
    out
}

/// Shows a file's tree.
pub fn file(file: &File) -> String {
    file.items.iter().map(|i| item(i).render(0) + "\n").collect()
}

/// Shows an expression on as many lines as it needs.
pub fn expression(expr: &ExprNode) -> String {
    self::expr(expr).render(0)
}

/// A node of the output.
enum Tree {
    Leaf(String),
    Node(Vec<Tree>),
}

/// Lines longer than this are broken.
const WIDTH: usize = 110;

impl Tree {
    /// The text on one line, if it fits into `room`.
    fn flat(&self, room: usize) -> Option<String> {
        match self {
            Tree::Leaf(text) => (text.len() <= room).then(|| text.clone()),
            Tree::Node(parts) => {
                let mut out = String::from("(");
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        out.push(' ');
                    }
                    out.push_str(&part.flat(room.checked_sub(out.len() + 1)?)?);
                }
                out.push(')');
                Some(out)
            }
        }
    }

    fn render(&self, indent: usize) -> String {
        match (self.flat(WIDTH.saturating_sub(indent)), self) {
            (Some(flat), _) => flat,
            (None, Tree::Leaf(text)) => text.clone(),
            (None, Tree::Node(parts)) => {
                let leaves = parts.iter().take_while(|p| matches!(p, Tree::Leaf(_))).take(3).count().max(1);
                let (head, rest) = parts.split_at(leaves.min(parts.len()));
                let head: Vec<String> = head.iter().map(|part| part.render(indent + 1)).collect();
                let mut out = format!("({}", head.join(" "));
                for part in rest {
                    out.push_str(&format!("\n{:width$}{}", "", part.render(indent + 2), width = indent + 2));
                }
                out.push(')');
                out
            }
        }
    }

    /// With one more part at its end, where there is one.
    fn with(self, part: Option<Tree>) -> Tree {
        match (self, part) {
            (Tree::Node(mut parts), Some(part)) => {
                parts.push(part);
                Tree::Node(parts)
            }
            (tree, _) => tree,
        }
    }
}

fn leaf(text: impl Into<String>) -> Tree {
    Tree::Leaf(text.into())
}

fn node(head: &str, parts: impl IntoIterator<Item = Tree>) -> Tree {
    Tree::Node(std::iter::once(leaf(head)).chain(parts).collect())
}

fn string(text: &Str) -> Tree {
    leaf(quote(&text.node))
}

/// A name; one that is no plain word, or a word of this output, in backquotes.
fn name(ident: &Ident) -> Tree {
    leaf(name_text(&ident.node))
}

fn name_text(name: &str) -> String {
    if super::words::needs_quotes(name, true) { format!("`{name}`") } else { name.to_owned() }
}

fn path(path: &Path) -> Tree {
    let mut out = name_text(&path.root.node);
    for step in &path.steps {
        match step {
            PathStep::Field(field) => out.push_str(&format!(".{}", name_text(&field.node))),
            PathStep::Key(key) => out.push_str(&format!("[{}]", quote(&key.node))),
            PathStep::Hole(_) => out.push_str(".<hole>"),
        }
    }
    leaf(out)
}

fn item(item: &Item) -> Tree {
    match &item.kind {
        ItemKind::Schema(path) => node("schema", [string(path)]),
        ItemKind::Import(path) => node("import", [string(path)]),
        ItemKind::Param { name: param, ty, value } => node("param", [name(param), type_expr(ty), expr(value)]),
        ItemKind::Let { name: definition, params, ty, value } => {
            let params = params.iter().map(|p| Tree::Node(vec![name(&p.name), type_expr(&p.ty)])).collect();
            node("let", [name(definition), Tree::Node(params)]).with(ty.as_ref().map(type_expr)).with(Some(expr(value)))
        }
        ItemKind::Event { name: event, collection: of } => node("event", [name(event), collection(of)]),
        ItemKind::Segment { name: segment, title, clauses } => {
            let clauses = clauses.iter().map(|c| segment_clause(&c.node));
            node("segment", std::iter::once(name(segment)).chain(title.as_ref().map(string)).chain(clauses))
        }
        ItemKind::Propensity { name: propensity, from, clauses } => {
            let from = from.as_ref().map(|from| match from {
                PropensityFrom::Data(file) => node("from", [string(file)]),
                PropensityFrom::Adapter { adapter, path: at } => {
                    node("from", [name(adapter)]).with(at.as_ref().map(path))
                }
                PropensityFrom::Model { format, file } => node("from", [name(format), string(file)]),
            });
            let clauses = clauses.iter().map(|c| propensity_clause(&c.node));
            node("propensity", std::iter::once(name(propensity)).chain(from).chain(clauses))
        }
        ItemKind::Test { segment, clauses } => {
            node("test", segment.as_ref().map(name).into_iter().chain(clauses.iter().map(|c| test_clause(&c.node))))
        }
        ItemKind::Error => leaf("<error>"),
    }
}

fn type_expr(ty: &TypeExpr) -> Tree {
    leaf(format!(":{}", type_text(ty)))
}

fn type_text(ty: &TypeExpr) -> String {
    let argument = ty.argument.as_ref().map_or(String::new(), |of| format!("<{}>", type_text(of)));
    format!("{}{argument}{}", ty.name.node, if ty.optional { "?" } else { "" })
}

fn segment_clause(clause: &SegmentClause) -> Tree {
    match clause {
        SegmentClause::Where(predicate) => node("where", [expr(predicate)]),
        SegmentClause::Rank { by, descending, limit } => {
            let direction = descending.as_ref().map(|d| leaf(if d.node { "desc" } else { "asc" }));
            let limit = limit.as_ref().map(|n| node("limit", [leaf(&n.node)]));
            node("rank", [expr(by)]).with(direction).with(limit)
        }
        SegmentClause::Sample { percent, salt } => share("sample", percent, salt),
        SegmentClause::Error => leaf("<error>"),
    }
}

fn share(head: &str, percent: &Spanned<String>, salt: &Option<Str>) -> Tree {
    node(head, [leaf(format!("{}%", percent.node))]).with(salt.as_ref().map(|salt| node("salt", [string(salt)])))
}

fn propensity_clause(clause: &PropensityClause) -> Tree {
    match clause {
        PropensityClause::Predict(predicate) => node("predict", [expr(predicate)]),
        PropensityClause::For(predicate) => node("for", [expr(predicate)]),
        PropensityClause::Using(paths) => node("using", paths.iter().map(path)),
        PropensityClause::Static(paths) => node("static", paths.iter().map(path)),
        PropensityClause::Deny(paths) => node("deny", paths.iter().map(path)),
        PropensityClause::Cutoffs { every, over } => node("cutoffs", [expr(every), expr(over)]),
        PropensityClause::Number { setting, value } => {
            let setting = match setting.node {
                PropensityNumber::Trees => "trees",
                PropensityNumber::Depth => "depth",
                PropensityNumber::Seed => "seed",
            };
            node(setting, [leaf(&value.node)])
        }
        PropensityClause::Buckets(buckets) => node(
            "buckets",
            buckets.iter().map(|(bucket, below)| match below {
                Some(below) => node("<", [name(bucket), leaf(&below.node)]),
                None => name(bucket),
            }),
        ),
        PropensityClause::Require(gates) => node("require", gates.iter().map(|gate| expr(gate))),
        PropensityClause::MaxAge(age) => node("max-age", [expr(age)]),
        PropensityClause::Control { percent, salt } => share("control", percent, salt),
        PropensityClause::Kind(kind) => node("kind", [name(kind)]),
        PropensityClause::Scale(scale) => node("scale", [name(scale)]),
        PropensityClause::Mapping { word, path: at } => node("at", [name(word), path(at)]),
        PropensityClause::Quality(quality) => node("quality", [expr(quality)]),
        PropensityClause::Error => leaf("<error>"),
    }
}

fn test_clause(clause: &TestClause) -> Tree {
    match clause {
        TestClause::Now(now) => node("now", [expr(now)]),
        TestClause::Profile { name: profile, fields } => {
            node("profile", std::iter::once(name(profile)).chain(fields.iter().map(field)))
        }
        TestClause::Object { class, key, fields } => {
            node("object", [name(class), expr(key)].into_iter().chain(fields.iter().map(field)))
        }
        TestClause::Expect { profile, negated, segment } => {
            node(if *negated { "expect-not-in" } else { "expect-in" }, [name(profile), name(segment)])
        }
        TestClause::Error => leaf("<error>"),
    }
}

fn field(field: &TestField) -> Tree {
    match field {
        TestField::Value { path: at, value } => node(":", [path(at), test_value(value)]),
        TestField::Events { events, .. } => node("events", events.iter().map(test_event)),
    }
}

fn test_event(event: &TestEvent) -> Tree {
    node("event", [path(&event.event), expr(&event.at)].into_iter().chain(event.fields.iter().map(field)))
}

fn test_value(value: &TestValue) -> Tree {
    match value {
        TestValue::Expr(value) => expr(value),
        TestValue::List(values, _) => node("list", values.iter().map(test_value)),
        TestValue::Object(entries, _) => {
            node("object", entries.iter().map(|(key, value)| node(":", [path(key), test_value(value)])))
        }
    }
}

fn expr(expr: &ExprNode) -> Tree {
    let all = |exprs: &[Expr]| exprs.iter().map(|e| self::expr(e)).collect::<Vec<_>>();
    match &expr.kind {
        ExprKind::Literal(value) => literal(value),
        ExprKind::Now => leaf("now"),
        ExprKind::Day(DayWord::Today) => leaf("today"),
        ExprKind::Day(DayWord::Yesterday) => leaf("yesterday"),
        ExprKind::Day(DayWord::Tomorrow) => leaf("tomorrow"),
        ExprKind::Path(at) => path(at),
        ExprKind::List(items) => node("list", all(items)),
        ExprKind::Paren(inner) => node("paren", [self::expr(inner)]),
        ExprKind::Call { function, args } => node("call", std::iter::once(name(function)).chain(all(args))),
        ExprKind::Not(inner) => node("not", [self::expr(inner)]),
        ExprKind::Negate(inner) => node("negate", [self::expr(inner)]),
        ExprKind::Or(parts) => node("or", all(parts)),
        ExprKind::And(parts) => node("and", all(parts)),
        ExprKind::Binary { op, negated, lhs, rhs, ignoring_case } => {
            let head = format!("{}{}", if *negated { "not-" } else { "" }, operator(op.node));
            node(&head, [self::expr(lhs), self::expr(rhs)]).with(ignoring_case.then(|| leaf("ignoring-case")))
        }
        ExprKind::Between { negated, value, low, high, ignoring_year } => {
            let parts = [self::expr(value), self::expr(low), self::expr(high)];
            node(if *negated { "not-between" } else { "between" }, parts).with(year(*ignoring_year))
        }
        ExprKind::InWindow { negated, value, window: within, ignoring_year } => {
            let parts = [self::expr(value), window(within)];
            node(if *negated { "not-window" } else { "window" }, parts).with(year(*ignoring_year))
        }
        ExprKind::IsPresent { absent, value } => {
            node(if *absent { "is-absent" } else { "is-present" }, [self::expr(value)])
        }
        ExprKind::If { condition, then, otherwise } => {
            node("if", [self::expr(condition), self::expr(then), self::expr(otherwise)])
        }
        ExprKind::Default { value, default } => node("default", [self::expr(value), self::expr(default)]),
        ExprKind::Ago(amount) => node("ago", [self::expr(amount)]),
        ExprKind::FromNow(amount) => node("from-now", [self::expr(amount)]),
        ExprKind::Aggregate { function, distinct, value, collection: of, satisfy } => {
            node(aggregate_name(function.node), distinct.then(|| leaf("distinct")))
                .with(value.as_ref().map(|v| self::expr(v)))
                .with(Some(collection(of)))
                .with(satisfy.as_ref().map(|p| node("satisfy", [self::expr(p)])))
        }
        ExprKind::Sequence(steps) => node("sequence", steps.iter().map(step)),
        ExprKind::Error => leaf("<error>"),
    }
}

fn year(ignoring: bool) -> Option<Tree> {
    ignoring.then(|| leaf("ignoring-year"))
}

fn literal(literal: &Literal) -> Tree {
    match literal {
        Literal::Bool(value) => leaf(value.to_string()),
        Literal::Int(text) | Literal::Decimal(text) | Literal::Date(text) | Literal::Timestamp(text) => leaf(text),
        Literal::String(text) => leaf(quote(text)),
        Literal::Duration { amount, unit } => leaf(format!("{amount}-{unit}")),
    }
}

/// The text of a binary operator, its words joined by a dash.
fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::IntDiv => "div",
        BinaryOp::Rem => "%",
        BinaryOp::In => "in",
        BinaryOp::Contains => "contains",
        BinaryOp::StartsWith => "starts-with",
        BinaryOp::EndsWith => "ends-with",
        BinaryOp::Like => "like",
        BinaryOp::Matches => "matches",
        BinaryOp::HasAny => "has-any",
        BinaryOp::HasAll => "has-all",
        BinaryOp::Within => "within",
    }
}

fn window(window: &Window) -> Tree {
    match &window.kind {
        WindowKind::Last(amount) => node("last", [expr(amount)]),
        WindowKind::Next(amount) => node("next", [expr(amount)]),
        WindowKind::This(unit) => node("this", [name(unit)]),
        WindowKind::Previous(amount) => node("previous", [expr(amount)]),
        WindowKind::On(day) => node("on", [expr(day)]),
        WindowKind::Before(time) => node("before", [expr(time)]),
        WindowKind::After(time) => node("after", [expr(time)]),
        WindowKind::Between(low, high) => node("between", [expr(low), expr(high)]),
    }
}

fn source(source: &Source) -> Tree {
    match source {
        Source::Path(at) => path(at),
        Source::Top { bottom, count, of, by } => {
            node(if *bottom { "bottom" } else { "top" }, [leaf(&count.node), collection(of), expr(by)])
        }
        Source::Groups { of, by } => node("groups", [collection(of), expr(by)]),
        Source::Error(_) => leaf("<error>"),
    }
}

/// A collection; one that is a bare source shows as that source.
fn collection(collection: &Collection) -> Tree {
    let parts = details(collection);
    if parts.is_empty() {
        source(&collection.source)
    } else {
        node("of", std::iter::once(source(&collection.source)).chain(parts))
    }
}

fn details(collection: &Collection) -> Vec<Tree> {
    let alias = collection.alias.as_ref().map(|alias| node("as", [name(alias)]));
    let within = collection.window.as_ref().map(window);
    let filter = collection.filter.as_ref().map(|p| node("where", [expr(p)]));
    [alias, within, filter].into_iter().flatten().collect()
}

fn step(step: &Step) -> Tree {
    let times = step.times.as_ref().map(|n| node("times", [leaf(&n.node)]));
    let within = step.within.as_ref().map(|d| node("within", [expr(d)]));
    let least = step.after_at_least.as_ref().map(|d| node("after-at-least", [expr(d)]));
    let parts = [Some(source(&step.collection.source)), times].into_iter().flatten();
    let parts = parts.chain(details(&step.collection)).chain(within).chain(least);
    node(if step.negated { "not-step" } else { "step" }, parts)
}
