[(segment) (propensity) (test) (profile) (object) (events) (sequence)] @fold
