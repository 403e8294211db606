; Later patterns win.

(comment) @comment
(documentation) @comment.documentation

(name) @variable
(path field: (name) @property)
(path . (name) @property)
(field key: (path) @property)

(string) @string
(escape) @string.escape
[(integer) (decimal)] @number
[(date) (timestamp)] @number
(time_unit) @type
(unit) @type
(boolean) @boolean
(moment) @constant.builtin

(type (name) @type)
(parameter name: (name) @variable.parameter)

(segment name: (name) @type.definition)
(event name: (name) @type.definition)
(propensity name: (name) @type.definition)
(param name: (name) @constant)
(let name: (name) @function)
(test segment: (name) @type)
(expect segment: (name) @type)
(profile name: (name) @variable)
(as name: (name) @variable.parameter)

(call function: (name) @function.call)
((call function: (name) @function.builtin)
  (#any-of? @function.builtin
    "any" "none" "all" "count" "sum" "min" "max" "average" "first" "last" "list" "member"))
"sequence" @function.builtin

[
  "schema" "import" "param" "let" "event" "segment" "propensity" "test"
] @keyword

[
  "where" "rank" "by" "asc" "desc" "limit" "sample" "salt" "predict" "for" "using" "static" "deny" "cutoffs" "every" "over"
  "trees" "depth" "seed" "buckets" "require" "max" "age" "control" "kind" "scale" "quality" "from" "at" "now" "profile"
  "events" "expect" "if" "then" "else" "satisfy" "of" "as" "in" "last" "next" "previous" "this" "on" "before" "after"
  "between" "ago" "top" "bottom" "groups" "times" "least" "within"
] @keyword
(distinct) @keyword

["and" "or" "not" "default" "div" "is" "present" "absent" (word_operator) (ignoring_case) (ignoring_year)] @keyword.operator

["==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "%" "="] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter
