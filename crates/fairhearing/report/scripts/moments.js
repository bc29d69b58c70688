// @ts-check
// Findings as moments on the time line, and evidence as sentences.

/** @typedef {Record<string, any>} Evidence */
/** @typedef {Record<string, any>} Finding */
/**
 * A piece of evidence with where it belongs.
 * @typedef {{id: string, card: number, rule: Finding, evidence: Evidence, excused: boolean, span: Span, spoken: string|null}} Moment `spoken`: the call's language
 */

/** @param {Evidence} evidence @returns {Span} */
function evidenceSpan(evidence) {
  return evidence.kind === 'absent' ? evidence.searched.span : evidence.span ?? { start: 0, end: 0 };
}

/** Every piece of evidence of flagged findings and every excused one, in order of time. @param {Inspection} inspection @returns {Moment[]} */
function allMoments(inspection) {
  const spoken = inspection.transcript?.language ?? inspection.call.language ?? null;
  const moments = inspection.score_cards.flatMap((/** @type {any} */ card, /** @type {number} */ cardNumber) =>
    card.findings.flatMap((/** @type {Finding} */ rule, /** @type {number} */ ruleNumber) => {
      const moment = (/** @type {Evidence} */ evidence, /** @type {number} */ i, /** @type {boolean} */ excused) => ({
        id: `${cardNumber}-${ruleNumber}-${excused ? 'x' : 'e'}${i}`, card: cardNumber, rule, evidence, excused, span: evidenceSpan(evidence), spoken,
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

/** @param {string} text @param {number} [most] */
function clipText(text, most = 160) {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : text;
}

/** The phrases that may be said in a call: an English call is not told which Chinese words it lacks. @param {string[]} phrases @param {string|null} spoken */
function heardPhrases(phrases, spoken) {
  const heard = phrases.filter((phrase) => spoken === null || HAN.test(phrase) === (spoken === 'zh_CN'));
  return heard.length > 0 ? heard : phrases;
}

/** How many of the phrases that were looked for are named, and how much of each: a regular expression may be long. */
const PHRASES_NAMED = 4;
const PHRASE_CHARACTERS = 48;

/** The evidence in one sentence. @param {Moment} moment @returns {string} */
function evidenceText({ evidence, spoken }) {
  const who = roleText(evidence.role);
  switch (evidence.kind) {
    case 'said':
      return t('why_said', { who, quote: clipText(evidence.quote) });
    case 'absent': {
      const phrases = heardPhrases(evidence.phrases, spoken).slice(0, PHRASES_NAMED).map((phrase) => `“${clipText(phrase, PHRASE_CHARACTERS)}”`);
      return t('why_absent', { who: roleText(evidence.searched.role), phrases: phrases.join(t('or')) });
    }
    case 'silence':
      return t('why_silence', { length: lengthText(evidence.span.end - evidence.span.start) });
    case 'speed':
      return t(evidence.utterance === null ? 'why_fast_call' : 'why_fast_line', { who, rate: rateText(evidence.per_minute_thousandths), unit: speedUnit(spoken) });
    case 'interruption':
      return t('why_interruption', { who, length: lengthText(evidence.span.end - evidence.span.start) });
    default:
      return evidence.condition ?? evidence.kind;
  }
}

/** What the sentence rests on: limits, windows, phrases. @param {Moment} moment @returns {string[]} */
function evidenceDetails({ evidence, spoken }) {
  const condition = t('why_condition', { condition: evidence.condition });
  switch (evidence.kind) {
    case 'said':
      return [evidence.phrase !== evidence.quote ? t('why_said_phrase', { phrase: clipText(evidence.phrase, PHRASE_CHARACTERS) }) : '', condition].filter(Boolean);
    case 'absent': {
      const { span, utterances } = evidence.searched;
      const window = { from: clock(span.start, true), to: clock(span.end, true), first: utterances?.[0] ?? 0, last: utterances?.[1] ?? 0 };
      const more = heardPhrases(evidence.phrases, spoken).length - PHRASES_NAMED;
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

/** Why the nearest miss is none. What the rules say of it is English. @param {Evidence} evidence */
function whyNot({ nearest, searched }) {
  if (language === 'en') return nearest.why_not;
  if (searched.role && searched.role !== nearest.role) return t('not_role', { who: roleText(nearest.role), wanted: roleText(searched.role) });
  if (nearest.span.end <= searched.span.start) return t('not_before');
  if (nearest.span.start >= searched.span.end) return t('not_after');
  return t(nearest.similarity_percent === 100 ? 'not_counted' : 'not_similar');
}
