//! The functions of text. Names `signature` and `ops`. Invariant: examples compile against the quickstart's schema.

use super::param;
use crate::builtins::registry::{Builtin, Category, Form};
use crate::builtins::signature::{Absence, Kind, ResultRule, Signature};
use crate::builtins::Func;

/// The functions of text.
pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "lower",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Lower,
            },
        ],
        doc: "The text in lower case, code point by code point (Unicode simple lowercase).",
        absence: Absence::Arguments,
        examples: &["lower(homeAddress.city) == \"malmö\""],
        rule: "lower",
    },
    Builtin {
        name: "upper",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Upper,
            },
        ],
        doc: "The text in upper case, code point by code point (Unicode simple uppercase).",
        absence: Absence::Arguments,
        examples: &["upper(homeAddress.countryCode) == \"SE\""],
        rule: "upper",
    },
    Builtin {
        name: "trim",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Trim,
            },
        ],
        doc: "The text without blanks (U+0020) at its ends.",
        absence: Absence::Arguments,
        examples: &["trim(homeAddress.city) == \"Lund\""],
        rule: "trim",
    },
    Builtin {
        name: "length",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Length,
            },
        ],
        doc: "How many code points the text has.",
        absence: Absence::Arguments,
        examples: &["length(homeAddress.postalCode) == 5"],
        rule: "length",
    },
    Builtin {
        name: "substring",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text), param("start", Kind::IntLiteral { min: 1, max: 65_536 }), param("length", Kind::IntLiteral { min: 0, max: 65_536 })],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Substring,
            },
        ],
        doc: "The part of the text from code point `start`, counted from 1, at most `length` code points long. Both are literals.",
        absence: Absence::Arguments,
        examples: &["substring(homeAddress.postalCode, 1, 2) == \"21\""],
        rule: "substring",
    },
    Builtin {
        name: "replace",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text), param("from", Kind::Text), param("to", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Replace,
            },
        ],
        doc: "The text with every occurrence of `from`, found from the left without overlap, replaced by `to`. An empty `from` changes nothing.",
        absence: Absence::Arguments,
        examples: &["replace(homeAddress.postalCode, \" \", \"\") == \"21122\""],
        rule: "replace",
    },
    Builtin {
        name: "concat",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text), param("more", Kind::Text)],
                variadic: true,
                result: ResultRule::Text,
                func: Func::Concat,
            },
        ],
        doc: "The texts one after the other. Absent if any of them is: give a `default` to those that may be.",
        absence: Absence::Arguments,
        examples: &["concat(person.name.firstName, \" \", person.name.lastName) == \"Anna Berg\""],
        rule: "concat",
    },
    Builtin {
        name: "split",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text), param("separator", Kind::Separator)],
                variadic: false,
                result: ResultRule::Texts,
                func: Func::Split,
            },
        ],
        doc: "The list of the parts between the occurrences of the separator, a literal that is not empty. `split(\"\", \",\")` is `[\"\"]`.",
        absence: Absence::Arguments,
        examples: &["\"en\" in split(preferredLanguage, \"-\")"],
        rule: "split",
    },
    Builtin {
        name: "capture",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text), param("pattern", Kind::Pattern), param("group", Kind::IntLiteral { min: 0, max: 99 })],
                variadic: false,
                result: ResultRule::Text,
                func: Func::Capture,
            },
        ],
        doc: "What a group of the regular expression holds at the first match; group 0 is the whole match. Pattern and group are literals.",
        absence: Absence::Also("where the pattern does not match, or the group took no part in the match"),
        examples: &["capture(personalEmail.address, \"@([a-z]+)\", 1) == \"example\""],
        rule: "capture",
    },
    Builtin {
        name: "email_domain",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::EmailDomain,
            },
        ],
        doc: "What follows the last `@`, with ASCII letters in lower case.",
        absence: Absence::Also("where there is no `@`, or nothing behind it"),
        examples: &["email_domain(personalEmail.address) == \"example.com\""],
        rule: "email_domain",
    },
    Builtin {
        name: "url_host",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::UrlHost,
            },
        ],
        doc: "The host of a URL: what stands between `//` and the next `/`, `?`, `#` or `:`, without user information, with ASCII letters in lower case.",
        absence: Absence::Also("where there is no `//`"),
        examples: &["any(web.webpagedetails.pageViews where url_host(web.webPageDetails.URL) == \"shop.example\")"],
        rule: "url_host",
    },
    Builtin {
        name: "url_path",
        form: Form::Function,
        category: Category::Text,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("text", Kind::Text)],
                variadic: false,
                result: ResultRule::Text,
                func: Func::UrlPath,
            },
        ],
        doc: "The path of a URL: from the first `/` behind the host up to `?` or `#`; `/` where it is empty.",
        absence: Absence::Also("where there is no `//` and the text does not begin with `/`"),
        examples: &["any(web.webpagedetails.pageViews where url_path(web.webPageDetails.URL) starts with \"/sale\")"],
        rule: "url_path",
    },
];
