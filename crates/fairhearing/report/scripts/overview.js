// @ts-check
// All calls together: totals, distributions, rules, agents, the table, and what failed.

/** How many rules or agents a list of bars shows before it is opened. */
const BARS_AT_ONCE = 8;

/** Which advice belongs to which error code. @type {Record<string, string>} */
const ADVICE = {
  unreadable: 'read',
  not_a_file: 'read',
  empty: 'empty',
  unknown_format: 'not_audio',
  unsupported: 'unsupported',
  missing_decoder: 'decoder',
  malformed: 'damaged',
  headerless_length: 'headerless',
  limit_reached: 'limit',
  partial: 'partial',
  decoder_crashed: 'crashed',
  sandbox_unavailable: 'sandbox',
  spill: 'disk',
};

/** @param {string} code */
function adviceFor(code) {
  return t(`advice_${code.startsWith('transcript_') ? 'transcript' : ADVICE[code] ?? 'other'}`);
}

/** @returns {HTMLElement} */
function overviewPage() {
  const page = h('main', { id: 'main', class: 'overview', tabindex: -1 });
  const draw = () => keepFocus(() => page.replaceChildren(...overviewParts(changed)));
  const changed = () => {
    rowsWanted = ROWS_AT_ONCE;
    draw();
  };
  page.append(...overviewParts(changed));
  return page;
}

/** @param {() => void} changed @returns {HTMLElement[]} */
function overviewParts(changed) {
  const rows = selectedRows();
  /** @type {(HTMLElement|false)[]} */
  const parts = [
    h('h1', { class: 'report-title' }, REPORT.title || t('title')),
    tiles(rows),
    REPORT.rows.length > 0 && distributions(changed),
    REPORT.rows.length > 0 && h('div', { class: 'two-columns' }, rulesByHits(changed), REPORT.rows.some((row) => row.agent) && agentsByScore(changed)),
    callsSection(rows, changed),
    REPORT.failures.length > 0 && failures(),
    footer(),
  ];
  return /** @type {HTMLElement[]} */ (parts.filter(Boolean));
}

/** @param {string} name @param {Child} value @param {Child} below */
function tile(name, value, below) {
  return h('div', { class: 'tile' }, h('dt', {}, name), h('dd', { class: 'value' }, value), h('dd', { class: 'quiet' }, below));
}

/** @param {Row[]} rows */
function tiles(rows) {
  const duration = sum(rows.map((row) => row.duration));
  const scores = rows.map(settledScore).filter((score) => score !== null);
  const open = rows.filter((row) => leftOpen(row) > 0).length;
  const scoreNotes = [scores.length > 0 && t('tile_score_spread', { median: number(median(scores) ?? 0, 1), lowest: number(Math.min(...scores), 1) }), open > 0 && t('tile_score_left_out', { count: open })].filter(Boolean);
  const findings = rows.map((row) => flaggedRules(row).length);
  const critical = rows.filter((row) => countOf(row, 'critical') > 0).length;
  const share = (/** @type {number} */ part, /** @type {number} */ whole) => percent(whole > 0 ? part / whole : 0, part / whole < 0.1 ? 1 : 0);
  const middle = median(rows.map((row) => row.duration));
  return h(
    'dl',
    { class: 'tiles' },
    tile(t('tile_calls'), number(rows.length), callsBelow(rows)),
    tile(t('tile_sound'), lengthText(duration), middle !== null && t('tile_sound_median', { length: lengthClock(middle) })),
    tile(t('tile_score'), scores.length > 0 ? number(sum(scores) / scores.length, 1) : t('none'), scoreNotes.join(' · ')),
    tile(t('tile_findings'), number(sum(findings)), t('tile_findings_in', { count: findings.filter((count) => count > 0).length })),
    tile(t('tile_critical'), [severitySign('critical'), number(critical)], t('tile_critical_share', { percent: share(critical, rows.length) })),
    tile(t('tile_silence'), share(sum(rows.map((row) => row.silence)), duration), t('tile_silence_sub', { percent: share(sum(rows.map((row) => row.talk_over)), duration) })),
  );
}

/** @param {Row[]} rows */
function callsBelow(rows) {
  if (rows.length < REPORT.rows.length) return t('tile_calls_of', { all: REPORT.rows.length });
  const partial = rows.filter((row) => row.partial).length;
  const notes = [partial > 0 && t('tile_calls_partial', { count: partial }), REPORT.failures.length > 0 && t('tile_calls_failed', { count: REPORT.failures.length })].filter(Boolean);
  return notes.length > 0 ? notes.join(' · ') : t('tile_calls_whole');
}

/** @param {() => void} changed */
function distributions(changed) {
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'distributions' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'distributions' }, t('distributions')), h('p', { class: 'quiet' }, t('distributions_hint')), partyLegend()),
    h('div', { class: DIMENSIONS.length > 6 ? 'plots many' : 'plots' }, DIMENSIONS.map((dimension) => histogram(dimension, changed))),
  );
}

function partyLegend() {
  return h('p', { class: 'legend', 'aria-hidden': 'true' }, PARTIES.map((role) => h('span', {}, h('i', { class: `swatch ${role}` }), t(role))));
}

/**
 * @typedef {{key: string, name: Child[], share: number, value: Child[], pressed: boolean, act: () => void}} Bar
 * @param {Bar[]} bars @param {string} id
 */
function barList(bars, id) {
  const item = (/** @type {Bar} */ bar) =>
    h('li', {}, h('button', { type: 'button', class: 'bar-row', 'aria-pressed': bar.pressed, 'data-focus': `${id}-${bar.key}`, on: { click: bar.act } },
      h('span', { class: 'bar-name' }, bar.name),
      h('span', { class: 'bar-value' }, bar.value),
      h('span', { class: 'meter wide' }, h('span', { style: { width: `${clamp(bar.share, 0, 1) * 100}%` } }))));
  const rest = bars.slice(BARS_AT_ONCE);
  return [
    h('ul', { class: 'bar-list' }, bars.slice(0, BARS_AT_ONCE).map(item)),
    rest.length > 0 && h('details', { open: rest.some((bar) => bar.pressed) }, h('summary', {}, t('and_more', { count: rest.length })), h('ul', { class: 'bar-list' }, rest.map(item))),
  ];
}

/** @param {() => void} changed */
function rulesByHits(changed) {
  const rows = selectedRows('rule');
  const hits = REPORT.rules.map((rule, number) => ({ rule, number, count: rows.filter((row) => flaggedRules(row).includes(number)).length }));
  const flagged = hits.filter(({ count, number }) => count > 0 || selection.rule === number).sort((a, b) => b.count - a.count);
  const most = Math.max(1, ...flagged.map(({ count }) => count));
  const bars = flagged.map(({ rule, number: id, count }) => ({
    key: rule.id,
    name: [severitySign(rule.severity), foreign(ownLanguage(rule.name)), rule.points !== 0 && h('span', { class: 'quiet' }, ` ${signed(rule.points)}`)],
    share: count / most,
    value: [number(count), h('span', { class: 'unseen' }, ` ${t('calls_unit', { count })}`)],
    pressed: selection.rule === id,
    act: () => { filterByRule(selection.rule === id ? null : id); changed(); },
  }));
  const silent = hits.length - flagged.length;
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'rules' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'rules' }, t('rules')), h('p', { class: 'quiet' }, t('rules_hint'))),
    bars.length > 0 ? barList(bars, 'rule') : h('p', { class: 'empty' }, t('rules_none')),
    silent > 0 && h('details', {}, h('summary', {}, t('rules_silent', { count: silent })), h('ul', { class: 'plain' }, hits.filter(({ count, number }) => count === 0 && selection.rule !== number).map(({ rule }) => h('li', {}, severitySign(rule.severity), foreign(ownLanguage(rule.name)))))),
  );
}

/** @param {() => void} changed */
function agentsByScore(changed) {
  /** @type {Map<string, number[]>} */
  const agents = new Map();
  for (const row of selectedRows('agent')) {
    const score = settledScore(row);
    if (row.agent && score !== null) agents.set(row.agent, [...(agents.get(row.agent) ?? []), score]);
  }
  const means = [...agents].map(([name, scores]) => ({ name, mean: sum(scores) / scores.length, count: scores.length })).sort((a, b) => a.mean - b.mean);
  const highest = Math.max(1, ...REPORT.scenarios.map((scenario) => scenario.upper));
  const bars = means.map(({ name, mean, count }) => ({
    key: name,
    name: [foreign(name)],
    share: mean / highest,
    value: [t('agent_value', { score: number(mean, 1), count: number(count) })],
    pressed: selection.agent === name,
    act: () => { filterByAgent(selection.agent === name ? null : name); changed(); },
  }));
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'agents' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'agents' }, t('agents')), h('p', { class: 'quiet' }, t('agents_hint'))),
    bars.length > 0 ? barList(bars, 'agent') : h('p', { class: 'empty' }, t('none')),
  );
}

/** @param {Row[]} rows @param {() => void} changed */
function callsSection(rows, changed) {
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'calls' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'calls' }, t('calls')), h('p', { class: 'quiet', role: 'status' }, t('calls_shown', { shown: number(rows.length), all: number(REPORT.rows.length) }))),
    REPORT.rows.length > 0 && filterBar(changed),
    selection.filters.size > 0 && chips(changed),
    callTable(changed),
  );
}

/** @param {() => void} changed */
function filterBar(changed) {
  const redraw = (/** @type {() => void} */ act) => { act(); changed(); };
  return h(
    'div',
    { class: 'filters', role: 'search' },
    h('label', { class: 'field grow' }, h('span', {}, t('search')),
      h('input', { type: 'search', value: selection.search, placeholder: t('search_hint'), 'data-focus': 'search', on: { input: (/** @type {Event} */ event) => redraw(() => filterBySearch(/** @type {HTMLInputElement} */ (event.target).value)) } })),
    REPORT.scenarios.length > 1 && select(t('filter_scenario'), String(selection.scenario ?? ''), [['', t('filter_scenario_all')], ...REPORT.scenarios.map((scenario, i) => /** @type {[string, string]} */ ([String(i), ownLanguage(scenario.name)]))], (value) => redraw(() => chooseScenario(value === '' ? null : Number(value))), 'scenario'),
    select(t('filter_state'), selection.state, Object.keys(STATES).map((state) => [state, t(`state_${state}`)]), (value) => redraw(() => filterByState(value)), 'state'),
    h('div', { class: 'phone-only sort-fields' },
      select(t('sort_by'), selection.sort, COLUMNS.map((column) => [column.id, t(`column_${column.id}`)]), (value) => sortBy(value, changed), 'sort-by'),
      button({ label: t('sort_direction'), icon: 'sort', attributes: { 'data-focus': 'sort-direction' }, act: () => sortBy(selection.sort, changed) })),
  );
}

/** @param {() => void} changed */
function chips(changed) {
  const one = (/** @type {[string, Filter]} */ [id, filter]) => {
    const text = t('filter_is', { name: filter.name(), value: filter.value() });
    return h('li', {}, h('button', { type: 'button', class: 'chip', 'aria-label': t('remove_filter', { filter: text }), on: { click: () => { removeFilter(id); changed(); } } }, foreign(text), icon('close')));
  };
  return h('ul', { class: 'chips' }, [...selection.filters].map(one), h('li', {}, h('button', { type: 'button', class: 'chip all', on: { click: () => { removeAllFilters(); changed(); } } }, t('clear_filters'))));
}

function failures() {
  const row = (/** @type {Failure} */ failure) =>
    h('li', { class: 'failure' },
      h('p', { class: 'failure-file' }, foreign(failure.file), h('code', { class: 'badge' }, failure.code)),
      h('p', {}, foreign(failure.message)),
      h('p', { class: 'advice' }, h('strong', {}, `${t('failure_advice')}: `), withCode(adviceFor(failure.code))));
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'failures' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'failures' }, t('failures')), h('p', { class: 'quiet' }, t('failures_hint', { count: REPORT.failures.length }))),
    h('ul', { class: 'failures' }, REPORT.failures.map(row)),
  );
}

/** Text with `commands` set as code. @param {string} text @returns {Child[]} */
function withCode(text) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? h('code', {}, part) : part));
}

function footer() {
  const versions = [...new Set(REPORT.lineages.map((lineage) => lineage.fairhearing))].join(', ');
  return h('footer', { class: 'page-foot quiet' }, t('footer', { version: versions }));
}
