// @ts-check
// The words as a dialogue: hits marked, a click on a word plays it, the line that is heard lights up.

/** With more words than this only the line that is heard is cut into words; a click elsewhere plays the line. */
const MOST_CLICKABLE_WORDS = 20_000;

/** From this many lines on the browser lays out only those in sight. */
const MANY_LINES = 300;

/** From this length on a silence stands between the lines. */
const NOTED_SILENCE_MS = 3000;

/** @typedef {{start: number, end: number, from: number, to: number}} TimedWord code points `start` to `end`, milliseconds `from` to `to` */
/** @typedef {{start: number, end: number, kind: 'hit'|'excused'|'near', moment: Moment}} Mark in code points */

const HAN_OR_SPACE = /[\p{Script=Han}\s]/u;

/**
 * The words of an utterance by code points. The transcript counts bytes of UTF-8; where it has no
 * words, each Han character and each run of other letters gets its share of the time.
 * @param {any} utterance @param {string[]} points @returns {TimedWord[]}
 */
function timedWords(utterance, points) {
  const { span, words = [] } = utterance;
  if (words.length === 0) return estimatedWords(span, points);
  const pointOfByte = new Map([[0, 0]]);
  let byte = 0;
  points.forEach((point, i) => {
    const code = point.codePointAt(0) ?? 0;
    byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    pointOfByte.set(byte, i + 1);
  });
  return words
    .map((/** @type {any} */ word) => ({ start: pointOfByte.get(word.bytes.start), end: pointOfByte.get(word.bytes.end), from: word.span.start, to: word.span.end }))
    .filter((/** @type {any} */ word) => word.start !== undefined && word.end !== undefined);
}

/** @param {Span} span @param {string[]} points @returns {TimedWord[]} */
function estimatedWords(span, points) {
  const words = [];
  const at = (/** @type {number} */ point) => span.start + ((span.end - span.start) * point) / Math.max(1, points.length);
  let start = 0;
  for (let i = 1; i <= points.length; i += 1) {
    if (i < points.length && !HAN_OR_SPACE.test(points[i]) && !HAN_OR_SPACE.test(points[i - 1])) continue;
    if (points[start].trim()) words.push({ start, end: i, from: at(start), to: at(i) });
    start = i;
  }
  return words;
}

/** The marks of each utterance. @param {Moment[]} moments @returns {Map<number, Mark[]>} */
function marksByUtterance(moments) {
  /** @type {Map<number, Mark[]>} */
  const marks = new Map();
  const add = (/** @type {any} */ place, /** @type {Mark['kind']} */ kind, /** @type {Moment} */ moment) =>
    marks.set(place.utterance, [...(marks.get(place.utterance) ?? []), { start: place.chars.start, end: place.chars.end, kind, moment }]);
  for (const moment of moments) {
    const { evidence } = moment;
    if (evidence.kind === 'said') add(evidence, moment.excused ? 'excused' : 'hit', moment);
    else if (evidence.kind === 'absent' && evidence.nearest) add(evidence.nearest, 'near', moment);
  }
  return marks;
}

/** Cuts the text at the borders of words and marks. @param {number} length @param {TimedWord[]} words @param {Mark[]} marks */
function runs(length, words, marks) {
  const borders = new Set([0, length]);
  for (const { start, end } of [...words, ...marks]) borders.add(clamp(start, 0, length)).add(clamp(end, 0, length));
  const sorted = [...borders].sort((a, b) => a - b);
  let word = 0;
  return sorted.slice(0, -1).map((start, i) => {
    while (word < words.length && words[word].end <= start) word += 1;
    const here = word < words.length && words[word].start <= start ? words[word] : null;
    return { start, end: sorted[i + 1], word: here, marks: marks.filter((mark) => mark.start <= start && start < mark.end) };
  });
}

/** The text of a line. @param {any} utterance @param {Mark[]} marks @param {boolean} withWords @returns {Node[]} */
function lineText(utterance, marks, withWords) {
  const points = [...utterance.text];
  const words = withWords ? timedWords(utterance, points) : [];
  /** @type {Node[]} */
  const nodes = [];
  let openKey = '';
  /** @type {HTMLElement|null} */
  let openMark = null;
  for (const run of runs(points.length, words, marks)) {
    const text = points.slice(run.start, run.end).join('');
    const node = run.word ? h('span', { class: 'word', 'data-from': Math.round(run.word.from), 'data-to': Math.round(run.word.to) }, text) : document.createTextNode(text);
    if (run.marks.length === 0) {
      openMark = null;
      nodes.push(node);
      continue;
    }
    const key = run.marks.map((mark) => mark.moment.id + mark.kind).join(' ');
    if (!openMark || openKey !== key) {
      openKey = key;
      openMark = markElement(run.marks);
      nodes.push(openMark);
    }
    openMark.append(node);
  }
  return nodes;
}

/** @param {Mark[]} marks */
function markElement(marks) {
  const order = ['hit', 'near', 'excused'];
  const first = [...marks].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0];
  return h('mark', { class: `${first.kind} ${first.moment.rule.severity}`, title: marks.map((mark) => t(`mark_${mark.kind}`, { rule: ownLanguage(mark.moment.rule.rule_name) })).join('\n') });
}

/** What the formats of imported transcripts are called. @type {Record<string, string>} */
const TRANSCRIPT_FORMATS = {
  fairhearing: 'Fairhearing JSON',
  'amazon-transcribe': 'Amazon Transcribe JSON',
  'azure-speech': 'Azure Speech JSON',
  whisper: 'Whisper JSON',
  webvtt: 'WebVTT',
  srt: 'SubRip (SRT)',
};

class TranscriptView {
  /** @param {Inspection} inspection @param {Player} player @param {Moment[]} moments @param {(moment: Moment) => void} chooseMoment */
  constructor(inspection, player, moments, chooseMoment) {
    this.inspection = inspection;
    this.player = player;
    this.chooseMoment = chooseMoment;
    /** @type {any[]} */
    this.utterances = inspection.transcript?.utterances ?? [];
    this.marks = marksByUtterance(moments);
    this.byUtterance = this.momentsOfLines(moments);
    this.withWords = sum(this.utterances.map((utterance) => utterance.words?.length || utterance.text.length)) <= MOST_CLICKABLE_WORDS;
    this.following = remembered('follow') !== 'no';
    this.onlyFindings = false;
    /** @type {Map<number, HTMLElement>} */
    this.lines = new Map();
    /** @type {HTMLElement|null} */
    this.current = null;
    /** @type {HTMLElement|null} */
    this.currentWord = null;
    this.element = this.build();
  }

  /** Which flagged findings belong to which line: what was said in it, or its speed, or who cut in there. @param {Moment[]} moments */
  momentsOfLines(moments) {
    /** @type {Map<number, Moment[]>} */
    const lines = new Map();
    for (const moment of flaggedMoments(moments)) {
      const { evidence } = moment;
      const line = evidence.utterance ?? (evidence.kind === 'interruption' ? this.lineAt(evidence.span.start, evidence.channel)?.id : undefined);
      if (line !== undefined && line !== null) lines.set(line, [...(lines.get(line) ?? []), moment]);
    }
    return lines;
  }

  /** @param {number} time @param {number} channel */
  lineAt(time, channel) {
    return this.utterances.find((utterance) => utterance.channel === channel && utterance.span.start <= time + 200 && time < utterance.span.end);
  }

  build() {
    const { transcript, transcript_state: state } = this.inspection;
    if (this.utterances.length === 0) return h('section', { class: 'panel transcript', 'aria-labelledby': 'transcript' }, h('header', { class: 'panel-head' }, h('h2', { id: 'transcript' }, t('transcript'))), h('p', { class: 'empty' }, this.absence(state)));
    this.list = h('ol', { class: `dialogue${this.utterances.length > MANY_LINES ? ' long' : ''}`, tabindex: 0, 'aria-labelledby': 'transcript', lang: langAttribute(transcript.language), on: { click: (/** @type {MouseEvent} */ event) => this.click(event) } });
    this.drawLines();
    return h(
      'section',
      { class: 'panel transcript', 'aria-labelledby': 'transcript' },
      h('header', { class: 'panel-head' }, h('h2', { id: 'transcript' }, t('transcript')), h('div', { class: 'toggles' },
        this.toggle('follow', this.following, (on) => { this.following = on; remember('follow', on ? 'yes' : 'no'); if (on) this.reveal(); }),
        this.toggle('only_findings', this.onlyFindings, (on) => { this.onlyFindings = on; this.drawLines(); }))),
      this.list,
      h('p', { class: 'quiet source' }, this.source(transcript.source), this.utterances.every((utterance) => !utterance.words?.length) && ` ${t('no_words_times')}`),
    );
  }

  /** @param {string} key @param {boolean} on @param {(on: boolean) => void} change */
  toggle(key, on, change) {
    return h('label', { class: 'toggle' }, h('input', { type: 'checkbox', checked: on, 'data-focus': key, on: { change: (/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.target).checked) } }), t(key));
  }

  /** @param {any} state */
  absence(state) {
    const key = `no_transcript_${state.state}`;
    return withCode(t(hasText(key) ? key : 'no_transcript_missing', { remedy: state.remedy ?? '', reason: state.reason ?? '' }));
  }

  /** @param {any} source */
  source(source) {
    return source.kind === 'engine' ? t('transcript_source_engine', source) : t('transcript_source_import', { format: TRANSCRIPT_FORMATS[source.format] ?? source.format });
  }

  drawLines() {
    this.lines.clear();
    this.current = null;
    const silences = this.inspection.measures.mutual_silences.filter((/** @type {Span} */ span) => span.end - span.start >= NOTED_SILENCE_MS);
    const items = [];
    for (const utterance of this.utterances) {
      while (silences.length > 0 && silences[0].start < utterance.span.start) items.push(this.silence(silences.shift()));
      if (!this.onlyFindings || this.byUtterance.has(utterance.id) || this.marks.has(utterance.id)) items.push(this.line(utterance));
    }
    items.push(...silences.map((/** @type {Span} */ span) => this.silence(span)));
    this.list?.replaceChildren(...items.filter((item) => item !== null));
  }

  /** @param {Span} span */
  silence(span) {
    if (this.onlyFindings) return null;
    return h('li', { class: 'pause' }, h('button', { type: 'button', 'data-seek': span.start, lang: language === 'zh' ? 'zh-CN' : 'en' }, `${clock(span.start)} · ${t('silence_item', { length: lengthText(span.end - span.start) })}`));
  }

  /** @param {any} utterance */
  line(utterance) {
    const marks = this.marks.get(utterance.id) ?? [];
    const moments = this.byUtterance.get(utterance.id) ?? [];
    const time = clock(utterance.span.start);
    const who = utterance.role === 'unknown' ? channelText(utterance.channel) : t(utterance.role);
    const chips = moments.map((moment) => h('button', { type: 'button', class: `finding-chip ${moment.rule.severity}`, 'data-moment': moment.id, on: { click: () => this.chooseMoment(moment) } }, icon(moment.rule.severity), foreign(ownLanguage(moment.rule.rule_name)), moment.rule.points !== 0 && ` ${signed(moment.rule.points)}`));
    const notes = [utterance.emotion && t('emotion', { emotion: utterance.emotion }), typeof utterance.confidence_permille === 'number' && utterance.confidence_permille < 600 && t('confidence', { percent: percent(utterance.confidence_permille / 1000) })].filter(Boolean);
    const item = h(
      'li',
      { class: `line ${utterance.role}${moments.length > 0 ? ' found' : ''}`, 'data-line': utterance.id },
      h('div', { class: 'line-head', lang: language === 'zh' ? 'zh-CN' : 'en' },
        h('span', { class: 'speaker' }, who),
        h('button', { type: 'button', class: 'time', 'data-seek': utterance.span.start, 'aria-label': t('hear_line', { who, time }) }, time),
        notes.length > 0 && h('span', { class: 'quiet' }, notes.join(' · '))),
      h('p', { class: 'said', dir: 'auto', lang: langAttribute(utterance.language), 'data-from': utterance.span.start }, lineText(utterance, marks, this.withWords)),
      chips.length > 0 && h('div', { class: 'line-chips', lang: language === 'zh' ? 'zh-CN' : 'en' }, chips),
    );
    this.lines.set(utterance.id, item);
    return item;
  }

  /** @param {MouseEvent} event */
  click(event) {
    if (!(event.target instanceof Element) || String(getSelection())) return;
    const place = event.target.closest('[data-seek], .word, .said');
    if (place instanceof HTMLElement) this.player.seek(Number(place.dataset.seek ?? place.dataset.from), { play: true });
  }

  /** Lights up the line and the word that are heard. */
  follow() {
    const { time } = this.player;
    const heard = this.utterances.filter((utterance) => utterance.span.start <= time && time < utterance.span.end);
    // Where both speak, the one who began last is the newer thing to read.
    const latest = heard.reduce((best, each) => (best && best.span.start >= each.span.start ? best : each), null);
    const line = latest ? this.lines.get(latest.id) ?? null : null;
    if (line !== this.current) {
      this.current?.classList.remove('now');
      this.current?.removeAttribute('aria-current');
      this.current = line;
      line?.classList.add('now');
      line?.setAttribute('aria-current', 'true');
      if (line && !this.withWords) line.querySelector('.said')?.replaceChildren(...lineText(latest, this.marks.get(latest.id) ?? [], true));
      if (line && this.following) this.reveal();
    }
    const words = line ? [.../** @type {NodeListOf<HTMLElement>} */ (line.querySelectorAll('.word'))] : [];
    const word = words.find((each) => Number(each.dataset.from) <= time && time < Number(each.dataset.to)) ?? null;
    if (word !== this.currentWord) {
      this.currentWord?.classList.remove('now');
      word?.classList.add('now');
      this.currentWord = word;
    }
  }

  /** Brings the line that is heard into view: inside the list where that scrolls, else on the page while the list is being read. */
  reveal() {
    const { list, current } = this;
    if (!list || !current) return;
    if (list.scrollHeight > list.clientHeight + 1) {
      const top = current.offsetTop - list.offsetTop - list.clientHeight / 3;
      list.scrollTo({ top, behavior: calmly() });
      return;
    }
    const box = list.getBoundingClientRect();
    if (box.top < innerHeight * 0.7 && box.bottom > 0 && this.player.playing) current.scrollIntoView({ block: 'center', behavior: calmly() });
  }

  /** Shows the line that a moment belongs to. @param {Moment} moment */
  showMoment(moment) {
    const id = moment.evidence.utterance ?? moment.evidence.nearest?.utterance;
    const line = this.lines.get(id);
    const list = this.list;
    if (line && list && list.scrollHeight > list.clientHeight + 1) list.scrollTo({ top: line.offsetTop - list.offsetTop - list.clientHeight / 3, behavior: calmly() });
  }
}

/** Smooth, unless the reader asked the system for calm. @returns {ScrollBehavior} */
function calmly() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
}
