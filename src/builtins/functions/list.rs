//! The functions of lists and maps. Names `signature` and `ops`. Invariant: examples compile against the quickstart's schema.

use super::param;
use crate::builtins::Func;
use crate::builtins::registry::{Builtin, Category, Form};
use crate::builtins::signature::{Absence, Kind, ResultRule, Signature};

/// The functions of lists and maps.
pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "size",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("list", Kind::AnyList)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Size,
            },
            Signature {
                params: &[param("map", Kind::Map)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Size,
            },
        ],
        doc: "How many elements a list or entries a map has.",
        absence: Absence::Arguments,
        examples: &["any(commerce.purchases where size(productListItems) > 3)"],
        rule: "size",
    },
    Builtin {
        name: "distinct",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[Signature {
            params: &[param("list", Kind::List)],
            variadic: false,
            result: ResultRule::First,
            func: Func::Distinct,
        }],
        doc: "The list without repetitions: first occurrences in order.",
        absence: Absence::Arguments,
        examples: &["size(distinct(list(channel of commerce.purchases))) > 1"],
        rule: "distinct",
    },
    Builtin {
        name: "intersect",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[Signature {
            params: &[param("a", Kind::List), param("b", Kind::List)],
            variadic: false,
            result: ResultRule::Common,
            func: Func::Intersect,
        }],
        doc: "The distinct elements of `a` that `b` has, in the order of `a`.",
        absence: Absence::Arguments,
        examples: &["size(intersect(list(channel of commerce.purchases), [\"web\", \"app\"])) == 2"],
        rule: "intersect",
    },
    Builtin {
        name: "union",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[Signature {
            params: &[param("a", Kind::List), param("b", Kind::List)],
            variadic: false,
            result: ResultRule::Common,
            func: Func::Union,
        }],
        doc: "The distinct elements of `a`, then those of `b` that `a` does not have.",
        absence: Absence::Arguments,
        examples: &["size(union(list(channel of commerce.purchases), [\"web\"])) > 1"],
        rule: "union",
    },
    Builtin {
        name: "keys",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[Signature {
            params: &[param("map", Kind::Map)],
            variadic: false,
            result: ResultRule::Texts,
            func: Func::Keys,
        }],
        doc: "The keys of a map, sorted by code point.",
        absence: Absence::Arguments,
        examples: &["\"ups\" in keys(segmentMembership)"],
        rule: "keys",
    },
    Builtin {
        name: "values",
        form: Form::Function,
        category: Category::List,
        usage: &[],
        signatures: &[Signature {
            params: &[param("map", Kind::Map)],
            variadic: false,
            result: ResultRule::Values,
            func: Func::Values,
        }],
        doc: "The values of a map, in the order of the sorted keys.",
        absence: Absence::Arguments,
        examples: &["size(values(segmentMembership)) > 0"],
        rule: "values",
    },
];
