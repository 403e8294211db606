//! Spans end with the last token of what they cover, optional parts left out or not.

use segc::syntax::ast::{ExprKind, ItemKind, SegmentClause};

use super::read;

#[test]
fn a_span_has_no_blanks_at_its_end() {
    let text = "segment s {\n    where a == 1   // why\n      or sum(x of b as c   ) >= 2 \n    rank by x   \n  }  ";
    let parse = read(text);
    let slice = |span: segc::source::Span| &text[span.range()];
    let item = &parse.file.items[0];
    let ItemKind::Segment { clauses, .. } = &item.kind else { panic!("{item:?}") };
    let SegmentClause::Where(condition) = &clauses[0].node else { panic!("{:?}", clauses[0]) };
    let ExprKind::Or(operands) = &condition.kind else { panic!("{condition:?}") };
    assert!(slice(item.span).ends_with('}'));
    assert_eq!(slice(clauses[1].span), "rank by x");
    assert_eq!(slice(operands[0].span), "a == 1");
    assert_eq!(slice(operands[1].span), "sum(x of b as c   ) >= 2");
    assert_eq!(slice(clauses[0].span), format!("where {}", slice(condition.span)));
}
