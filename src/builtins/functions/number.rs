//! The functions of numbers. Names `signature` and `ops`. Invariant: examples compile against the quickstart's schema.

use super::param;
use crate::builtins::Func;
use crate::builtins::registry::{Builtin, Category, Form};
use crate::builtins::signature::{Absence, Kind, ResultRule, Signature};

/// The functions of numbers.
pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "abs",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Number)],
            variadic: false,
            result: ResultRule::First,
            func: Func::Abs,
        }],
        doc: "The number without its sign.",
        absence: Absence::Also("for the one `int` whose opposite needs more than 64 bits"),
        examples: &["abs(loyalty.points - 1000) <= 50"],
        rule: "abs",
    },
    Builtin {
        name: "round",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("value", Kind::Number)],
                variadic: false,
                result: ResultRule::Rounded,
                func: Func::Round,
            },
            Signature {
                params: &[param("value", Kind::Number), param("digits", Kind::IntLiteral { min: 0, max: 12 })],
                variadic: false,
                result: ResultRule::Rounded,
                func: Func::Round,
            },
        ],
        doc: "The number rounded to so many digits after the point (0 if not given), half away from zero. `digits` is a literal.",
        absence: Absence::Arguments,
        examples: &["round(average(commerce.order.priceTotal of commerce.purchases), 2) >= 99.95"],
        rule: "round",
    },
    Builtin {
        name: "floor",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Number)],
            variadic: false,
            result: ResultRule::Whole,
            func: Func::Floor,
        }],
        doc: "The largest whole number that is not larger.",
        absence: Absence::Also("beyond 64 bits"),
        examples: &["floor(sum(commerce.order.priceTotal of commerce.purchases)) >= 100"],
        rule: "floor",
    },
    Builtin {
        name: "ceil",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Number)],
            variadic: false,
            result: ResultRule::Whole,
            func: Func::Ceil,
        }],
        doc: "The smallest whole number that is not smaller.",
        absence: Absence::Also("beyond 64 bits"),
        examples: &["ceil(sum(commerce.order.priceTotal of commerce.purchases)) >= 100"],
        rule: "ceil",
    },
    Builtin {
        name: "min",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Ordered), param("more", Kind::Ordered)],
            variadic: true,
            result: ResultRule::Common,
            func: Func::MinOf,
        }],
        doc: "The smallest of the values, which are of one type. (Of a collection: `min(E of C)`.)",
        absence: Absence::Arguments,
        examples: &["min(loyalty.points, 1000) == 1000"],
        rule: "least",
    },
    Builtin {
        name: "max",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Ordered), param("more", Kind::Ordered)],
            variadic: true,
            result: ResultRule::Common,
            func: Func::MaxOf,
        }],
        doc: "The largest of the values, which are of one type. (Of a collection: `max(E of C)`.)",
        absence: Absence::Arguments,
        examples: &["max(loyalty.points, 100) > 500"],
        rule: "greatest",
    },
    Builtin {
        name: "float",
        form: Form::Function,
        category: Category::Number,
        usage: &[],
        signatures: &[Signature {
            params: &[param("value", Kind::Number)],
            variadic: false,
            result: ResultRule::Float,
            func: Func::Convert,
        }],
        doc: "The double nearest to a number, for arithmetic with `float`, probabilities and scores.",
        absence: Absence::Arguments,
        examples: &["float(loyalty.points) * 0.5 > 10.5"],
        rule: "convert",
    },
];
