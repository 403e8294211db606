//! Signatures of functions: what kinds of arguments they take, what type the result has, when it is absent. Names
//! `types`. Invariant: a signature is data; the type checker needs no code of its own for a function.

use crate::types::{Digits, MAX_DIGITS, Ty, Value};

use super::Func;

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `int`
    Int,
    /// `int`, `decimal` or `float`
    Number,
    /// `decimal` or `float`
    Fraction,
    /// `string` or an enum
    Text,
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// `date` or `timestamp`
    Moment,
    /// A list of scalars.
    List,
    /// A list of anything.
    AnyList,
    /// A map.
    Map,
    /// Anything with an order: numbers, text, times.
    Ordered,
    /// The word of a calendar unit: `day`, `week`, `month`, `quarter`, `year`.
    Unit,
    /// A text literal that is not empty.
    Separator,
    /// A text literal that is a regular expression.
    Pattern,
    /// An integer literal in a range.
    IntLiteral {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Its name in the documentation.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultRule {
    /// `int`
    Int,
    /// `float`
    Float,
    /// `string`
    Text,
    /// `date`
    Date,
    /// `list<string>`
    Texts,
    /// The type of the first argument (text: `string`).
    First,
    /// The type of the last argument: that of `t` in `start_of(month, t)`.
    Last,
    /// The type that all arguments widen to.
    Common,
    /// Of `float` a `float`, of other numbers an `int`.
    Whole,
    /// A number with as many digits after the point as the second argument says (0 if there is none).
    Rounded,
    /// The list of the values of a map.
    Values,
}

/// When the result is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Only where an argument is.
    Arguments,
    /// Where an argument is, and as said.
    Also(&'static str),
}

/// One way to call a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Its parameters in order.
    pub params: &'static [Param],
    /// Whether the last parameter may be repeated.
    pub variadic: bool,
    /// The type of the result.
    pub result: ResultRule,
    /// What it does.
    pub func: Func,
}

impl Kind {
    /// Whether a value of a type can be the argument. Literals are the caller's business.
    pub fn accepts(self, ty: &Ty) -> bool {
        match self {
            Kind::Int | Kind::IntLiteral { .. } => *ty == Ty::Int,
            Kind::Number => ty.is_number(),
            Kind::Fraction => matches!(ty, Ty::Decimal(_) | Ty::Float),
            Kind::Text | Kind::Separator | Kind::Pattern => ty.is_text(),
            Kind::Date => *ty == Ty::Date,
            Kind::Timestamp => *ty == Ty::Timestamp,
            Kind::Moment => matches!(ty, Ty::Date | Ty::Timestamp),
            Kind::List => {
                matches!(ty, Ty::List(element) if !matches!(**element, Ty::Object(_) | Ty::List(_) | Ty::Map(_)))
            }
            Kind::AnyList => matches!(ty, Ty::List(_)),
            Kind::Map => matches!(ty, Ty::Map(_)),
            Kind::Ordered => {
                ty.is_number()
                    || ty.is_scale()
                    || matches!(ty, Ty::String | Ty::Date | Ty::Timestamp | Ty::Duration | Ty::Bucket)
            }
            Kind::Unit => false,
        }
    }

    /// With its article.
    pub fn a(self) -> &'static str {
        match self {
            Kind::Int => "an `int`",
            Kind::Number => "a number",
            Kind::Fraction => "a `decimal` or `float`",
            Kind::Text => "a `string`",
            Kind::Date => "a `date`",
            Kind::Timestamp => "a `timestamp`",
            Kind::Moment => "a `date` or `timestamp`",
            Kind::List => "a list of values",
            Kind::AnyList => "a list",
            Kind::Map => "a map",
            Kind::Ordered => "a number, text or time",
            Kind::Unit => "`day`, `week`, `month`, `quarter` or `year`",
            Kind::Separator => "a text literal that is not empty",
            Kind::Pattern => "a text literal with a regular expression",
            Kind::IntLiteral { .. } => "a whole number written as a literal",
        }
    }

    /// The type's name in a signature.
    fn word(self) -> &'static str {
        match self {
            Kind::Int | Kind::IntLiteral { .. } => "int",
            Kind::Number => "number",
            Kind::Fraction => "decimal | float",
            Kind::Text | Kind::Separator | Kind::Pattern => "string",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Moment => "date | timestamp",
            Kind::List | Kind::AnyList => "list",
            Kind::Map => "map",
            Kind::Ordered => "any",
            Kind::Unit => "unit",
        }
    }
}

impl Signature {
    /// Whether it can be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        count == self.params.len() || (self.variadic && count > self.params.len())
    }

    /// The parameter that an argument is for.
    pub fn param(&self, index: usize) -> Option<Param> {
        self.params.get(index).or(if self.variadic { self.params.last() } else { None }).copied()
    }

    /// As written in the documentation: `substring(text: string, start: int, length: int)`.
    pub fn text(&self, name: &str) -> String {
        let mut params: Vec<String> = self.params.iter().map(|p| format!("{}: {}", p.name, p.kind.word())).collect();
        if self.variadic {
            params.push("…".to_owned());
        }
        format!("{name}({})", params.join(", "))
    }
}

impl ResultRule {
    /// The type of the result for arguments of these types; `second` is the value of the second argument if it is a
    /// literal.
    pub fn of(self, args: &[Ty], second: Option<&Value>) -> Ty {
        let first = args.first().cloned().unwrap_or(Ty::Error);
        match self {
            ResultRule::Int => Ty::Int,
            ResultRule::Float => Ty::Float,
            ResultRule::Text => Ty::String,
            ResultRule::Date => Ty::Date,
            ResultRule::Texts => Ty::List(Box::new(Ty::String)),
            ResultRule::First | ResultRule::Common if first.is_text() => Ty::String,
            ResultRule::First => first,
            ResultRule::Common => args.iter().cloned().reduce(longer).unwrap_or(Ty::Error),
            ResultRule::Last => args.last().cloned().unwrap_or(Ty::Error),
            ResultRule::Whole => {
                if first == Ty::Float {
                    Ty::Float
                } else {
                    Ty::Int
                }
            }
            ResultRule::Rounded => match (first, second) {
                (Ty::Decimal(digits), second) => {
                    let wanted = if let Some(Value::Int(wanted)) = second { *wanted } else { 0 };
                    Ty::Decimal(rounded(digits, u8::try_from(wanted).unwrap_or(0)))
                }
                (ty, _) => ty,
            },
            ResultRule::Values => match first {
                Ty::Map(value) => Ty::List(value),
                _ => Ty::Error,
            },
        }
    }
}

/// The type with more digits, of two that are otherwise the same.
fn longer(a: Ty, b: Ty) -> Ty {
    match (&a, &b) {
        (Ty::Decimal(x), Ty::Decimal(y)) if y.precision > x.precision => b,
        _ => a,
    }
}

/// One more digit before the point, for the carry.
fn rounded(digits: Digits, scale: u8) -> Digits {
    if scale >= digits.scale {
        return digits;
    }
    Digits { precision: (digits.precision - digits.scale + 1 + scale).min(MAX_DIGITS), scale }
}
