// @ts-check
// The table of calls: sortable, filtered by the selection, drawn a hundred rows at a time.

/** How many rows are drawn before the reader asks for more. */
const ROWS_AT_ONCE = 100;

/** @typedef {{id: string, group?: string, className?: string, cell: (row: Row) => Child[]}} Column */

/** @type {Column[]} */
const COLUMNS = [
  { id: 'call', className: 'column-call', cell: callCell },
  { id: 'agent', cell: (row) => [row.agent ? foreign(row.agent) : t('none'), row.skill_group && foreign(row.skill_group, { class: 'quiet under' })] },
  { id: 'duration', className: 'number', cell: (row) => [lengthClock(row.duration)] },
  { id: 'speech_agent', group: 'speech', className: 'number', cell: (row) => ratioCell(row, 'agent') },
  { id: 'speech_customer', group: 'speech', className: 'number', cell: (row) => ratioCell(row, 'customer') },
  { id: 'speed_agent', group: 'speed', className: 'number', cell: (row) => rateCell(row, 'agent') },
  { id: 'speed_customer', group: 'speed', className: 'number', cell: (row) => rateCell(row, 'customer') },
  { id: 'talk_over', className: 'number', cell: (row) => [row.talk_overs > 0 ? t('seconds', { seconds: number(row.talk_over / 1000, 1) }) : t('none'), row.talk_overs > 0 && h('span', { class: 'quiet under' }, `${row.talk_overs} ×`)] },
  { id: 'silence', className: 'number', cell: (row) => [row.longest_silence > 0 ? t('seconds', { seconds: number(row.longest_silence / 1000, 1) }) : t('none')] },
  { id: 'findings', cell: findingsCell },
  { id: 'score', className: 'number column-score', cell: scoreCell },
];

/** @param {Row} row */
function callLink(row) {
  return `#${new URLSearchParams({ call: row.key })}`;
}

/** @param {Row} row @returns {Child[]} */
function callCell(row) {
  return [
    h('a', { href: callLink(row), class: 'call-link', 'data-focus': `call-${row.key}` }, foreign(row.call_id || row.file)),
    row.call_id ? foreign(row.file, { class: 'quiet under file-name' }) : row.begin && h('span', { class: 'quiet under' }, row.begin.replace('T', ' ')),
    badges(row),
  ];
}

/** @param {Row} row */
function badges(row) {
  const list = [
    row.partial && h('span', { class: 'badge partial' }, t('badge_partial')),
    row.warnings.length > 0 && h('span', { class: 'badge warned', title: row.warnings.map((code) => code.replaceAll('_', ' ')).join(', ') }, t('badge_warnings', { count: row.warnings.length })),
    leftOpen(row) > 0 && h('span', { class: 'badge' }, t('left_open', { count: leftOpen(row) })),
    !row.has_transcript && h('span', { class: 'badge' }, t('badge_no_transcript')),
  ].filter(Boolean);
  return list.length > 0 && h('span', { class: 'badges' }, list);
}

/** @param {Row} row @param {Role} role @returns {Child[]} */
function ratioCell(row, role) {
  const ratio = channelValue(row, role, 'ratio');
  if (ratio === null) return [t('none')];
  return [percent(ratio), h('span', { class: `meter ${role}`, 'aria-hidden': 'true' }, h('span', { style: { width: `${clamp(ratio, 0, 1) * 100}%` } }))];
}

/** @param {Row} row @param {Role} role @returns {Child[]} */
function rateCell(row, role) {
  const rate = channelValue(row, role, 'rate');
  return rate === null ? [t('none')] : [rateText(rate), h('span', { class: 'quiet under' }, speedUnit(row.language, true))];
}

/** @param {Row} row @returns {Child[]} */
function findingsCell(row) {
  const counts = /** @type {const} */ (['critical', 'normal', 'info']).map((severity) => ({ severity, count: countOf(row, severity) }));
  if (counts.every(({ count }) => count === 0)) return [h('span', { class: 'quiet' }, t('no_findings'))];
  const [critical, normal, info] = counts.map(({ count }) => count);
  const names = flaggedRules(row).map((rule) => ownLanguage(REPORT.rules[rule].name));
  return [
    h('span', { class: 'counts', title: names.join('\n') },
      h('span', { class: 'unseen' }, t('findings_count', { critical, normal, info })),
      counts.filter(({ count }) => count > 0).map(({ severity, count }) => h('span', { class: `sign ${severity}`, 'aria-hidden': 'true' }, icon(severity), count)),
    ),
  ];
}

/** @param {Row} row @returns {Child[]} */
function scoreCell(row) {
  const score = scoreOf(row);
  if (score === null) return [t('none')];
  const cards = countedCards(row);
  const card = cards.find((each) => each.score === score) ?? cards[0];
  const { lower, upper } = REPORT.scenarios[card.scenario];
  const share = upper > lower ? clamp((score - lower) / (upper - lower), 0, 1) : 0;
  const open = leftOpen(row);
  if (open > 0) return [h('strong', { class: 'provisional', title: t('score_provisional', { count: open }) }, scoreText(score, open))];
  return [h('strong', {}, number(score, 2)), h('span', { class: 'meter score', 'aria-hidden': 'true' }, h('span', { style: { width: `${share * 100}%` } }))];
}

/** @param {string} id */
function columnName(id) {
  return t(id.startsWith('speech_') || id.startsWith('speed_') ? id.replace(/^\w+_/, '') : `column_${id}`);
}

/** @param {string} id @param {() => void} changed */
function sortBy(id, changed) {
  if (selection.sort === id) selection.direction = selection.direction === 1 ? -1 : 1;
  else Object.assign(selection, { sort: id, direction: ['call', 'agent', 'score'].includes(id) ? 1 : -1 });
  changed();
}

/** @param {Column} column @param {() => void} changed @param {Record<string, any>} [properties] */
function headCell(column, changed, properties = {}) {
  const sorted = selection.sort === column.id;
  return h(
    'th',
    { scope: 'col', role: 'columnheader', class: column.className, 'aria-sort': sorted ? (selection.direction === 1 ? 'ascending' : 'descending') : 'none', ...properties },
    h('button', { type: 'button', class: 'sort', 'data-focus': `sort-${column.id}`, on: { click: () => sortBy(column.id, changed) } },
      columnName(column.id),
      column.group && h('span', { class: 'unseen' }, ` ${t(`column_${column.group}`)}`),
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, sorted ? (selection.direction === 1 ? '▲' : '▼') : ''),
    ),
  );
}

/** @param {() => void} changed */
function tableHead(changed) {
  const groups = [];
  for (const column of COLUMNS) {
    if (!column.group) groups.push(headCell(column, changed, { rowspan: 2 }));
    else if (column.id.endsWith('_agent')) groups.push(h('th', { scope: 'colgroup', role: 'columnheader', colspan: 2, class: 'group' }, t(`column_${column.group}`)));
  }
  const below = COLUMNS.filter((column) => column.group).map((column) => headCell(column, changed));
  return h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, groups), h('tr', { role: 'row', class: 'grouped' }, below));
}

/** @param {Row} row */
function tableRow(row) {
  const open = (/** @type {MouseEvent} */ event) => {
    // The link keeps its own ways (new tab, middle click); a selection of text is not a click.
    if (event.target instanceof Element && event.target.closest('a, button')) return;
    if (String(getSelection())) return;
    location.hash = callLink(row);
  };
  return h('tr', { role: 'row', on: { click: open } }, COLUMNS.map((column) =>
    h(column.id === 'call' ? 'th' : 'td', { role: column.id === 'call' ? 'rowheader' : 'cell', scope: column.id === 'call' ? 'row' : null, class: `${column.className ?? ''} cell-${column.id}`, 'data-label': t(`column_${column.id}`) }, column.cell(row))));
}

/** How many rows the reader has asked for. */
let rowsWanted = ROWS_AT_ONCE;

/** @param {() => void} changed */
function callTable(changed) {
  const rows = orderedRows();
  if (REPORT.rows.length === 0) return h('p', { class: 'empty' }, t('no_calls'));
  if (rows.length === 0) return h('p', { class: 'empty' }, t('no_calls_match'));
  const body = h('tbody', { role: 'rowgroup' });
  const more = h('p', { class: 'more' });
  const draw = () => {
    body.append(...rows.slice(body.childElementCount, rowsWanted).map(tableRow));
    const rest = rows.length - body.childElementCount;
    more.replaceChildren();
    if (rest > 0) more.append(button({ label: t('show_more', { count: Math.min(rest, ROWS_AT_ONCE) }), act: () => { rowsWanted += ROWS_AT_ONCE; draw(); } }));
  };
  draw();
  return h('div', { class: 'scroll-sideways' }, h('table', { class: 'calls', role: 'table', 'aria-label': t('calls') }, tableHead(changed), body), more);
}

/** All rows at once, for printing. */
function showAllRows() {
  rowsWanted = Infinity;
}
