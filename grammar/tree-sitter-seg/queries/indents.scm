[(segment) (propensity) (test) (profile) (object) (events) (test_event) (call) (sequence) (list) (parenthesized)] @indent.begin
["}" ")" "]"] @indent.branch
