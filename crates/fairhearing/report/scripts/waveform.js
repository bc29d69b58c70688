// @ts-check
// The time line: one lane a channel (agent above), speech, silence and talk-over shaded, findings
// marked above, a playhead that follows the sound, and a window that can be zoomed.

/** Pixels; a phone has less to give. */
const LANE = { height: matchMedia('(width < 760px)').matches ? 52 : 72, gap: 6 };
const RULER_HEIGHT = 20;
const MARKER = { width: 24, row: 24, rows: 3 };
const SHORTEST_WINDOW_MS = 2000;

/** Steps between the ticks of the ruler, in seconds. */
const TICKS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The channels from top to bottom: agent, customer, others. @param {any[]} channels */
function laneOrder(channels) {
  const rank = (/** @type {Role} */ role) => ['agent', 'customer', 'unknown'].indexOf(role);
  return [...channels].sort((a, b) => rank(a.role) - rank(b.role) || a.channel - b.channel);
}

/**
 * The greatest peak in a stretch. Where a peak covers several pixels, the way from one to the next is
 * a straight line, not a step.
 * @param {Peaks} peaks @param {number} from @param {number} to
 */
function peakBetween({ bucket, peaks }, from, to) {
  if (to - from < bucket) {
    // A peak stands in the middle of its stretch.
    const at = clamp((from + to) / 2 / bucket - 0.5, 0, Math.max(0, peaks.length - 1));
    const before = Math.floor(at);
    const left = peaks[before] ?? 0;
    return left + ((peaks[before + 1] ?? left) - left) * (at - before);
  }
  let peak = 0;
  for (let i = Math.floor(from / bucket); i < Math.min(Math.ceil(to / bucket), peaks.length); i += 1) peak = Math.max(peak, peaks[i]);
  return peak;
}

class TimeLine {
  /** @param {number} number @param {Inspection} inspection @param {Player} player @param {Moment[]} moments @param {(moment: Moment) => void} chooseMoment */
  constructor(number, inspection, player, moments, chooseMoment) {
    this.player = player;
    this.measures = inspection.measures;
    this.length = Math.max(1, inspection.measures.duration);
    this.moments = moments;
    this.chooseMoment = chooseMoment;
    this.lanes = laneOrder(inspection.measures.channels).map((channel) => ({ channel, peaks: readPeaks(number, channel.channel) }));
    this.hasPeaks = this.lanes.some((lane) => lane.peaks);
    this.gain = this.commonGain();
    this.window = { start: 0, end: this.length };
    /** @type {Moment|null} */
    this.chosen = null;
    this.element = this.build();
    this.resize = new ResizeObserver(() => this.draw());
    this.resize.observe(this.element);
  }

  close() {
    this.resize.disconnect();
  }

  /** Makes the loudest passages fill the lanes; both lanes alike, so that a faint party looks faint. */
  commonGain() {
    const tops = this.lanes.map(({ peaks }) => {
      if (!peaks || peaks.peaks.length === 0) return 0;
      const histogram = new Uint32Array(256);
      for (const peak of peaks.peaks) histogram[peak] += 1;
      let rest = Math.ceil(peaks.peaks.length * 0.005);
      let level = 255;
      while (level > 0 && rest > histogram[level]) rest -= histogram[level--];
      return level;
    });
    return 1 / Math.max(8, ...tops);
  }

  build() {
    const lanesHeight = Math.max(1, this.lanes.length) * (LANE.height + LANE.gap) - LANE.gap;
    this.canvas = h('canvas', { class: 'lanes-canvas', 'aria-hidden': 'true' });
    this.ruler = h('canvas', { class: 'ruler-canvas', 'aria-hidden': 'true' });
    this.map = h('canvas', { class: 'map-canvas', 'aria-hidden': 'true' });
    this.markers = h('div', { class: 'markers', role: 'group', 'aria-label': t('flagged') });
    this.playhead = h('div', { class: 'playhead', 'aria-hidden': 'true' });
    this.hover = h('div', { class: 'hover-line', 'aria-hidden': 'true', hidden: true }, h('span'));
    this.slider = h(
      'div',
      {
        class: 'lanes', role: 'slider', tabindex: 0, 'data-focus': 'time-line', 'aria-label': t('timeline_label'),
        'aria-valuemin': 0, 'aria-valuemax': Math.round(this.length / 1000),
        style: { '--lanes-height': `${lanesHeight}px`, '--lane-height': `${LANE.height}px`, '--lane-gap': `${LANE.gap}px` },
        on: {
          pointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
          pointermove: (/** @type {PointerEvent} */ event) => this.point(event),
          pointerleave: () => { if (this.hover) this.hover.hidden = true; },
          wheel: (/** @type {WheelEvent} */ event) => this.wheel(event),
        },
      },
      this.canvas,
      this.lanes.map(({ channel }, i) => h('span', { class: `lane-name ${channel.role}`, style: { '--lane': i }, 'aria-hidden': 'true' }, channel.role === 'unknown' ? channelText(channel.channel) : t(channel.role))),
      this.hover,
      this.playhead,
    );
    this.mapHolder = h('div', { class: 'map', hidden: true, 'aria-hidden': 'true', on: { pointerdown: (/** @type {PointerEvent} */ event) => this.pressMap(event), pointermove: (/** @type {PointerEvent} */ event) => event.buttons === 1 && this.pressMap(event) } }, this.map);
    return h('div', { class: 'time-line' }, this.markers, this.slider, this.ruler, this.mapHolder);
  }

  /** @param {number} ms */
  share(ms) {
    return (ms - this.window.start) / (this.window.end - this.window.start);
  }

  /** @param {MouseEvent} event @param {HTMLElement} [element] */
  timeAt(event, element = this.slider) {
    const box = /** @type {HTMLElement} */ (element).getBoundingClientRect();
    const share = clamp((event.clientX - box.left) / Math.max(1, box.width), 0, 1);
    return this.window.start + share * (this.window.end - this.window.start);
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    this.player.seek(this.timeAt(event), { play: true });
  }

  /** @param {PointerEvent} event */
  point(event) {
    const hover = /** @type {HTMLElement} */ (this.hover);
    if (event.pointerType === 'touch') return;
    const time = this.timeAt(event);
    hover.hidden = false;
    hover.style.setProperty('left', `${this.share(time) * 100}%`);
    hover.classList.toggle('left-side', this.share(time) > 0.9);
    /** @type {HTMLElement} */ (hover.firstElementChild).textContent = clock(time, true);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const length = this.window.end - this.window.start;
    if (event.ctrlKey || event.metaKey) this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event));
    else if (length < this.length && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) this.show(this.window.start + ((event.deltaX || event.deltaY) / 600) * length, length);
    else return;
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  pressMap(event) {
    const box = /** @type {HTMLElement} */ (this.mapHolder).getBoundingClientRect();
    const length = this.window.end - this.window.start;
    this.show(((event.clientX - box.left) / Math.max(1, box.width)) * this.length - length / 2, length);
  }

  /** @param {number} factor @param {number} [around] */
  zoom(factor, around = this.player.time) {
    const before = this.window.end - this.window.start;
    const length = clamp(before * factor, Math.min(SHORTEST_WINDOW_MS, this.length), this.length);
    const anchor = around >= this.window.start && around <= this.window.end ? around : (this.window.start + this.window.end) / 2;
    this.show(anchor - ((anchor - this.window.start) / before) * length, length);
  }

  /** @param {number} start @param {number} length */
  show(start, length) {
    const from = clamp(start, 0, this.length - length);
    this.window = { start: from, end: from + length };
    this.draw();
  }

  showAll() {
    this.show(0, this.length);
  }

  /** @param {Moment|null} moment */
  choose(moment) {
    this.chosen = moment;
    if (moment && (this.share(moment.span.start) < 0 || this.share(moment.span.start) > 1)) this.show(moment.span.start - (this.window.end - this.window.start) / 4, this.window.end - this.window.start);
    else this.draw();
  }

  /** Moves the playhead; while the sound runs, a zoomed window turns its pages. */
  movePlayhead() {
    const length = this.window.end - this.window.start;
    const share = this.share(this.player.time);
    if (length < this.length && (share > 0.95 || share < 0) && this.player.playing) this.show(this.player.time - length * 0.1, length);
    const shown = this.share(this.player.time);
    const playhead = /** @type {HTMLElement} */ (this.playhead);
    playhead.hidden = shown < 0 || shown > 1;
    playhead.style.setProperty('left', `${clamp(shown, 0, 1) * 100}%`);
    const slider = /** @type {HTMLElement} */ (this.slider);
    slider.setAttribute('aria-valuenow', String(Math.round(this.player.time / 1000)));
    slider.setAttribute('aria-valuetext', t('timeline_value', { time: clock(this.player.time), length: clock(this.length) }));
  }

  draw() {
    const width = /** @type {HTMLElement} */ (this.slider).clientWidth;
    if (width === 0) return;
    this.drawLanes(width);
    this.drawRuler(width);
    this.drawMap(width);
    this.placeMarkers(width);
    this.movePlayhead();
  }

  /** A canvas of this size in device pixels, cleared. @param {HTMLCanvasElement|undefined} canvas @param {number} width @param {number} height */
  surface(canvas, width, height) {
    const element = /** @type {HTMLCanvasElement} */ (canvas);
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
    context.scale(ratio, ratio);
    return context;
  }

  /** @param {number} width */
  drawLanes(width) {
    const height = Math.max(1, this.lanes.length) * (LANE.height + LANE.gap) - LANE.gap;
    const context = this.surface(this.canvas, width, height);
    const band = (/** @type {Span} */ span) => /** @type {[number, number]} */ ([this.share(span.start) * width, Math.max(1, ((span.end - span.start) / (this.window.end - this.window.start)) * width)]);
    const visible = (/** @type {Span} */ span) => span.end > this.window.start && span.start < this.window.end;
    this.lanes.forEach(({ channel }, i) => {
      const top = i * (LANE.height + LANE.gap);
      context.fillStyle = colour('lane');
      context.fillRect(0, top, width, LANE.height);
      context.fillStyle = colour(`${channel.role}-tint`);
      for (const span of channel.speech.filter(visible)) {
        const [x, w] = band(span);
        context.fillRect(x, top, w, LANE.height);
      }
    });
    context.fillStyle = this.hatch(context);
    for (const span of this.measures.mutual_silences.filter(visible)) context.fillRect(band(span)[0], 0, band(span)[1], height);
    context.fillStyle = colour('talk-over-band');
    for (const talkOver of this.measures.talk_overs.filter((/** @type {any} */ each) => visible(each.span))) {
      context.fillRect(band(talkOver.span)[0], 0, Math.max(2, band(talkOver.span)[1]), height);
    }
    this.lanes.forEach((lane, i) => this.drawLane(context, lane, i * (LANE.height + LANE.gap), LANE.height, width, this.window));
    if (this.chosen) {
      const [x, w] = band(this.chosen.span);
      context.strokeStyle = colour(this.chosen.rule.severity);
      context.lineWidth = 2;
      context.strokeRect(x, 1, Math.max(w, 3), height - 2);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  hatch(context) {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 8;
    const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'));
    pen.strokeStyle = colour('hatch');
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    return context.createPattern(tile, 'repeat') ?? colour('hatch');
  }

  /** One channel's waveform, or bars of speech where the report has no peaks. @param {CanvasRenderingContext2D} context @param {{channel: any, peaks: Peaks|null}} lane @param {number} top @param {number} height @param {number} width @param {Span} window */
  drawLane(context, { channel, peaks }, top, height, width, window) {
    const perPixel = (window.end - window.start) / width;
    const middle = top + height / 2;
    const speaking = colour(channel.role);
    if (!peaks) {
      context.fillStyle = speaking;
      for (const span of channel.speech) {
        if (span.end > window.start && span.start < window.end) context.fillRect((span.start - window.start) / perPixel, middle - height * 0.2, Math.max(1, (span.end - span.start) / perPixel), height * 0.4);
      }
      return;
    }
    const other = colour('other-sound');
    let next = 0;
    for (let x = 0; x < width; x += 1) {
      const from = window.start + x * perPixel;
      const peak = peakBetween(peaks, from, from + perPixel);
      while (next < channel.speech.length && channel.speech[next].end <= from) next += 1;
      const inside = next < channel.speech.length && channel.speech[next].start < from + perPixel;
      const half = Math.max(0.5, Math.min(1, peak * this.gain) * (height / 2 - 3));
      context.fillStyle = inside ? speaking : other;
      context.fillRect(x, middle - half, 1, 2 * half);
    }
  }

  /** @param {number} width */
  drawRuler(width) {
    const context = this.surface(this.ruler, width, RULER_HEIGHT);
    const length = this.window.end - this.window.start;
    const step = 1000 * (TICKS.find((seconds) => (seconds * 1000 * width) / length >= 72) ?? TICKS[TICKS.length - 1]);
    context.fillStyle = colour('quiet');
    context.strokeStyle = colour('line');
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    for (let time = Math.ceil(this.window.start / step) * step; time <= this.window.end; time += step) {
      const x = this.share(time) * width;
      context.beginPath();
      context.moveTo(x + 0.5, 0);
      context.lineTo(x + 0.5, 5);
      context.stroke();
      const text = clock(time, step < 1000);
      const textWidth = context.measureText(text).width;
      context.fillText(text, clamp(x - textWidth / 2, 0, width - textWidth), 16);
    }
  }

  /** The whole call in small, with the window in it. @param {number} width */
  drawMap(width) {
    const zoomed = this.window.end - this.window.start < this.length - 0.5;
    /** @type {HTMLElement} */ (this.mapHolder).hidden = !zoomed;
    if (!zoomed) return;
    const height = 28;
    const context = this.surface(this.map, width, height);
    const each = height / this.lanes.length;
    this.lanes.forEach((lane, i) => this.drawLane(context, lane, i * each, each, width, { start: 0, end: this.length }));
    context.strokeStyle = colour('text');
    context.lineWidth = 2;
    const x = (this.window.start / this.length) * width;
    context.strokeRect(x + 1, 1, Math.max(4, ((this.window.end - this.window.start) / this.length) * width - 2), height - 2);
  }

  /**
   * Puts a button above each finding's moment; crowded ones go up a row, and where the rows are
   * full one button stands for several and zooms in.
   * @param {number} width
   */
  placeMarkers(width) {
    /** @type {{moment: Moment, at: number, more: number}[][]} */
    const rows = Array.from({ length: MARKER.rows }, () => []);
    for (const moment of this.moments) {
      const x = this.share(moment.span.start) * width;
      if (x < -MARKER.width || x > width) continue;
      const at = clamp(x, MARKER.width / 2, width - MARKER.width / 2);
      const free = rows.find((row) => row.length === 0 || row[row.length - 1].at + MARKER.width <= at);
      if (free) {
        free.push({ moment, at, more: 0 });
      } else {
        const top = rows[rows.length - 1];
        top[top.length - 1].more += 1;
      }
    }
    const buttons = rows.flatMap((row, level) => row.map(({ moment, at, more }) => this.marker(moment, { left: `${at}px`, bottom: `${level * MARKER.row}px` }, more)));
    buttons.sort((a, b) => Number.parseFloat(a.style.left) - Number.parseFloat(b.style.left));
    keepFocus(() => this.markers?.replaceChildren(...buttons));
    this.markers?.style.setProperty('height', `${rows.filter((row) => row.length > 0).length * MARKER.row}px`);
  }

  /** @param {Moment} moment @param {Record<string, string>} style @param {number} more how many further findings it stands for */
  marker(moment, style, more) {
    if (more > 0) {
      const label = t('markers_more', { count: more + 1 });
      return h('button', { type: 'button', class: 'marker more', title: label, 'aria-label': `+${more + 1} ${label}`, style, on: { click: () => this.zoom(0.25, moment.span.start) } }, `+${more + 1}`);
    }
    const label = t('marker_label', { rule: ownLanguage(moment.rule.rule_name), time: clock(moment.span.start, true), text: evidenceText(moment) });
    return h('button', {
      type: 'button', class: `marker ${moment.rule.severity}${moment.id === this.chosen?.id ? ' chosen' : ''}`, title: label, 'aria-label': label, 'data-focus': `marker-${moment.id}`,
      style, on: { click: () => this.chooseMoment(moment) },
    }, icon(moment.rule.severity));
  }
}
