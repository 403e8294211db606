//! Functions over collections.

use segc::hir::{Aggregate, Collection, Expr};
use segc::types::Ty;

use super::collection::first_value;
use super::expr::Scope;
use super::{Ratio, V};

impl Scope<'_, '_> {
    /// The value of a function over a collection; an average is exact.
    pub fn aggregate(&self, function: &Aggregate, collection: &Collection, ty: &Ty) -> Option<V> {
        let elements = self.elements(collection);
        let values = |of: &Expr| -> Vec<V> {
            let values = elements.iter().filter_map(|element| self.with(collection.binder, element).value(of));
            // Of a list its elements are read.
            let single = |value| if let V::List(items) = value { items } else { vec![value] };
            values.flat_map(single).collect()
        };
        match function {
            Aggregate::Any => Some(V::Bool(!elements.is_empty())),
            Aggregate::None => Some(V::Bool(elements.is_empty())),
            Aggregate::All(condition) => {
                let mut scopes = elements.iter().map(|element| self.with(collection.binder, element));
                Some(V::Bool(scopes.all(|scope| scope.holds(condition))))
            }
            Aggregate::Count => Some(V::int(elements.len() as i64)),
            Aggregate::CountDistinct(of) => Some(V::int(distinct(values(of)).len() as i64)),
            Aggregate::Sum(of) => sum(&values(of), ty),
            Aggregate::Min(of) => values(of).into_iter().min_by(|a, b| a.order(b)),
            Aggregate::Max(of) => values(of).into_iter().max_by(|a, b| a.order(b)),
            Aggregate::Average(of) => {
                let values = values(of);
                match (values.len(), sum(&values, &Ty::Decimal(segc::types::Digits { precision: 38, scale: 0 }))?) {
                    (0, _) => None,
                    (count, V::Float(sum)) => finite(sum / count as f64),
                    (count, sum) => sum.number().div(Ratio::int(count as i128)).map(V::Number),
                }
            }
            Aggregate::First(of) | Aggregate::Last(of) => {
                let present = elements
                    .iter()
                    .filter_map(|element| Some((element.order(), self.with(collection.binder, element).value(of)?)));
                first_value(present.collect(), matches!(function, Aggregate::Last(_)))
            }
            Aggregate::List(of) => Some(V::List(values(of))),
        }
    }
}

/// 0 of none; an `int` beyond 64 bits and a float that is not finite are absent.
fn sum(values: &[V], ty: &Ty) -> Option<V> {
    if let Some(V::Float(_)) = values.first() {
        let float = |v: &V| if let V::Float(v) = v { *v } else { panic!("{v:?} is no float") };
        return finite(values.iter().map(float).sum());
    }
    let sum = values.iter().fold(Ratio::int(0), |sum, value| sum.add(value.number()));
    match ty {
        Ty::Int => i64::try_from(sum.trunc()).ok().map(V::int),
        _ => Some(V::Number(sum)),
    }
}

pub fn finite(value: f64) -> Option<V> {
    value.is_finite().then_some(V::Float(value))
}

/// First occurrences in order.
pub fn distinct(values: Vec<V>) -> Vec<V> {
    let mut kept: Vec<V> = Vec::new();
    for value in values {
        if !kept.iter().any(|other| other.same(&value)) {
            kept.push(value);
        }
    }
    kept
}
