// @ts-check
// What was measured on the sound, each with its definition; warnings; and how the result was made.

/** @param {string} key @param {Child[]} cells */
function measureRow(key, cells) {
  return h('tr', {}, h('th', { scope: 'row' }, h('details', {}, h('summary', {}, t(`measure_${key}`)), h('p', { class: 'quiet' }, t(`measure_${key}_def`)))), cells);
}

/** @param {Inspection} inspection @param {Player} player */
function measuresPanel(inspection, player) {
  const { measures, speech_rates: rates } = inspection;
  const channels = laneOrder(measures.channels);
  const row = (/** @type {string} */ key, /** @type {(channel: any) => Child} */ value) => measureRow(key, channels.map((channel) => h('td', {}, value(channel))));
  const whole = (/** @type {string} */ key, /** @type {Child} */ value) => measureRow(key, [h('td', { colspan: Math.max(1, channels.length) }, value)]);
  const decibels = (/** @type {number|null|undefined} */ value, unit = 'dB') => (value === null || value === undefined ? t('none') : `${number(value, 1)} ${unit}`);
  const spread = (/** @type {any[]} */ spans, /** @type {any} */ lengths) => (spans.length === 0 ? t('none') : [t('measure_count_total', { count: spans.length, total: lengthText(sum(spans.map((span) => span.end - span.start))) }), lengths && h('span', { class: 'quiet under' }, t('measure_median_longest', { median: lengthText(lengths.median), longest: lengthText(lengths.max) }))]);
  const cutIns = (/** @type {any} */ channel) => {
    const mine = measures.talk_overs.filter((/** @type {any} */ each) => each.by_channel === channel.channel);
    const inside = mine.filter((/** @type {any} */ each) => each.inside_other).length;
    return t('cut_in_count', { count: mine.length - inside, inside });
  };
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'measures' },
    h('header', { class: 'panel-head' }, h('h2', { id: 'measures' }, t('measures'))),
    h('div', { class: 'scroll-sideways', tabindex: 0, role: 'group', 'aria-labelledby': 'measures' },
      h('table', { class: 'measures' },
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('measure')), channels.map((channel) => h('th', { scope: 'col' }, h('i', { class: `swatch ${channel.role}`, 'aria-hidden': 'true' }), channel.role === 'unknown' ? channelText(channel.channel) : t(channel.role))))),
        h('tbody', {},
          row('speech_time', (channel) => lengthText(channel.speech_time)),
          row('ratio', (channel) => percent(channel.speech_time / Math.max(1, measures.duration), 1)),
          row('own_silence', (channel) => lengthText(channel.own_silence_time)),
          row('stretches', (channel) => [`${channel.speech.length} ×`, channel.speech_lengths && h('span', { class: 'quiet under' }, t('measure_median_longest', { median: lengthText(channel.speech_lengths.median), longest: lengthText(channel.speech_lengths.max) }))]),
          row('speed', (channel) => {
            const rate = rates.find((/** @type {any} */ each) => each.channel === channel.channel);
            return rate ? t('per_minute', { rate: rateText(rate.per_minute_thousandths), unit: speedUnit(inspection.transcript?.language ?? inspection.call.language) }) : t('none');
          }),
          row('loudness', (channel) => decibels(channel.loudness.integrated_lufs, 'LUFS')),
          row('peak', (channel) => decibels(channel.loudness.peak_dbfs)),
          row('level', (channel) => (channel.loudness.speaking_dbfs ? `${number(channel.loudness.speaking_dbfs.p25, 1)} … ${number(channel.loudness.speaking_dbfs.p90, 1)} dB` : t('none'))),
          channels.length > 1 && row('cut_in', cutIns),
          whole('silence', spread(measures.mutual_silences, measures.mutual_silence_lengths)),
          whole('talk_over', spread(measures.talk_overs.map((/** @type {any} */ each) => each.span), measures.talk_over_lengths)),
        ))),
    levelPlot(channels, measures.duration),
    spanList('silences_list', measures.mutual_silences.map((/** @type {Span} */ span) => ({ span, text: t('silence_item', { length: lengthText(span.end - span.start) }) })), player),
    spanList('talk_overs_list', measures.talk_overs.map((/** @type {any} */ each) => ({ span: each.span, text: t(each.inside_other ? 'talk_over_inside' : 'talk_over_item', { who: each.by === 'unknown' ? channelText(each.by_channel) : t(each.by), after: lengthText(each.other_spoke_for), length: lengthText(each.span.end - each.span.start) }) })), player),
  );
}

/** @param {string} key @param {{span: Span, text: string}[]} items @param {Player} player */
function spanList(key, items, player) {
  if (items.length === 0) return null;
  return h('details', { class: 'folded' }, h('summary', {}, t(key, { count: items.length })), h('ul', { class: 'plain moments' }, items.map(({ span, text }) => h('li', {}, hearButton(span.start, () => player.seek(span.start, { play: true })), h('span', {}, text)))));
}

/** The level of each second, one line a channel. @param {any[]} channels @param {number} duration */
function levelPlot(channels, duration) {
  const levels = channels.map((channel) => channel.loudness.per_second_dbfs);
  const seconds = Math.max(0, ...levels.map((each) => each.length));
  if (seconds < 2) return null;
  const size = { width: 480, height: 92, left: 40, top: 4, bottom: 18 };
  const [wide, high] = [size.width - size.left, size.height - size.top - size.bottom];
  const floor = -60;
  // A long call has more seconds than the plot has points: each point is then the loudest of its seconds.
  const perPoint = Math.ceil(seconds / wide);
  const heightOf = (/** @type {number} */ level) => size.top + (level / floor) * high;
  const line = (/** @type {number[]} */ each) => {
    const points = [];
    for (let i = 0; i < each.length; i += perPoint) {
      const level = clamp(each.slice(i, i + perPoint).reduce((a, b) => Math.max(a, b)), floor, 0);
      points.push(`${size.left + ((i + perPoint / 2) / seconds) * wide},${heightOf(level)}`);
    }
    return points.map((point, i) => (i === 0 ? `M${point}` : `L${point}`)).join('');
  };
  return h('figure', { class: 'levels' }, h('figcaption', { class: 'quiet' }, t('level_over_time')),
    s('svg', { viewBox: `0 0 ${size.width} ${size.height}`, role: 'img', 'aria-label': t('level_label') },
      [0, -20, -40, -60].map((level) => [s('line', { class: 'grid', x1: size.left, x2: size.width, y1: heightOf(level), y2: heightOf(level) }), s('text', { class: 'tick', x: size.left - 5, y: heightOf(level) + 3.5, 'text-anchor': 'end' }, level === 0 ? '0 dB' : number(level))]),
      channels.map((channel, i) => s('path', { class: `level ${channel.role}`, d: line(levels[i]) })),
      s('text', { class: 'tick', x: size.left, y: size.height - 3 }, clock(0)),
      s('text', { class: 'tick', x: size.width, y: size.height - 3, 'text-anchor': 'end' }, clock(duration))));
}

/** @param {any} warning @param {any[]} channels */
function warningText(warning, channels) {
  const role = channels.find((channel) => channel.channel === warning.channel)?.role;
  const key = `warning_${warning.code}`;
  const values = { ...warning, channel: typeof warning.channel === 'number' ? channelText(warning.channel, role) : '', leak: warning.leak === undefined ? '' : number(warning.leak, 1), per_million: warning.per_million === undefined ? '' : number(warning.per_million), millionths: warning.millionths === undefined ? '' : number(warning.millionths) };
  const text = hasText(key) ? t(key, values) : t('warning_other', { code: warning.code });
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** What a person should know first: a partial call, and the warnings. @param {Inspection} inspection */
function cautions(inspection) {
  const { completeness, duration } = inspection.recording;
  const partial = completeness.state === 'partial';
  if (!partial && inspection.warnings.length === 0) return null;
  return h(
    'section',
    { class: 'cautions', 'aria-labelledby': 'warnings' },
    h('h2', { id: 'warnings' }, t('warnings')),
    h('ul', {},
      partial && h('li', { class: 'partial' }, h('strong', {}, t('partial_title')), ': ', foreign(completeness.reason), typeof completeness.declared === 'number' && ` (${t('partial_declared', { decoded: clock(duration, true), declared: clock(completeness.declared, true) })})`),
      inspection.warnings.map((/** @type {any} */ warning) => h('li', {}, withCode(warningText(warning, inspection.measures.channels))))),
  );
}

/** @param {Inspection} inspection */
function lineagePanel(inspection) {
  const { lineage, recording, transcript } = inspection;
  const { source } = transcript ?? {};
  /** @type {[string, string][]} */
  const facts = [
    ['lineage_fairhearing', lineage.fairhearing],
    ['lineage_recording', recording.digest],
    ['lineage_size', t('lineage_bytes', { count: number(recording.bytes) })],
    ['lineage_decoder', lineage.decoder],
    ['lineage_voice_activity', `${hasText(`voice_${lineage.voice_activity}`) ? t(`voice_${lineage.voice_activity}`) : lineage.voice_activity}, ${lineage.voice_activity_version}`],
    ...(source?.kind === 'engine' ? /** @type {[string, string][]} */ ([['lineage_engine', `${source.engine} ${source.version}`], ['lineage_model', [source.model, source.model_digest].filter(Boolean).join(' · ')]]) : []),
    ...(source?.kind === 'import' ? /** @type {[string, string][]} */ ([['lineage_transcript', `${source.digest} (${source.format})`]]) : []),
    ['lineage_normalizer', lineage.normalizer],
    ['lineage_rule_pack', lineage.rule_pack_digest],
  ];
  return h('details', { class: 'panel lineage' }, h('summary', {}, h('h2', {}, t('lineage'))), h('p', { class: 'quiet' }, t('lineage_hint')), h('dl', {}, facts.map(([key, value]) => [h('dt', {}, t(key)), h('dd', {}, foreign(value))])));
}
