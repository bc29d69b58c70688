// @ts-check
// Findings as moments on the time line, and evidence as sentences.

/** @typedef {Record<string, any>} Evidence */
/** @typedef {Record<string, any>} Finding */
/**
 * A piece of evidence with where it belongs.
 * @typedef {{id: string, card: number, rule: Finding, evidence: Evidence, excused: boolean, span: Span}} Moment
 */

/** @param {Evidence} evidence @returns {Span} */
function evidenceSpan(evidence) {
  return evidence.kind === 'absent' ? evidence.searched.span : evidence.span ?? { start: 0, end: 0 };
}

/** Every piece of evidence of flagged findings and every excused one, in order of time. @param {Inspection} inspection @returns {Moment[]} */
function allMoments(inspection) {
  const moments = inspection.score_cards.flatMap((/** @type {any} */ card, /** @type {number} */ cardNumber) =>
    card.findings.flatMap((/** @type {Finding} */ rule, /** @type {number} */ ruleNumber) => {
      const moment = (/** @type {Evidence} */ evidence, /** @type {number} */ i, /** @type {boolean} */ excused) => ({
        id: `${cardNumber}-${ruleNumber}-${excused ? 'x' : 'e'}${i}`, card: cardNumber, rule, evidence, excused, span: evidenceSpan(evidence),
      });
      const evidence = rule.outcome === 'flagged' ? rule.evidence : [];
      return [
        ...evidence.map((/** @type {Evidence} */ each, /** @type {number} */ i) => moment(each, i, false)),
        ...(rule.excused ?? []).map((/** @type {Evidence} */ each, /** @type {number} */ i) => moment(each, i, true)),
      ];
    }));
  return moments.sort((/** @type {Moment} */ a, /** @type {Moment} */ b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** The moments to be drawn and walked through: flagged ones, each once though several scenarios share a rule. @param {Moment[]} moments */
function flaggedMoments(moments) {
  const seen = new Set();
  return moments.filter((moment) => {
    const same = `${moment.rule.rule_id} ${moment.evidence.kind} ${moment.evidence.condition} ${moment.span.start} ${moment.span.end}`;
    return !moment.excused && !seen.has(same) && seen.add(same);
  });
}

/** @param {string} text */
function clipText(text) {
  const characters = [...text];
  return characters.length > 160 ? `${characters.slice(0, 160).join('')}…` : text;
}

/** The evidence in one sentence. @param {Evidence} evidence @returns {string} */
function evidenceText(evidence) {
  const who = roleText(evidence.role);
  switch (evidence.kind) {
    case 'said':
      return t('why_said', { who, quote: clipText(evidence.quote) });
    case 'absent': {
      const phrases = evidence.phrases.slice(0, 4).map((/** @type {string} */ phrase) => (language === 'zh' ? `“${phrase}”` : `“${phrase}”`));
      return t('why_absent', { who: roleText(evidence.searched.role), phrases: phrases.join(t('or')) });
    }
    case 'silence':
      return t('why_silence', { length: lengthText(evidence.span.end - evidence.span.start) });
    case 'speed':
      return t(evidence.utterance === null ? 'why_fast_call' : 'why_fast_line', { who, rate: rateText(evidence.per_minute_thousandths) });
    case 'interruption':
      return t('why_interruption', { who, length: lengthText(evidence.span.end - evidence.span.start) });
    default:
      return evidence.condition ?? evidence.kind;
  }
}

/** What the sentence rests on: limits, windows, phrases. @param {Evidence} evidence @returns {string[]} */
function evidenceDetails(evidence) {
  const condition = t('why_condition', { condition: evidence.condition });
  switch (evidence.kind) {
    case 'said':
      return [evidence.phrase !== evidence.quote ? t('why_said_phrase', { phrase: clipText(evidence.phrase) }) : '', condition].filter(Boolean);
    case 'absent': {
      const { span, utterances } = evidence.searched;
      const window = { from: clock(span.start, true), to: clock(span.end, true), first: utterances?.[0] ?? 0, last: utterances?.[1] ?? 0 };
      const more = evidence.phrases.length - 4;
      return [t(utterances ? 'why_absent_window' : 'why_absent_window_empty', window), more > 0 ? t('more_phrases', { count: more }) : '', condition].filter(Boolean);
    }
    case 'silence':
      return [t('why_silence_limit', { limit: lengthText(evidence.limit) }), condition];
    case 'speed':
      return [t(evidence.above ? 'why_above' : 'why_below', { limit: number(evidence.limit_per_minute) }), condition];
    case 'interruption':
      return [t('why_interruption_limit', { limit: lengthText(evidence.limit) }), condition];
    default:
      return [];
  }
}
