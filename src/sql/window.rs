//! Windows over rows by their time. Invariant: rows of equal time are all in the window or none of them.

use super::dialect::Running;
use super::tree::{Expr, Frame, FrameBound, FrameUnit, Order};

/// An aggregate of the rows whose time is at most `until` after the row's, by a frame of values.
pub(super) fn by_time(aggregate: Running, value: Expr, time: Expr, partition: Expr, until: i64) -> Expr {
    let name = match aggregate {
        Running::Count => "count",
        Running::Max => "max",
    };
    let end = if until < 0 { FrameBound::Preceding(-until) } else { FrameBound::Following(until) };
    Expr::Window {
        function: Box::new(Expr::aggregate(name, [value], vec![])),
        partition_by: vec![partition],
        order_by: vec![Order { expr: time, descending: false, nullable: false }],
        frame: Some(Frame { unit: FrameUnit::Range, start: FrameBound::UnboundedPreceding, end }),
    }
}
