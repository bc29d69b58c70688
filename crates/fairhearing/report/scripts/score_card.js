// @ts-check
// The score with every point explained: what flagged and on which evidence, what was excused, what
// could not be told, and what is clear.

/** How many pieces of evidence of one rule are shown before the rest is folded away. */
const EVIDENCE_AT_ONCE = 8;

/** @param {any} card @param {number} cardNumber @param {Moment[]} moments @param {(moment: Moment) => void} chooseMoment */
function scoreCard(card, cardNumber, moments, chooseMoment) {
  const of = (/** @type {string} */ outcome) => card.findings.filter((/** @type {Finding} */ finding) => finding.outcome === outcome);
  const flagged = of('flagged');
  const clear = of('clear');
  const notEvaluated = of('not_evaluated');
  const item = (/** @type {Finding} */ finding) => findingItem(finding, moments.filter((moment) => moment.card === cardNumber && moment.rule === finding), chooseMoment);
  const excused = clear.filter((/** @type {Finding} */ finding) => (finding.excused ?? []).length > 0);
  const title = `score-card-${cardNumber}`;
  return h(
    'section',
    { class: 'panel score-card', 'aria-labelledby': `${title} ${title}-scenario` },
    h('header', { class: 'panel-head' }, h('h2', { id: title }, t('score_card')), h('p', { class: 'quiet', id: `${title}-scenario` }, foreign(ownLanguage(card.scenario_name) || card.scenario_id))),
    scoreSum(card, flagged, notEvaluated.filter(isLeftOpen).length),
    h('h3', { class: 'unseen' }, t('flagged')),
    flagged.length > 0 ? h('ul', { class: 'findings' }, flagged.map(item)) : h('p', { class: 'empty small' }, t('flagged_none')),
    excused.length > 0 && h('ul', { class: 'findings' }, excused.map(item)),
    folded('not_evaluated', notEvaluated, (finding) => [foreign(ownLanguage(finding.rule_name)), ' ', h('span', { class: 'quiet' }, reasonText(finding.reason))]),
    folded('clear', clear, (finding) => [foreign(ownLanguage(finding.rule_name)), ' ', h('span', { class: 'quiet' }, finding.rule_points === 0 ? t('no_points') : t('would_be_points', { points: signed(finding.rule_points) }))]),
  );
}

/** Whether a rule could not be evaluated though it applies to the call. @param {Finding} finding */
function isLeftOpen(finding) {
  return finding.outcome === 'not_evaluated' && finding.reason !== 'not_applicable';
}

/** A score; in parentheses where rules were left open. @param {number} score @param {number} open */
function scoreText(score, open) {
  return open > 0 ? `(${number(score, 2)})` : number(score, 2);
}

/** The arithmetic: base, each finding's points, and the bound that held. @param {any} card @param {Finding[]} flagged @param {number} open how many rules were left open */
function scoreSum(card, flagged, open) {
  const points = flagged.map((finding) => finding.points).filter((each) => each !== 0);
  const raw = Math.round((card.base + sum(points)) * 100) / 100;
  const held = raw > card.score ? t('score_held_upper', { bound: number(card.upper, 2) }) : raw < card.score ? t('score_held_lower', { bound: number(card.lower, 2) }) : null;
  const terms = [h('span', { class: 'term' }, number(card.base, 2), h('small', {}, t('score_base'))), ...points.map((each) => h('span', { class: `term ${each < 0 ? 'minus' : 'plus'}` }, `${each < 0 ? '\u2212' : '+'} ${number(Math.abs(each), 2)}`))];
  return h(
    'div',
    { class: 'score-sum' },
    h('p', { class: 'score' }, h('strong', {}, scoreText(card.score, open)), h('span', { class: 'quiet' }, ` / ${number(card.upper, 2)}`)),
    h('div', { class: 'sum' }, h('p', { class: 'terms' }, terms, h('span', { class: 'term' }, `= ${number(raw, 2)}`)), (held || points.length === 0) && h('p', { class: 'quiet' }, held ?? t('score_untouched')), open > 0 && h('p', { class: 'quiet' }, t('score_provisional', { count: open }))),
  );
}

/** @param {Finding} finding @param {Moment[]} moments @param {(moment: Moment) => void} chooseMoment */
function findingItem(finding, moments, chooseMoment) {
  const flagged = finding.outcome === 'flagged';
  const counted = moments.filter((moment) => !moment.excused);
  const excused = moments.filter((moment) => moment.excused);
  return h(
    'li',
    { class: `finding ${flagged ? finding.severity : 'clear'}`, 'data-rule': finding.rule_id },
    h('div', { class: 'finding-head' },
      severitySign(finding.severity),
      h('h4', {}, foreign(ownLanguage(finding.rule_name))),
      h('span', { class: 'finding-points' }, finding.points === 0 ? t('no_points') : signed(finding.points))),
    finding.why && h('p', { class: 'quiet why' }, foreign(ownLanguage(finding.why))),
    counted.length > 0 && h('ul', { class: 'evidence' }, counted.slice(0, EVIDENCE_AT_ONCE).map((moment) => evidenceItem(moment, chooseMoment))),
    counted.length > EVIDENCE_AT_ONCE && h('details', { class: 'folded' }, h('summary', {}, t('and_more', { count: counted.length - EVIDENCE_AT_ONCE })), h('ul', { class: 'evidence' }, counted.slice(EVIDENCE_AT_ONCE).map((moment) => evidenceItem(moment, chooseMoment)))),
    excused.length > 0 && [h('p', { class: 'excused-title' }, t('excused')), h('ul', { class: 'evidence excused' }, excused.map((moment) => evidenceItem(moment, chooseMoment)))],
  );
}

/** @param {Moment} moment @param {(moment: Moment) => void} chooseMoment */
function evidenceItem(moment, chooseMoment) {
  const { evidence, span } = moment;
  const { nearest } = evidence;
  return h(
    'li',
    { 'data-evidence': moment.id },
    hearButton(span.start, () => chooseMoment(moment)),
    h('div', { class: 'evidence-text' },
      h('p', {}, foreign(evidenceText(moment))),
      h('p', { class: 'quiet' }, foreign(evidenceDetails(moment).join(' · '))),
      nearest && h('div', { class: 'nearest' },
        hearButton(nearest.span.start, () => chooseMoment({ ...moment, span: nearest.span })),
        h('p', {}, foreign(t('why_nearest', { who: roleText(nearest.role), quote: clipText(nearest.quote), phrase: clipText(nearest.phrase, PHRASE_CHARACTERS), percent: percent(nearest.similarity_percent / 100) })), ' ', nearest.why_not && foreign(`(${whyNot(evidence)})`, { class: 'quiet' })))),
  );
}

/** @param {number} time @param {() => void} act */
function hearButton(time, act) {
  return h('button', { type: 'button', class: 'hear', 'aria-label': t('hear', { time: clock(time, true) }), on: { click: act } }, icon('play'), clock(time, true));
}

/** @param {string} key @param {Finding[]} findings @param {(finding: Finding) => Child[]} content */
function folded(key, findings, content) {
  if (findings.length === 0) return null;
  return h('details', { class: 'folded' }, h('summary', {}, t(key, { count: findings.length })), h('ul', { class: 'plain' }, findings.map((finding) => h('li', {}, severitySign(finding.severity), content(finding)))));
}

/** @param {string} reason */
function reasonText(reason) {
  return hasText(`reason_${reason}`) ? t(`reason_${reason}`) : t('reason_other', { reason });
}
