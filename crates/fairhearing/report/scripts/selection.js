// @ts-check
// Which calls are shown, and in which order. One filter a dimension; a call must pass them all.

/** @typedef {{id: string, series: string, from: number, to: number, open: boolean, label: string}} Bin */
/** @typedef {{name: () => string, value: () => string, passes: (row: Row) => boolean}} Filter */

const selection = {
  /** @type {Map<string, Filter>} */
  filters: new Map(),
  /** Which bars are chosen, by plot. @type {Map<string, Set<string>>} */
  bins: new Map(),
  /** The scenario whose score counts; null: the lowest of all. @type {number|null} */
  scenario: null,
  /** @type {number|null} */
  rule: null,
  /** @type {string|null} */
  agent: null,
  state: 'all',
  search: '',
  sort: 'score',
  /** @type {1|-1} */
  direction: 1,
};

/** The score cards that count under the chosen scenario. @param {Row} row */
function countedCards(row) {
  return selection.scenario === null ? row.cards : row.cards.filter((card) => card.scenario === selection.scenario);
}

/** @param {Row} row @returns {number|null} */
function scoreOf(row) {
  const scores = countedCards(row).map((card) => card.score);
  return scores.length > 0 ? Math.min(...scores) : null;
}

/** How many rules apply to a call and could not be evaluated: its score then says little. @param {Row} row */
function leftOpen(row) {
  return Math.max(0, ...countedCards(row).map((card) => card.left_open));
}

/** The score where it counts: with nothing left open. @param {Row} row @returns {number|null} */
function settledScore(row) {
  return leftOpen(row) > 0 ? null : scoreOf(row);
}

/** Asked for every call at every redraw; holds for one choice of scenario. @type {Map<Row, number[]>} */
const flaggedByRow = new Map();

/** The rules that flagged a call, each once. @param {Row} row @returns {number[]} */
function flaggedRules(row) {
  const known = flaggedByRow.get(row);
  if (known) return known;
  const rules = [...new Set(countedCards(row).flatMap((card) => card.flagged))];
  flaggedByRow.set(row, rules);
  return rules;
}

/** @param {Row} row @param {Role} role @param {'ratio'|'rate'|'lufs'} measure @returns {number|null} */
function channelValue(row, role, measure) {
  return row.channels.find((channel) => channel.role === role)?.[measure] ?? null;
}

/** @param {Row} row @param {Severity} severity */
function countOf(row, severity) {
  return flaggedRules(row).filter((rule) => REPORT.rules[rule].severity === severity).length;
}

/** The states that a call can be in, each with its test. @type {Record<string, (row: Row) => boolean>} */
const STATES = {
  all: () => true,
  critical: (row) => countOf(row, 'critical') > 0,
  findings: (row) => flaggedRules(row).length > 0,
  clear: (row) => flaggedRules(row).length === 0,
  partial: (row) => row.partial,
  warnings: (row) => row.warnings.length > 0,
  no_transcript: (row) => !row.has_transcript,
};

/** @param {string} id @param {Filter|null} filter */
function setFilter(id, filter) {
  if (filter) selection.filters.set(id, filter);
  else selection.filters.delete(id);
}

/** @param {number|null} rule */
function filterByRule(rule) {
  selection.rule = rule;
  setFilter('rule', rule === null ? null : { name: () => t('column_findings'), value: () => ownLanguage(REPORT.rules[rule].name), passes: (row) => flaggedRules(row).includes(rule) });
}

/** @param {string|null} agent */
function filterByAgent(agent) {
  selection.agent = agent;
  setFilter('agent', agent === null ? null : { name: () => t('column_agent'), value: () => agent, passes: (row) => row.agent === agent });
}

/** @param {string} state */
function filterByState(state) {
  selection.state = state;
  setFilter('state', state === 'all' ? null : { name: () => t('filter_state'), value: () => t(`state_${state}`), passes: STATES[state] });
}

/** @param {string} text */
function filterBySearch(text) {
  selection.search = text;
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const passes = (/** @type {Row} */ row) => {
    const haystack = [row.key, row.file, row.call_id, row.agent, row.skill_group, row.begin, ...flaggedRules(row).map((rule) => REPORT.rules[rule].name)]
      .join('\n')
      .toLocaleLowerCase();
    return words.every((word) => haystack.includes(word));
  };
  setFilter('search', words.length === 0 ? null : { name: () => t('search'), value: () => text.trim(), passes });
}

/** @param {number|null} scenario */
function chooseScenario(scenario) {
  selection.scenario = scenario;
  flaggedByRow.clear();
  setFilter('scenario', scenario === null ? null : { name: () => t('filter_scenario'), value: () => ownLanguage(REPORT.scenarios[scenario].name), passes: (row) => countedCards(row).length > 0 });
}

/** Chooses a bar, or lets go of it. @param {Dimension} dimension @param {Bin} bin */
function toggleBin(dimension, bin) {
  const chosen = selection.bins.get(dimension.id) ?? new Set();
  if (!chosen.delete(bin.id)) chosen.add(bin.id);
  selection.bins.set(dimension.id, chosen);
  const bins = dimension.bins().filter((each) => chosen.has(each.id));
  const passes = (/** @type {Row} */ row) => bins.some((each) => inBin(each, dimension.value(row, each.series)));
  setFilter(dimension.id, bins.length === 0 ? null : { name: () => t(`plot_${dimension.id}`), value: () => bins.map((each) => binText(dimension, each)).join(', '), passes });
}

/** @param {Bin} bin @param {number|null} value */
function inBin(bin, value) {
  return value !== null && value >= bin.from && (bin.open || value < bin.to);
}

/** @param {string} id */
function removeFilter(id) {
  if (id === 'rule') filterByRule(null);
  else if (id === 'agent') filterByAgent(null);
  else if (id === 'state') filterByState('all');
  else if (id === 'search') filterBySearch('');
  else if (id === 'scenario') chooseScenario(null);
  else {
    selection.bins.delete(id);
    setFilter(id, null);
  }
}

function removeAllFilters() {
  for (const id of [...selection.filters.keys()]) removeFilter(id);
}

/** The rows that pass every filter but `except`. @param {string} [except] */
function selectedRows(except) {
  const filters = [...selection.filters].filter(([id]) => id !== except).map(([, filter]) => filter);
  return REPORT.rows.filter((row) => filters.every((filter) => filter.passes(row)));
}

/** How each column is ordered; null goes last either way. @type {Record<string, (row: Row) => number|string|null>} */
const SORT_KEYS = {
  call: (row) => row.call_id ?? row.file,
  agent: (row) => row.agent,
  duration: (row) => row.duration,
  speech_agent: (row) => channelValue(row, 'agent', 'ratio'),
  speech_customer: (row) => channelValue(row, 'customer', 'ratio'),
  speed_agent: (row) => channelValue(row, 'agent', 'rate'),
  speed_customer: (row) => channelValue(row, 'customer', 'rate'),
  talk_over: (row) => row.talk_over,
  silence: (row) => row.longest_silence,
  findings: (row) => countOf(row, 'critical') * 1e6 + countOf(row, 'normal') * 1e3 + countOf(row, 'info'),
  score: (row) => scoreOf(row),
};

/** The calls as the table shows them. @returns {Row[]} */
function orderedRows() {
  const key = SORT_KEYS[selection.sort];
  const collator = new Intl.Collator(language === 'zh' ? 'zh-CN' : 'en', { numeric: true });
  return selectedRows()
    .map((row, position) => ({ row, position, value: key(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return a.value === b.value ? a.position - b.position : a.value === null ? 1 : -1;
      const order = typeof a.value === 'string' ? collator.compare(a.value, String(b.value)) : a.value - Number(b.value);
      return order * selection.direction || a.position - b.position;
    })
    .map(({ row }) => row);
}
