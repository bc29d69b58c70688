use fh_model::NotEvaluatedReason;

/// How much may be done for one call, counted in small steps: a comparison of a pattern, a few
/// bytes searched by a regular expression, a pair of hits looked at.
///
/// Steps are counted, not timed, so the same call is given up at the same place on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkLimits {
    /// For finding all phrases of the pack.
    pub(crate) scan: u64,
    /// Occurrences that are kept.
    pub(crate) hits: usize,
    /// For each rule.
    pub(crate) rule: u64,
    /// For all rules together.
    pub(crate) call: u64,
}

impl Default for WorkLimits {
    /// Several times what the longest call (24 hours) needs with 10,000 ordinary rules.
    fn default() -> Self {
        Self { scan: 100_000_000, hits: 2_000_000, rule: 10_000_000, call: 100_000_000 }
    }
}

/// What may still be spent on the rule at hand, and on the call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    rule: u64,
    call: u64,
    limits: WorkLimits,
}

impl Work {
    pub(crate) const fn new(limits: WorkLimits) -> Self {
        Self { rule: limits.rule, call: limits.call, limits }
    }

    /// The next rule begins.
    pub(crate) fn start_rule(&mut self) {
        self.rule = self.limits.rule.min(self.call);
    }

    /// Takes `steps`, or says that they are used up.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), NotEvaluatedReason> {
        let steps = steps as u64;
        if steps > self.rule {
            self.call = self.call.saturating_sub(self.rule);
            self.rule = 0;
            return Err(NotEvaluatedReason::WorkLimit);
        }
        self.rule -= steps;
        self.call = self.call.saturating_sub(steps);
        Ok(())
    }
}
