//! Functions of values: which concept of the dialect each is. Invariant: null where an argument is.

use super::rows::entry_type;
use super::scope::{Frame, Scope};
use super::{Emitter, Failure, Result, sql_type};
use crate::builtins::Func;
use crate::plan::{NodeId, Op};
use crate::sql::dialect::{Case, Part};
use crate::sql::tree::BinaryOp;
use crate::sql::{Expr, SqlType};
use crate::types::Ty;

impl Emitter<'_> {
    /// The value of a call.
    pub(super) fn call(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        func: Func,
        args: &[NodeId],
        ty: &Ty,
    ) -> Result<Expr> {
        if let Some(value) = self.counted_call(frame, scope, func, args, ty)? {
            return Ok(value);
        }
        match func {
            Func::Add | Func::Sub | Func::Mul | Func::Div | Func::IntDiv | Func::Rem => {
                let [a, b] = two(args)?;
                self.arithmetic(frame, scope, func, [a, b], ty)
            }
            Func::Neg | Func::Abs | Func::Round | Func::Floor | Func::Ceil => {
                self.rounding(frame, scope, func, args, ty)
            }
            Func::MinOf => self.extreme(frame, scope, false, args, ty),
            Func::MaxOf => self.extreme(frame, scope, true, args, ty),
            Func::Convert => {
                let arg = one(args)?;
                self.convert(frame, scope, arg, ty)
            }
            Func::Lower
            | Func::Upper
            | Func::Trim
            | Func::Length
            | Func::Substring
            | Func::Replace
            | Func::Concat
            | Func::Split
            | Func::Capture
            | Func::EmailDomain
            | Func::UrlHost
            | Func::UrlPath => self.text_call(frame, scope, func, args),
            Func::Year => self.part(frame, scope, Part::Year, one(args)?),
            Func::Quarter => self.part(frame, scope, Part::Quarter, one(args)?),
            Func::Month => self.part(frame, scope, Part::Month, one(args)?),
            Func::Day => self.part(frame, scope, Part::Day, one(args)?),
            Func::Weekday => self.part(frame, scope, Part::Weekday, one(args)?),
            Func::Hour => self.part(frame, scope, Part::Hour, one(args)?),
            Func::DateOf => self.day_of(frame, scope, one(args)?),
            Func::StartOf(unit) => self.start_of(frame, scope, unit, one(args)?),
            Func::Age => {
                let [born, today] = two(args)?;
                self.age(frame, scope, born, today)
            }
            Func::DaysBetween
            | Func::WeeksBetween
            | Func::HoursBetween
            | Func::MinutesBetween
            | Func::SecondsBetween => {
                let [from, to] = two(args)?;
                self.between(frame, scope, func, from, to)
            }
            Func::AddDuration | Func::SubDuration => {
                let [value, by] = two(args)?;
                self.moved(frame, scope, value, by, func == Func::SubDuration)
            }
            Func::Difference => {
                let [a, b] = two(args)?;
                self.difference(frame, scope, a, b)
            }
            Func::Size | Func::Distinct | Func::Intersect | Func::Union | Func::Keys | Func::Values => {
                self.list_call(frame, scope, func, args)
            }
        }
    }

    fn values(&mut self, frame: &mut Frame, scope: &Scope, args: &[NodeId]) -> Result<Vec<Expr>> {
        args.iter().map(|&arg| self.value(frame, scope, arg)).collect()
    }

    fn text_call(&mut self, frame: &mut Frame, scope: &Scope, func: Func, args: &[NodeId]) -> Result<Expr> {
        let dialect = self.dialect;
        if func == Func::Capture {
            return self.capture(frame, scope, args);
        }
        let mut values = self.values(frame, scope, args)?.into_iter();
        let mut next = || values.next().ok_or_else(|| Failure::Unsupported("a function of nothing".to_owned()));
        Ok(match func {
            Func::Lower => dialect.fold(next()?, Case::Lower, true)?,
            Func::Upper => dialect.fold(next()?, Case::Upper, true)?,
            Func::Trim => dialect.trim(next()?)?,
            Func::Length => dialect.text_length(next()?)?,
            Func::Substring => dialect.substring(next()?, next()?, values.next())?,
            Func::Replace => dialect.replace(next()?, next()?, next()?)?,
            Func::Concat => {
                let first = next()?;
                values.fold(first, |all, part| all.binary(BinaryOp::Concat, part))
            }
            Func::Split => dialect.split(next()?, next()?)?,
            Func::EmailDomain => {
                let domain = dialect.capture(next()?, r"@([^@]*)\z", 1)?;
                dialect.fold(domain, Case::AsciiLower, true)?.null_if(Expr::text(""))
            }
            Func::UrlHost => dialect.fold(dialect.url_host(next()?)?, Case::AsciiLower, true)?,
            _ => self.url_path(next()?)?,
        })
    }

    /// The path of a URL that has a host; else the text itself up to `?` or `#`, if it begins with a slash.
    fn url_path(&mut self, url: Expr) -> Result<Expr> {
        let has_host = self.dialect.matches(url.clone(), r"\A[^/]*//")?;
        let behind_host = self.dialect.capture(url.clone(), r"\A[^/]*//[^/?#]*([^?#]*)", 1)?;
        let alone = self.dialect.capture(url, r"\A(/[^?#]*)", 1)?;
        let path = Expr::choose(has_host, behind_host, alone);
        let empty = path.clone().eq(Expr::text(""));
        Ok(Expr::choose(empty, Expr::text("/"), path))
    }

    fn capture(&mut self, frame: &mut Frame, scope: &Scope, args: &[NodeId]) -> Result<Expr> {
        let [text, pattern, group] = args else {
            return Err(Failure::Unsupported("`capture` of other than three arguments".to_owned()));
        };
        let text = self.value(frame, scope, *text)?;
        let pattern = self.literal_text(*pattern)?;
        let group = u32::try_from(self.literal_int(*group)?).unwrap_or(u32::MAX);
        if !always_takes_part(&pattern, group) {
            return Err(Failure::Unsupported(
                "`capture` of a group that may take no part in the match (under `?`, `*` or beside `|`)".to_owned(),
            ));
        }
        Ok(self.dialect.capture(text, &super::predicate::regex(&pattern)?.print(), group)?)
    }

    fn list_call(&mut self, frame: &mut Frame, scope: &Scope, func: Func, args: &[NodeId]) -> Result<Expr> {
        let dialect = self.dialect;
        let mut values = self.values(frame, scope, args)?.into_iter();
        let first = values.next().ok_or_else(|| Failure::Unsupported("a function of nothing".to_owned()))?;
        let is_map = args.first().is_some_and(|&arg| matches!(self.node(arg).ty.ty, Ty::Map(_)));
        match (func, values.next()) {
            (Func::Size, None) => {
                let list = if is_map { self.entries(first)? } else { first };
                let present = self.lists_present(frame, scope, args)?;
                let length = dialect.list_length(list)?;
                Ok(if present.is_empty() { length } else { length.when(Expr::and(present)) })
            }
            (Func::Distinct, None) => self.distinct(first, &self.element_type(args)),
            (Func::Intersect, Some(second)) => {
                let present = second.clone().is_present();
                let distinct = self.distinct(first, &self.element_type(args))?;
                let item = self.names.fresh("item");
                let element = self.element_type(args);
                let wanted = dialect.element(Expr::Var(item.clone()), &element)?;
                let common = dialect.list_contains(second, wanted, &element)?;
                let list = dialect.list_filter(distinct, vec![item], common)?;
                if !args.get(1).is_some_and(|&arg| self.nullable(arg)) {
                    return Ok(list);
                }
                Ok(dialect.list_when(list, present, &self.element_type(args))?)
            }
            (Func::Union, Some(second)) => self.distinct(dialect.list_concat(first, second)?, &self.element_type(args)),
            (Func::Keys | Func::Values, None) => {
                let entries = self.entries(first)?;
                let entries = dialect.list_sort(entries, &entry_type())?;
                let entry = self.names.fresh("entry");
                let value = Expr::Var(entry.clone());
                let ty = self.element_type(args);
                let value = match func {
                    Func::Keys => self.entry_key(value)?,
                    _ => self.entry_value(value, &ty)?,
                };
                let to = if func == Func::Keys { SqlType::Text } else { ty };
                Ok(dialect.list_transform(entries, vec![entry], value, &to)?)
            }
            _ => Err(Failure::Unsupported("a function of this many arguments".to_owned())),
        }
    }

    /// The present entries of a map.
    fn entries(&mut self, map: Expr) -> Result<Expr> {
        let entries = self.dialect.map_entries(map)?;
        let entry = self.names.fresh("entry");
        let present = self.entry_value(Expr::Var(entry.clone()), &SqlType::object())?.is_present();
        Ok(self.dialect.list_filter(entries, vec![entry], present)?)
    }

    /// The first occurrences of a list, in order.
    fn distinct(&mut self, list: Expr, element: &SqlType) -> Result<Expr> {
        let (item, place) = (self.names.fresh("item"), self.names.fresh("place"));
        self.dialect.can_compare(element)?;
        let value = self.dialect.element(Expr::Var(item.clone()), element)?;
        let first = self.dialect.list_position(list.clone(), value, element)?;
        Ok(self.dialect.list_filter(list, vec![item, place.clone()], first.eq(Expr::Var(place)))?)
    }

    /// The type of the elements, or of a map's values, of the first argument.
    fn element_type(&self, args: &[NodeId]) -> SqlType {
        match args.first().map(|&arg| &self.node(arg).ty.ty) {
            Some(Ty::List(element) | Ty::Map(element)) => sql_type(element),
            _ => SqlType::object(),
        }
    }

    /// Whether a call may be null though its arguments are not.
    pub(super) fn may_fail(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Op::Call { func, args } = &node.op else { return true };
        match func {
            Func::Lower
            | Func::Upper
            | Func::Trim
            | Func::Length
            | Func::Substring
            | Func::Replace
            | Func::Concat
            | Func::Split
            | Func::Year
            | Func::Quarter
            | Func::Month
            | Func::Day
            | Func::Weekday
            | Func::Hour
            | Func::DateOf
            | Func::StartOf(_)
            | Func::Age
            | Func::DaysBetween
            | Func::WeeksBetween
            | Func::HoursBetween
            | Func::MinutesBetween
            | Func::SecondsBetween
            | Func::Difference
            | Func::MinOf
            | Func::MaxOf
            | Func::Size
            | Func::Distinct
            | Func::Intersect
            | Func::Union
            | Func::Keys
            | Func::Values => false,
            Func::Convert => {
                let from_int = args.first().is_some_and(|&arg| self.node(arg).ty.ty == Ty::Int);
                !(from_int && matches!(&node.ty.ty, Ty::Decimal(d) if d.precision - d.scale >= 19))
            }
            Func::Add
            | Func::Sub
            | Func::Mul
            | Func::Div
            | Func::IntDiv
            | Func::Rem
            | Func::Neg
            | Func::Abs
            | Func::Round
            | Func::Floor
            | Func::Ceil
            | Func::Capture
            | Func::EmailDomain
            | Func::UrlHost
            | Func::UrlPath
            | Func::AddDuration
            | Func::SubDuration => true,
        }
    }
}

fn one(args: &[NodeId]) -> Result<NodeId> {
    args.first().copied().ok_or_else(|| Failure::Unsupported("a function of nothing".to_owned()))
}

fn two(args: &[NodeId]) -> Result<[NodeId; 2]> {
    match args {
        [a, b] => Ok([*a, *b]),
        _ => Err(Failure::Unsupported("a function of other than two arguments".to_owned())),
    }
}

/// Whether a capturing group takes part in every match of a pattern: neither it nor a group around it may be repeated
/// zero times or stand beside an alternative.
fn always_takes_part(pattern: &str, group: u32) -> bool {
    if group == 0 {
        return true;
    }
    // The open groups: whether each is, or is inside, the wanted one's surroundings; found by a scan over the pattern.
    let chars: Vec<char> = pattern.chars().collect();
    let mut open: Vec<usize> = Vec::new();
    let mut around: Option<Vec<usize>> = None;
    let (mut at, mut number, mut in_class) = (0, 0, false);
    let mut alternatives: Vec<usize> = Vec::new();
    let mut optional: Vec<usize> = Vec::new();
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => {
                open.push(at);
                let captures = chars.get(at + 1) != Some(&'?') || matches!(chars.get(at + 2), Some('P' | '<'));
                if captures {
                    number += 1;
                    if number == group {
                        around = Some(open.clone());
                    }
                }
            }
            ')' => {
                let Some(start) = open.pop() else { return false };
                let zero = match chars.get(at + 1) {
                    Some('?' | '*') => true,
                    Some('{') => chars.get(at + 2) == Some(&'0') || chars.get(at + 2) == Some(&','),
                    _ => false,
                };
                if zero {
                    optional.push(start);
                }
            }
            '|' => alternatives.push(open.last().map_or(usize::MAX, |&start| start)),
            _ => {}
        }
        at += 1;
    }
    let Some(around) = around else { return false };
    // The alternatives inside the wanted group itself do no harm.
    let outside = &around[..around.len().saturating_sub(1)];
    !alternatives.contains(&usize::MAX)
        && !outside.iter().any(|start| alternatives.contains(start))
        && !around.iter().any(|start| optional.contains(start))
}
