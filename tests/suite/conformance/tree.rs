//! Generated predicates: text that is still a tree where it can be made smaller.

/// A predicate.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    Text(String),
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    If(Box<Predicate>, Box<Predicate>, Box<Predicate>),
    /// A construct with a predicate inside: `any(buy where …)`.
    Around(String, Box<Predicate>, String),
}

use Predicate::{And, Around, If, Not, Or, Text};

impl Predicate {
    pub fn text(text: impl Into<String>) -> Predicate {
        Text(text.into())
    }

    pub fn around(before: impl Into<String>, inner: Predicate, after: impl Into<String>) -> Predicate {
        Around(before.into(), Box::new(inner), after.into())
    }

    /// As it is written.
    pub fn write(&self) -> String {
        let join = |parts: &[Predicate], word: &str| {
            parts.iter().map(|part| format!("({})", part.write())).collect::<Vec<_>>().join(word)
        };
        match self {
            Text(text) => text.clone(),
            And(parts) => join(parts, " and "),
            Or(parts) => join(parts, " or "),
            Not(inner) => format!("not ({})", inner.write()),
            If(condition, then, otherwise) => {
                format!("(if {} then {} else {})", condition.write(), then.write(), otherwise.write())
            }
            Around(before, inner, after) => format!("{before}{}{after}", inner.write()),
        }
    }

    /// Trees of which each is smaller, the smallest first.
    pub fn smaller(&self) -> Vec<Predicate> {
        let mut all = Vec::new();
        match self {
            Text(_) => {}
            And(parts) | Or(parts) => {
                let again = |parts| if matches!(self, And(_)) { And(parts) } else { Or(parts) };
                all.extend(parts.iter().cloned());
                for (at, part) in parts.iter().enumerate() {
                    if parts.len() > 2 {
                        let mut fewer = parts.clone();
                        fewer.remove(at);
                        all.push(again(fewer));
                    }
                    all.extend(part.smaller().into_iter().map(|smaller| {
                        let mut changed = parts.clone();
                        changed[at] = smaller;
                        again(changed)
                    }));
                }
            }
            Not(inner) => {
                all.push((**inner).clone());
                all.extend(inner.smaller().into_iter().map(|smaller| Not(Box::new(smaller))));
            }
            If(condition, then, otherwise) => {
                all.extend([condition, then, otherwise].map(|part| (**part).clone()));
            }
            Around(before, inner, after) => {
                if **inner != Text("true".to_owned()) {
                    all.push(Predicate::around(before, Text("true".to_owned()), after));
                }
                all.extend(inner.smaller().into_iter().map(|smaller| Predicate::around(before, smaller, after)));
            }
        }
        all
    }
}

#[test]
fn every_part_can_be_reached() {
    let leaf = |text: &str| Predicate::text(text);
    let tree = And(vec![leaf("a"), Not(Box::new(Or(vec![leaf("b"), leaf("c")])))]);
    assert_eq!(tree.write(), "(a) and (not ((b) or (c)))");
    let smaller: Vec<String> = tree.smaller().iter().map(Predicate::write).collect();
    assert_eq!(smaller, ["a", "not ((b) or (c))", "(a) and ((b) or (c))", "(a) and (not (b))", "(a) and (not (c))"]);
}
