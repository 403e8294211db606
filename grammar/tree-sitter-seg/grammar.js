// The grammar of `.seg` files for editors that read trees: it follows ../seg.lalrpop rule by rule, and takes what that
// takes. Words are keywords only where they can be, as there; `soft` lists those that may be names in the same place.
// What is wrong beyond the shape (names, types, clauses that are given twice) is the compiler's to say.

const PREC = { or: 1, and: 2, not: 3, relation: 4, sum: 5, product: 6, unary: 7, default: 8, postfix: 9 };

const comma = rule => seq(repeat(seq(rule, ',')), optional(rule));
const comma1 = rule => seq(rule, repeat(seq(',', rule)));

// Keywords that may be names in the place where they are keywords.
const soft = [
  'top', 'bottom', 'groups', 'distinct', 'last', 'next', 'previous', 'this', 'profile', 'events', 'trees', 'depth', 'seed',
  'buckets', 'require', 'max', 'control', 'kind', 'scale', 'quality', 'static', 'deny', 'cutoffs',
];

export default grammar({
  name: 'seg',
  word: $ => $._word,
  extras: $ => [/[ \t\r\n]/, $.comment, $.documentation],
  conflicts: $ => [
    [$.name, $.groups],
    [$.name, $.distinct],
    [$.name, $.events],
    [$._source, $._atom],
    [$.word_operator, $.window],
  ],

  rules: {
    file: $ => repeat($._item),

    _item: $ => choice(
      $.schema, $.import, $.param, $.let, $.event, $.segment, $.propensity, $.test,
    ),

    schema: $ => seq('schema', $.string),
    import: $ => seq('import', $.string),
    param: $ => seq('param', field('name', $.name), ':', $.type, '=', $._expression),
    let: $ => seq('let', field('name', $.name), optional($.parameters), optional(seq(':', $.type)), '=', $._expression),
    event: $ => seq('event', field('name', $.name), '=', $._collection),
    segment: $ => seq('segment', field('name', $.name), optional(field('title', $.string)), '{', repeat($._segment_clause), '}'),
    propensity: $ => prec.right(seq(
      'propensity', field('name', $.name),
      choice($._propensity_body, seq('from', choice($.string, seq(field('adapter', $.name), optional(choice($.string, $.path)))), optional($._propensity_body))),
    )),
    _propensity_body: $ => seq('{', repeat($._propensity_clause), '}'),
    test: $ => seq('test', optional(field('segment', $.name)), '{', repeat($._test_clause), '}'),

    parameters: $ => seq('(', comma($.parameter), ')'),
    parameter: $ => seq(field('name', $.name), ':', $.type),
    type: $ => prec.right(seq($.name, optional(seq('<', $.type, '>')), optional('?'))),

    // Clauses of a segment.
    _segment_clause: $ => choice($.where, $.rank_by, $.sample),
    where: $ => seq('where', $._expression),
    rank_by: $ => seq('rank', 'by', $._expression, optional(choice('asc', 'desc')), optional(seq('limit', $.integer))),
    sample: $ => seq('sample', $.percent, optional($.salt)),
    percent: $ => seq(choice($.integer, $.decimal), '%'),
    salt: $ => seq('salt', $.string),

    // Clauses of a propensity.
    _propensity_clause: $ => choice(
      $.predict, $.for, $.paths_clause, $.cutoffs_clause, $.number_clause, $.buckets_clause, $.require_clause,
      $.max_age_clause, $.control_clause, $.word_clause, $.quality_clause, $.mapping,
    ),
    predict: $ => seq('predict', $._expression),
    for: $ => seq('for', $._expression),
    paths_clause: $ => seq(choice('using', 'static', 'deny'), comma1($.path)),
    cutoffs_clause: $ => seq('cutoffs', 'every', $._amount, 'over', 'last', $._amount),
    number_clause: $ => seq(choice('trees', 'depth', 'seed'), $.integer),
    buckets_clause: $ => seq('buckets', comma1($.bucket)),
    bucket: $ => seq($.name, optional(seq('<', choice($.integer, $.decimal)))),
    require_clause: $ => seq('require', comma1($._expression)),
    max_age_clause: $ => seq('max', 'age', $._amount),
    control_clause: $ => seq('control', $.percent, optional($.salt)),
    word_clause: $ => seq(choice('kind', 'scale'), $.name),
    quality_clause: $ => seq('quality', $._expression),
    mapping: $ => seq(field('key', $.name), 'at', $.path),

    // Clauses of a test.
    _test_clause: $ => choice($.now_clause, $.profile, $.object, $.expect),
    now_clause: $ => seq('now', $._scalar),
    profile: $ => seq('profile', field('name', $.name), '{', repeat($._field), '}'),
    object: $ => seq(field('class', $.name), field('key', choice($.string, $.integer)), '{', repeat($._field), '}'),
    expect: $ => seq('expect', field('profile', $.name), optional('not'), 'in', field('segment', $.name)),
    _field: $ => choice($.field, $.events),
    field: $ => seq(field('key', choice($.path, $.string)), ':', $._value, optional(',')),
    events: $ => seq('events', '[', repeat($.test_event), ']', optional(',')),
    test_event: $ => seq(field('type', $.path), 'at', $._scalar, optional(seq('{', repeat($._field), '}')), optional(',')),
    _value: $ => choice($._scalar, alias($.values, $.list), alias($.entries, $.object_value)),
    values: $ => seq('[', comma($._value), ']'),
    entries: $ => seq('{', repeat($.field), '}'),

    _scalar: $ => choice($.scalar_sum, $._signed),
    scalar_sum: $ => prec.left(PREC.sum, seq($._scalar, choice('+', '-'), $._signed)),
    _signed: $ => choice($.scalar_negative, $.scalar_moment, $._scalar_atom),
    scalar_negative: $ => prec(PREC.unary, seq('-', $._signed)),
    scalar_moment: $ => seq($._scalar_atom, choice('ago', seq('from', 'now'))),
    _scalar_atom: $ => choice($._literal, $.moment, $.path),

    // Expressions.
    _expression: $ => choice(
      $.conditional, $.or, $.and, $.not, $.relation, $._sum,
    ),
    conditional: $ => prec.right(seq('if', $._expression, 'then', $._expression, 'else', $._expression)),
    or: $ => prec.left(PREC.or, seq($._expression, 'or', $._expression)),
    and: $ => prec.left(PREC.and, seq($._expression, 'and', $._expression)),
    not: $ => prec(PREC.not, seq('not', $._expression)),
    relation: $ => prec(PREC.relation, seq($._sum, choice(
      seq(field('operator', choice('==', '!=', '<', '<=', '>', '>=')), $._sum, optional($.ignoring_case)),
      seq(optional('not'), field('operator', $.word_operator), $._sum, optional($.ignoring_case)),
      seq(optional('not'), 'between', $._sum, 'and', $._sum, optional($.ignoring_year)),
      seq(optional('not'), $.window, optional($.ignoring_year)),
      seq('is', choice('present', 'absent')),
    ))),
    word_operator: _ => choice(
      'in', 'contains', seq('starts', 'with'), seq('ends', 'with'), 'like', 'matches', seq('has', 'any'), seq('has', 'all'),
      'within',
    ),
    ignoring_case: _ => seq('ignoring', 'case'),
    ignoring_year: _ => seq('ignoring', 'year'),

    window: $ => choice(
      seq('in', choice('last', 'next', 'previous'), $._amount),
      seq('in', 'this', alias($.name, $.unit)),
      seq(choice('on', 'before', 'after'), $._sum),
    ),
    between_window: $ => seq('between', $._sum, 'and', $._sum),
    _amount: $ => choice($.duration, $.path),

    _sum: $ => choice($.sum, $.product, $.negative, $.default, $.from_now, $._atom),
    sum: $ => prec.left(PREC.sum, seq($._sum, choice('+', '-'), $._sum)),
    product: $ => prec.left(PREC.product, seq($._sum, choice('*', '/', 'div', '%'), $._sum)),
    negative: $ => prec(PREC.unary, seq('-', $._sum)),
    default: $ => prec.left(PREC.default, seq($._sum, 'default', $._sum)),
    from_now: $ => prec(PREC.postfix, seq($._sum, choice('ago', seq('from', 'now')))),

    _atom: $ => choice($._literal, $.moment, $.path, $.list, $.parenthesized, $.call, $.sequence),
    list: $ => seq('[', comma($._expression), ']'),
    parenthesized: $ => seq('(', $._expression, ')'),

    // A function, over values or over a collection: which of the two is by its name.
    call: $ => seq(field('function', $.name), '(', choice(
      comma($._expression),
      $.collection,
      seq($.collection, 'satisfy', $._expression),
      seq($._expression, 'satisfy', $._expression),
      seq(optional($.distinct), $._expression, 'of', $._collection),
    ), ')'),
    distinct: _ => 'distinct',

    // A path alone is an expression too, and read as one.
    collection: $ => prec.dynamic(1, prec.right(choice(
      seq($._source, $.as, optional($._window), optional($.where)),
      seq($._source, $._window, optional($.where)),
      seq($._source, $.where),
      $.top,
      $.groups,
    ))),
    _collection: $ => choice($.collection, $.path),
    _window: $ => choice($.window, $.between_window),
    as: $ => seq('as', field('name', $.name)),
    _source: $ => choice($.path, $.top, $.groups),
    top: $ => seq(choice('top', 'bottom'), $.integer, 'of', $._collection, 'by', $._sum),
    groups: $ => seq('groups', 'of', $._collection, 'by', $._sum),

    sequence: $ => seq('sequence', '(', $.step, repeat(seq('then', $.step)), ')'),
    step: $ => seq(
      optional('not'), optional(seq($.integer, 'times')), $._source, optional($.as),
      optional($._window), repeat($.gap), optional($.where),
    ),
    gap: $ => choice(seq('within', $._amount), seq('after', 'at', 'least', $._amount)),

    path: $ => prec.left(seq($.name, repeat(choice(
      seq('.', field('field', alias($._field_name, $.name))),
      seq('[', field('key', $.string), ']'),
    )))),
    _field_name: $ => choice($._word, $._quoted),

    moment: _ => choice('now', 'today', 'yesterday', 'tomorrow'),
    _literal: $ => choice($.boolean, $.integer, $.decimal, $.string, $.date, $.timestamp, $.duration),
    boolean: _ => choice('true', 'false'),
    duration: $ => prec(1, seq(choice($.integer, $.decimal), field('unit', $.time_unit))),
    time_unit: _ => choice(
      'second', 'seconds', 'minute', 'minutes', 'hour', 'hours', 'day', 'days', 'week', 'weeks', 'month', 'months', 'quarter',
      'quarters', 'year', 'years',
    ),

    name: $ => choice($._word, $._quoted, ...soft),
    _word: _ => /[\p{XID_Start}_]\p{XID_Continue}*/u,
    _quoted: _ => /`[^`\n]*`/,
    integer: _ => /[0-9][0-9_]*/,
    decimal: _ => /[0-9][0-9_]*\.[0-9][0-9_]*/,
    date: _ => token(prec(1, /[0-9]{4}-[0-9]{2}-[0-9]{2}/)),
    timestamp: _ => token(prec(1, /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*([Zz]|[+-][0-9:]+)?/)),
    string: $ => seq('"', repeat(choice(alias(token.immediate(prec(1, /[^"\\\n]+/)), $.text), $.escape)), '"'),
    escape: _ => token.immediate(/\\(["\\nt]|u\{[0-9A-Fa-f]+\})/),

    comment: _ => token(prec(1, /\/\/[^\n]*/)),
    documentation: _ => token(prec(2, /\/\/\/[^\n]*/)),
  },
});
