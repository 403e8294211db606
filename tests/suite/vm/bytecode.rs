//! The binary form of programs: round trips, damage, and what the verifier lets through.

use segc::builtins::{Func, Test};
use segc::bytecode::decode::{FUNCS, TESTS, UNITS};
use segc::bytecode::encode::HEADER;
use segc::bytecode::{Instruction, Program, decode, encode, list, verify};
use segc::plan::{DomainId, DomainKind, NodeId, Op, RankPlan, Reduction, SequenceStep};
use segc::schema::digest;
use segc::types::{CalendarUnit, Digits, Duration, Ty, Type, Value};
use segc::vm::{Options, run};

use super::data::{PROFILES, Random, Sketch, dataset, path};
use crate::conformance::{commit_seed, count};

/// A program with every kind of domain, most operations, folds in folds, ranks and levels.
fn rich() -> Program {
    let mut s = Sketch::new();
    let (name, score, tags) = (s.column(PROFILES, "name"), s.column(PROFILES, "score"), s.column(PROFILES, "tags"));
    let (one, two) = (s.int(1), s.int(2));
    let born = s.column(PROFILES, "born");
    let month = s.graph.literal(Value::Duration(Duration { months: 1, days: 2, micros: 3 }), Ty::Duration);
    let moved = s.call(Func::AddDuration, &[born, month], Ty::Date);
    let begin = s.call(Func::StartOf(CalendarUnit::Week), &[moved], Ty::Date);
    let late = s.test(Test::Gt, begin, born);
    let price =
        s.graph.literal(Value::Decimal { unscaled: 1050, scale: 2 }, Ty::Decimal(Digits { precision: 9, scale: 2 }));
    let wide = s.call(Func::Convert, &[score], Ty::Decimal(Digits { precision: 21, scale: 2 }));
    let cheap = s.test(Test::Lt, wide, price);
    let pattern = s.text("^a+[b-d]\\w$");
    let matched = s.graph.test(Test::Matches, vec![name, pattern]);
    let like = s.text("%a_");
    let like = s.graph.node(
        Op::Test { op: Test::Like, negated: true, ignoring_case: true, args: vec![name, like] },
        PROFILES,
        Type::BOOL,
    );
    let list = s.graph.literal(
        Value::List(vec![Value::String("a".into()), Value::String("b".into())]),
        Ty::List(Box::new(Ty::String)),
    );
    let inside = s.graph.test(Test::In, vec![name, list]);
    let overlap = s.graph.test(Test::HasAny, vec![tags, list]);
    let related = Op::Related { class: "product".into(), key: name, path: path("name") };
    let related = s.graph.node(related, PROFILES, Type::optional(Ty::String));
    let related = s.graph.is_present(related);
    let logic = s.graph.or(vec![late, cheap, matched, like, inside, overlap, related]);
    s.segment("values", logic);

    let (adds, buys, views) =
        (s.events(PROFILES, Some("add")), s.events(PROFILES, Some("buy")), s.events(PROFILES, None));
    let items = s.domain(buys, DomainKind::Elements { of: buys, path: path("items") });
    let marks = s.domain(PROFILES, DomainKind::Entries { of: PROFILES, path: path("marks") });
    let values = s.domain(PROFILES, DomainKind::Values { list: tags });
    let tag = s.graph.node(Op::Column(path("")), values, Type::required(Ty::String));
    let key = s.graph.node(Op::Key, marks, Type::required(Ty::String));
    let amount = s.column(items, "amount");
    let sum = s.reduce(buys, items, None, Reduction::Sum(amount), Ty::Int);
    let enough = s.test(Test::Ge, sum, one);
    let rich = s.filter(buys, enough);
    let product = s.column(views, "product");
    let groups = s.domain(PROFILES, DomainKind::Groups { of: views, mask: None, key: product });
    let members = s.domain(groups, DomainKind::Members { groups });
    let count = s.count(groups, members, None);
    let twice = s.test(Test::Ge, count, two);
    let time = s.column(views, "timestamp");
    let first = Reduction::First { value: product, ties: Some(time) };
    let first = s.reduce(PROFILES, views, None, first, Ty::String);
    let parts = [s.any(PROFILES, rich, None), s.any(PROFILES, groups, Some(twice)), s.test(Test::Eq, first, name)];
    let smallest = s.reduce(PROFILES, marks, None, Reduction::Min(key), Ty::String);
    let last = s.reduce(PROFILES, values, None, Reduction::Last { value: tag, ties: None }, Ty::String);
    let same = s.test(Test::Le, smallest, last);
    let all = s.graph.and([&parts[..], &[same]].concat());
    s.segment("collections", all);

    let later = s.domain(
        adds,
        DomainKind::Later { events: views, mask: None, after: adds, since: adds, within: Some(3), at_least: Some(-1) },
    );
    let between = s.domain(
        later,
        DomainKind::Between { events: buys, mask: Some(enough), after: Some(adds), before: later, at_least: None },
    );
    let some = s.any(later, between, None);
    let none = s.graph.not(some);
    let chain = s.any(PROFILES, later, Some(none));
    let pairs = s.events(buys, Some("view"));
    let viewed = s.column(pairs, "amount");
    let top = Op::Top { parent: buys, mask: None, key: viewed, count: 2, descending: true };
    let top = s.graph.node(top, pairs, Type::BOOL);
    let sum = s.reduce(PROFILES, pairs, Some(top), Reduction::CountDistinct(viewed), Ty::Int);
    let many = s.test(Test::Gt, sum, two);
    let steps = [
        SequenceStep { negated: false, times: 2, events: adds, mask: None, within: None, at_least: None, span: None },
        SequenceStep {
            negated: true,
            times: 1,
            events: buys,
            mask: Some(enough),
            within: Some(5),
            at_least: Some(1),
            span: None,
        },
    ];
    let sequence = s.graph.node(Op::Sequence(steps.into()), PROFILES, Type::BOOL);
    let any = s.graph.or(vec![chain, many, sequence]);
    let sampled = s.graph.node(Op::Sample { threshold: 1 << 31, salt: "s".into() }, PROFILES, Type::BOOL);
    let condition = s.graph.or(vec![any, sampled]);
    s.ranked("pairs", condition, Some(RankPlan { key: score, descending: true, limit: Some(2) }), 0);
    let member = s.graph.node(Op::Membership(2), PROFILES, Type::BOOL);
    s.ranked("others", member, None, 1);
    s.program()
}

#[test]
fn the_listing_is_readable() {
    insta::assert_snapshot!(list(&rich()));
}

#[test]
fn equal_programs_have_equal_bytes_and_come_back_whole() {
    let (program, again) = (rich(), rich());
    let bytes = encode(&program);
    assert_eq!(bytes, encode(&again));
    assert_eq!(decode(&bytes), Ok(program));
    assert_eq!(list(&decode(&bytes).unwrap()), list(&again));
}

#[test]
fn every_operation_has_a_number() {
    for (index, func) in FUNCS.iter().enumerate() {
        assert!(!FUNCS[..index].contains(func), "{func:?} has two");
    }
    for (index, test) in TESTS.iter().enumerate() {
        assert!(!TESTS[..index].contains(test), "{test:?} has two");
    }
    let funcs = FUNCS.iter().copied().chain(UNITS.iter().map(|&unit| Func::StartOf(unit)));
    for func in funcs {
        let mut program = rich();
        let mut s = Sketch::new();
        let name = s.column(PROFILES, "name");
        let call = s.call(func, &[name], Ty::String);
        let present = s.graph.is_present(call);
        s.segment("call", present);
        program.levels = segc::emit::bytecode::emit(&s.plan(), &Default::default()).levels;
        assert_eq!(decode(&encode(&program)).as_ref(), Ok(&program), "{func:?}");
    }
}

#[test]
fn damage_is_noticed() {
    let bytes = encode(&rich());
    assert_eq!(decode(b""), Err("this is not a compiled program"));
    assert_eq!(decode(b"SEGA"), Err("this is not a compiled program"));
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(decode(&damaged).is_err(), "byte {at}");
    }
    let long = [&bytes[..], b"x"].concat();
    assert_eq!(decode(&long), Err("the program is cut short, or something follows it"));
    let mut newer = bytes.clone();
    newer[4] += 1;
    assert_eq!(decode(&newer), Err("the program was compiled by another version of the compiler"));
    let mut damaged = bytes;
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(decode(&damaged), Err("the program is damaged: its checksum is wrong"));
}

/// Bytes with a right header for whatever payload they have.
fn sealed(payload: &[u8], header: &[u8]) -> Vec<u8> {
    let mut bytes = header[..6].to_vec();
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&digest(payload));
    bytes.extend_from_slice(payload);
    bytes
}

/// Bytes that claim lengths far beyond the file's must not be believed.
#[test]
fn lengths_are_checked_before_anything_is_allocated() {
    let bytes = encode(&rich());
    for huge in [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F].as_slice(),
        &[0xFF; 9],
        &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ] {
        for at in (HEADER..bytes.len()).step_by(17) {
            let payload = [&bytes[HEADER..at], huge, &bytes[at..]].concat();
            // Inside a digest a length is no length; anywhere else it must be refused, and soon.
            if let Ok(program) = decode(&sealed(&payload, &bytes)) {
                let _ = verify(&program);
            }
        }
    }
}

/// Random damage behind a right checksum: most is refused, and what the verifier accepts runs. `SEGC_CASES` for long runs.
#[test]
fn accepted_mutations_run_without_a_panic() {
    let bytes = encode(&rich());
    let mut random = Random(42 ^ commit_seed());
    let people = super::domains::people(&mut Random(5), 8);
    let data = dataset(&people, 3);
    let (mut decoded, mut accepted) = (0, 0);
    for _ in 0..count(6_000).max(6_000) {
        let mut payload = bytes[HEADER..].to_vec();
        for _ in 0..1 + random.below(3) {
            let at = random.below(payload.len() as u64) as usize;
            match random.below(4) {
                0 => payload[at] ^= 1 << random.below(8),
                1 => payload[at] = random.below(24) as u8,
                2 => drop(payload.remove(at)),
                _ => payload.insert(at, random.below(24) as u8),
            }
        }
        let Ok(program) = decode(&sealed(&payload, &bytes)) else { continue };
        decoded += 1;
        list(&program);
        if verify(&program).is_ok() {
            accepted += 1;
            let _ = run(&program, &data, Options { threads: 1, chunk_rows: 3 });
        }
    }
    let cases = count(6_000).max(6_000);
    assert!(decoded > cases / 30 && accepted > cases / 200, "{decoded} decoded, {accepted} accepted");
}

/// Mutations of the program itself reach deeper than those of its bytes.
#[test]
fn accepted_edits_run_without_a_panic() {
    let program = rich();
    let people = super::domains::people(&mut Random(5), 8);
    let data = dataset(&people, 3);
    let mut random = Random(99 ^ commit_seed());
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..count(3_000).max(3_000) {
        let mut edited = program.clone();
        for _ in 0..1 + random.below(2) {
            edit(&mut edited, &mut random);
        }
        edited.needs = edited.collect_needs();
        if verify(&edited).is_err() {
            refused += 1;
            continue;
        }
        accepted += 1;
        assert_eq!(decode(&encode(&edited)).as_ref(), Ok(&edited));
        let _ = run(&edited, &data, Options { threads: 1, chunk_rows: 3 });
    }
    let cases = count(3_000).max(3_000);
    assert!(accepted > cases / 40 && refused > cases / 4, "{accepted} accepted, {refused} refused");
}

fn edit(program: &mut Program, random: &mut Random) {
    let domains = program.domains.len() as u64;
    let level = &mut program.levels[0];
    let registers = u64::from(level.code.registers) + 8;
    let mut codes = vec![&mut level.code.instructions];
    // Into a fold, sometimes into one inside it.
    while random.chance(40) {
        let Some(instructions) = codes.pop() else { return };
        let count = instructions.iter().filter(|i| matches!(i, Instruction::Fold { .. })).count() as u64;
        if count == 0 {
            codes.push(instructions);
            break;
        }
        let wanted = random.below(count) as usize;
        let bodies = instructions.iter_mut().filter_map(|i| match i {
            Instruction::Fold { body, .. } => Some(&mut body.instructions),
            _ => None,
        });
        codes.extend(bodies.skip(wanted).take(1));
    }
    let Some(instructions) = codes.pop() else { return };
    if instructions.is_empty() {
        return;
    }
    let at = random.below(instructions.len() as u64) as usize;
    let register = |random: &mut Random| NodeId(random.below(registers) as u32);
    match random.below(6) {
        0 => drop(instructions.remove(at)),
        1 => {
            let other = random.below(instructions.len() as u64) as usize;
            instructions.swap(at, other);
        }
        2 => {
            let copy = instructions[at].clone();
            instructions.insert(random.below(instructions.len() as u64) as usize, copy);
        }
        _ => match &mut instructions[at] {
            Instruction::Rows { domain, inputs } => {
                if random.chance(50) {
                    *domain = DomainId(random.below(domains) as u32);
                } else if let Some(input) = inputs.first_mut() {
                    *input = register(random);
                }
            }
            Instruction::Set { to, domain, op, ty } => match random.below(4) {
                0 => *to = register(random),
                1 => *domain = DomainId(random.below(domains) as u32),
                2 => ty.ty = [Ty::Int, Ty::Bool, Ty::String, Ty::Float][random.below(4) as usize].clone(),
                _ => *op = edited_op(op, random, registers),
            },
            Instruction::Fold { over, yields, .. } => {
                if random.chance(50) {
                    *over = DomainId(random.below(domains) as u32);
                } else if let Some(first) = yields.first_mut() {
                    first.from = register(random);
                }
            }
        },
    }
}

fn edited_op(op: &Op, random: &mut Random, registers: u64) -> Op {
    struct Other<'a>(&'a mut Random, u64);
    impl segc::plan::Renumber for Other<'_> {
        fn node(&mut self, id: NodeId) -> NodeId {
            if self.0.chance(60) { NodeId(self.0.below(self.1) as u32) } else { id }
        }
        fn domain(&mut self, id: DomainId) -> DomainId {
            if self.0.chance(20) { DomainId(id.0 + 1) } else { id }
        }
    }
    op.renumbered(&mut Other(random, registers))
}

#[test]
fn the_verifier_says_what_is_wrong() {
    let check = |change: &dyn Fn(&mut Program)| {
        let mut program = rich();
        change(&mut program);
        program.needs = program.collect_needs();
        match verify(&program) {
            Ok(()) => "accepted".to_string(),
            Err(fault) => fault.to_string(),
        }
    };
    fn first_set(program: &mut Program, wanted: impl Fn(&Op) -> bool) -> &mut Instruction {
        let instructions = &mut program.levels[0].code.instructions;
        instructions.iter_mut().find(|i| matches!(i, Instruction::Set { op, .. } if wanted(op))).unwrap()
    }
    type Change = Box<dyn Fn(&mut Program)>;
    let changes: Vec<Change> = vec![
        Box::new(|p| p.settings.zone = "Mars/Olympus".into()),
        Box::new(|p| p.settings.week_start = 0),
        Box::new(|p| p.domains[1].parent = Some(DomainId(9))),
        Box::new(|p| p.domains[1].parent = None),
        Box::new(|p| p.levels[0].outputs[0].condition = NodeId(77)),
        Box::new(|p| {
            p.levels[0].outputs.pop();
        }),
        Box::new(|p| p.levels[0].outputs[1].segment = 0),
        Box::new(|p| p.levels[0].code.registers = 100_000),
        Box::new(|p| p.levels[0].code.registers = 1),
        Box::new(|p| p.levels.swap(0, 1)),
        Box::new(|p| {
            if let Instruction::Set { op: Op::Call { func, .. }, .. } = first_set(p, |op| matches!(op, Op::Call { .. }))
            {
                *func = Func::Lower;
            }
        }),
        Box::new(|p| {
            let set = first_set(p, |op| matches!(op, Op::Const(Value::String(text)) if text.contains('^')));
            if let Instruction::Set { op, .. } = set {
                *op = Op::Const(Value::String("(".into()));
            }
        }),
        Box::new(|p| {
            if let Instruction::Set { op, .. } = first_set(p, |op| matches!(op, Op::Const(Value::Decimal { .. }))) {
                *op = Op::Const(Value::Float(f64::NAN));
            }
        }),
        Box::new(|p| {
            if let Instruction::Set { domain, .. } = first_set(p, |op| matches!(op, Op::Sample { .. })) {
                *domain = DomainId(1);
            }
        }),
        Box::new(|p| p.levels[0].code.instructions.retain(|i| !matches!(i, Instruction::Rows { .. }))),
    ];
    let faults: Vec<String> = changes.iter().map(|change| check(change.as_ref())).collect();
    let mut unlisted = rich();
    unlisted.needs.spaces.clear();
    let unlisted = verify(&unlisted).unwrap_err().to_string();
    insta::assert_snapshot!(format!("{}\n{unlisted}", faults.join("\n")));
}

#[test]
fn sizes_are_limited() {
    use segc::limits::{BYTECODE_BYTES, INSTRUCTIONS_PER_SEGMENT};
    let mut s = Sketch::new();
    let flag = s.column(PROFILES, "flag");
    let present = s.graph.is_present(flag);
    s.segment("only", present);
    let mut program = s.program();
    let code = &mut program.levels[0].code;
    let spare = code.instructions[0].clone();
    code.instructions.resize(INSTRUCTIONS_PER_SEGMENT, spare.clone());
    // The column was read anew behind the result, so the result is moved to the front of it.
    let last = code.instructions.len() - 1;
    code.instructions.swap(1, last);
    assert_eq!(verify(&program), Ok(()));
    program.levels[0].code.instructions.insert(0, spare);
    assert_eq!(verify(&program).unwrap_err().problem, "too many instructions");
    let large = vec![0; BYTECODE_BYTES + 1];
    assert_eq!(decode(&large), Err("the file is larger than a program may be"));
    assert_eq!(decode(&large[..BYTECODE_BYTES]), Err("this is not a compiled program"));
}
