// @ts-check
// Distributions as bars. Agent above, customer below, as in the waveform; the pale bar counts every
// call, the strong one those that pass the filters of the other plots.

/**
 * @typedef {object} Dimension
 * @property {string} id
 * @property {string[]} series `all`, or the roles
 * @property {(row: Row, series: string) => number|null} value
 * @property {(value: number) => string} text the value as a number in the plot's unit
 * @property {() => Bin[]} bins
 */

/**
 * @typedef {object} BinOptions
 * @property {number} [low] where the bins begin, else at the lowest value
 * @property {number} [high] where they end
 * @property {number} [finest] the narrowest bin whose borders the plot's text can tell apart
 */

/** @param {number} span @param {number} target */
function niceStep(span, target) {
  const rough = span / target;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough - 1e-12) ?? 10 * power;
}

/**
 * Bins with round borders. The last one is open where a few values lie far out.
 * @param {number[]} values @param {string[]} series
 * @param {BinOptions} options
 * @returns {Bin[]}
 */
function makeBins(values, series, { low, high, finest = 1e-9 }) {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted[sorted.length - 1];
  const near = sorted[Math.min(Math.ceil(sorted.length * 0.95), sorted.length) - 1];
  const from = low ?? sorted[0];
  const to = Math.max(high ?? near, from + finest);
  const step = Math.max(niceStep(to - from, 10), finest);
  const start = Math.floor(from / step + 1e-9) * step;
  const count = Math.max(1, Math.ceil((to - start) / step - 1e-9));
  return series.flatMap((one) =>
    Array.from({ length: count }, (_, i) => {
      const edges = { from: Number((start + i * step).toPrecision(12)), to: Number((start + (i + 1) * step).toPrecision(12)) };
      // The top border belongs to the last bin: a score of 100 is in "90 to 100".
      return { id: `${one}:${i}`, series: one, ...edges, open: i === count - 1, label: i === count - 1 && last > edges.to ? 'more' : 'range' };
    }),
  );
}

/** @param {Dimension} dimension @param {Bin} bin */
function binText(dimension, bin) {
  const from = dimension.text(bin.from);
  const range = bin.label === 'more' ? t('bar_or_more', { from }) : t('bar_range', { from, to: dimension.text(bin.to) });
  return bin.series === 'all' ? range : `${t(bin.series)} ${range}`;
}

/** @param {string} id @param {string[]} series @param {Dimension['value']} value @param {Dimension['text']} text @param {BinOptions} [options] @returns {Dimension} */
function dimension(id, series, value, text, options = {}) {
  /** @type {Bin[]|null} */
  let bins = null;
  const allValues = () => REPORT.rows.flatMap((row) => series.map((one) => value(row, one))).filter((each) => each !== null);
  return { id, series, value, text, bins: () => (bins ??= makeBins(allValues(), series, options)) };
}

const PARTIES = ['agent', 'customer'];

/** Speeds are compared within a language: 180 words and 180 characters a minute are not alike. @param {string} spoken @param {string} id */
const speedDimension = (spoken, id) =>
  dimension(id, PARTIES, (row, role) => (row.language === spoken ? channelValue(row, /** @type {Role} */ (role), 'rate') : null), (value) => number(value / 1000), { finest: 5000 });

/** The languages of which the report knows a speed. */
const SPEED_PLOTS = [speedDimension('zh_CN', 'speed_zh'), speedDimension('en_US', 'speed_en')].filter((each) => each.bins().length > 0);

/** Every plot of the overview. */
const DIMENSIONS = [
  dimension('score', ['all'], (row) => settledScore(row), (value) => number(value), { finest: 1 }),
  dimension('ratio', PARTIES, (row, role) => channelValue(row, /** @type {Role} */ (role), 'ratio'), (value) => number(value * 100), { low: 0, high: 1 }),
  ...SPEED_PLOTS,
  dimension('silence', ['all'], (row) => row.longest_silence, (value) => number(value / 1000, 1), { low: 0, finest: 500 }),
  dimension('talk_over', ['all'], (row) => row.talk_over, (value) => number(value / 1000, 1), { low: 0, finest: 500 }),
  dimension('loudness', PARTIES, (row, role) => channelValue(row, /** @type {Role} */ (role), 'lufs'), (value) => number(value, 1), { finest: 0.5 }),
];

/** Four plots stand in a row where there are many; their letters stay as large. */
const PLOT = { width: DIMENSIONS.length > 6 ? 310 : 360, height: 168, left: 6, right: 6, top: 16, axis: 18 };

/** @param {Dimension} dimension @param {() => void} changed */
function histogram(dimension, changed) {
  const bins = dimension.bins();
  const title = h('h3', {}, t(`plot_${dimension.id}`), h('span', { class: 'unit' }, t(`plot_${dimension.id}_unit`)));
  if (bins.length === 0) return h('section', { class: 'plot' }, title, h('p', { class: 'quiet' }, t('plot_no_values')));
  const rows = selectedRows(dimension.id);
  return h(
    'section',
    { class: 'plot' },
    title,
    h('p', { class: 'quiet plot-median' }, medianText(dimension, rows)),
    drawBars(dimension, bins, rows, changed),
  );
}

/** @param {Dimension} dimension @param {Row[]} rows */
function medianText(dimension, rows) {
  const middle = (/** @type {string} */ series) => {
    const value = median(rows.map((row) => dimension.value(row, series)).filter((each) => each !== null));
    return value === null ? t('none') : dimension.text(value);
  };
  return dimension.series.length === 1 ? t('plot_median', { value: middle('all') }) : t('plot_median_two', { agent: middle('agent'), customer: middle('customer') });
}

/** @param {Dimension} dimension @param {Bin[]} bins @param {Row[]} rows @param {() => void} changed */
function drawBars(dimension, bins, rows, changed) {
  const perSeries = bins.length / dimension.series.length;
  const counts = (/** @type {Bin} */ bin, /** @type {Row[]} */ from) => from.filter((row) => inBin(bin, dimension.value(row, bin.series))).length;
  const every = bins.map((bin) => counts(bin, REPORT.rows));
  const shown = bins.map((bin) => counts(bin, rows));
  const tallest = Math.max(1, ...every);
  const mirrored = dimension.series.length === 2;
  const column = (PLOT.width - PLOT.left - PLOT.right) / perSeries;
  const plotHeight = PLOT.height - PLOT.axis - PLOT.top * (mirrored ? 2 : 1);
  const baseline = PLOT.top + (mirrored ? plotHeight / 2 : plotHeight);
  const reach = mirrored ? plotHeight / 2 : plotHeight;
  const chosen = selection.bins.get(dimension.id) ?? new Set();
  const name = t(`plot_${dimension.id}`);

  const bars = bins.map((bin, i) => {
    const down = mirrored && bin.series === dimension.series[1];
    const x = PLOT.left + (i % perSeries) * column;
    const rectangle = (/** @type {number} */ count, /** @type {string} */ className) => {
      const height = count === 0 ? 0 : Math.max(2, (count / tallest) * reach);
      return s('rect', { class: className, x: x + 1.5, width: Math.max(column - 3, 1), y: down ? baseline + 1 : baseline - height, height, rx: 1.5 });
    };
    const label = t(mirrored ? 'bar_label_of' : 'bar_label', { who: mirrored ? t(bin.series) : '', range: binRange(dimension, bin), count: shown[i] });
    const numberAt = down ? baseline + (shown[i] / tallest) * reach + 12 : baseline - (shown[i] / tallest) * reach - 4;
    return s(
      'g',
      { class: `bar ${bin.series}${chosen.size > 0 && !chosen.has(bin.id) ? ' dimmed' : ''}`, role: 'option', id: `bar-${dimension.id}-${i}`, 'aria-selected': chosen.has(bin.id), 'aria-label': label, on: { click: () => choose(i) } },
      s('title', {}, label),
      s('rect', { class: 'hit', x, width: column, y: down ? baseline : PLOT.top - 14, height: reach + 14 }),
      rectangle(every[i], 'all-calls'),
      rectangle(shown[i], 'shown-calls'),
      shown[i] > 0 && s('text', { class: 'count', x: x + column / 2, y: numberAt }, shown[i]),
    );
  });

  const border = (/** @type {number} */ i) => {
    const bin = bins[Math.min(i, perSeries - 1)];
    return i < perSeries ? dimension.text(bin.from) : bin.label === 'more' ? '…' : dimension.text(bin.to);
  };
  const borders = Array.from({ length: perSeries + 1 }, (_, i) => i);
  // Every border where there is room, else every second one, the last among them.
  const widest = Math.max(...borders.map((i) => border(i).length)) * 6.5 + 6;
  const labels = borders
    .filter((i) => widest <= column || (perSeries - i) % 2 === 0)
    .map((i) => {
      const text = border(i);
      const anchor = i === 0 ? 'start' : i === perSeries ? 'end' : 'middle';
      return s('text', { class: 'tick', x: PLOT.left + i * column, y: PLOT.height - 4, 'text-anchor': anchor }, text);
    });

  /** @param {number} i */
  function choose(i) {
    active = i;
    toggleBin(dimension, bins[i]);
    changed();
  }
  let active = Math.max(0, bins.findIndex((bin) => chosen.has(bin.id)));
  /** @param {number} i */
  const activate = (i) => {
    bars[active].classList.remove('active');
    active = i;
    bars[active].classList.add('active');
    plot.setAttribute('aria-activedescendant', `bar-${dimension.id}-${active}`);
  };
  const moves = /** @type {Record<string, (i: number) => number>} */ ({
    ArrowRight: (i) => Math.min(i + 1, bins.length - 1),
    ArrowLeft: (i) => Math.max(i - 1, 0),
    ArrowDown: (i) => (mirrored && i < perSeries ? i + perSeries : i),
    ArrowUp: (i) => (mirrored && i >= perSeries ? i - perSeries : i),
    Home: () => 0,
    End: () => bins.length - 1,
  });
  const plot = s(
    'svg',
    {
      class: 'bars', viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: 'listbox', tabindex: 0, 'aria-multiselectable': 'true', 'data-focus': `plot-${dimension.id}`,
      'aria-label': t('plot_label', { name, bars: bins.length }), 'aria-activedescendant': `bar-${dimension.id}-${active}`,
      on: {
        focus: () => activate(active),
        blur: () => bars[active].classList.remove('active'),
        keydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key in moves) activate(moves[event.key](active));
          else if (event.key === 'Enter' || event.key === ' ') choose(active);
          else return;
          event.preventDefault();
        },
      },
    },
    bars,
    s('line', { class: 'baseline', x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: baseline + 0.5, y2: baseline + 0.5 }),
    s('g', { 'aria-hidden': 'true' }, labels),
  );
  return plot;
}

/** @param {Dimension} dimension @param {Bin} bin */
function binRange(dimension, bin) {
  const from = dimension.text(bin.from);
  return bin.label === 'more' ? t('bar_or_more', { from }) : t('bar_range', { from, to: dimension.text(bin.to) });
}
