// @ts-check
// One call: its facts, the time line with the player, the transcript, the score cards, the measures.

const STEP_MS = 5000;
const SMALL_STEP_MS = 1000;

class CallPage {
  /** @param {number} number @param {Inspection} inspection @param {Player} player */
  constructor(number, inspection, player) {
    this.number = number;
    this.row = REPORT.rows[number];
    this.inspection = inspection;
    this.player = player;
    this.allMoments = allMoments(inspection);
    this.moments = flaggedMoments(this.allMoments);
    /** @type {Moment|null} */
    this.chosen = null;
    const choose = (/** @type {Moment} */ moment) => this.chooseMoment(moment);
    this.timeLine = new TimeLine(number, inspection, player, this.moments, choose);
    this.transcript = new TranscriptView(inspection, player, this.allMoments, choose);
    this.listener = (/** @type {'time'|'state'} */ change) => this.playerChanged(change);
    player.listeners.add(this.listener);
    this.element = this.build(choose);
    this.playerChanged('state');
    this.playerChanged('time');
    this.playerSize = new ResizeObserver(([entry]) => document.documentElement.style.setProperty('--player-height', `${entry.target.getBoundingClientRect().height}px`));
    this.playerSize.observe(/** @type {HTMLElement} */ (this.element.querySelector('.player')));
  }

  close() {
    this.player.listeners.delete(this.listener);
    this.timeLine.close();
    this.playerSize.disconnect();
    document.documentElement.style.removeProperty('--player-height');
  }

  /** @param {(moment: Moment) => void} choose */
  build(choose) {
    const { inspection } = this;
    const cards = inspection.score_cards.map((/** @type {any} */ card, /** @type {number} */ i) => scoreCard(card, i, this.allMoments, choose));
    return h(
      'main',
      { id: 'main', class: 'call', tabindex: -1 },
      this.neighbours(),
      this.facts(),
      cautions(inspection),
      (this.soundNotice = h('p', { class: 'quiet sound-notice' })),
      this.playerPanel(),
      h('div', { class: 'call-columns' },
        h('div', { class: 'cards' }, cards.length > 0 ? cards : h('section', { class: 'panel' }, h('p', { class: 'empty' }, t('no_score_card')))),
        this.transcript.element,
        h('div', { class: 'aside' }, measuresPanel(inspection, this.player), lineagePanel(inspection)),
      ),
      footer(),
    );
  }

  neighbours() {
    const order = orderedRows();
    const at = order.indexOf(this.row);
    const link = (/** @type {Row|undefined} */ row, /** @type {string} */ label, /** @type {string} */ sign, /** @type {boolean} */ after) =>
      h('a', { class: `button${row ? '' : ' off'}`, href: row ? callLink(row) : null, 'aria-disabled': row ? null : 'true', role: row ? null : 'link', 'aria-label': label, title: label }, !after && icon(sign), h('span', { class: 'wide-only' }, label), after && icon(sign));
    return h('nav', { class: 'neighbours', 'aria-label': t('calls') },
      h('a', { class: 'button', href: '#' }, icon('back'), t('back')),
      at >= 0 && h('span', { class: 'quiet' }, t('call_position', { position: at + 1, all: order.length })),
      at >= 0 && link(order[at - 1], t('previous_call'), 'back', false),
      at >= 0 && link(order[at + 1], t('next_call'), 'forward', true));
  }

  facts() {
    const { call, recording, measures, transcript, score_cards: cards } = this.inspection;
    const direction = call.direction && (hasText(call.direction) && ['inbound', 'outbound'].includes(call.direction) ? t(call.direction) : call.direction);
    const agent = [call.agent_name, call.agent_id].filter(Boolean).join(' · ');
    /** @type {[string, any][]} */
    const facts = [
      ['call_agent', agent],
      ['call_group', call.skill_group],
      ['call_begin', call.begin_time?.replace('T', ' ')],
      ['call_length', clock(measures.duration, true)],
      ['call_direction', direction],
      ['call_language', this.row.language && hasText(this.row.language) ? t(this.row.language) : this.row.language],
      ['call_file', recording.file_name],
      ['call_format', `${recording.format}, ${number(recording.sample_rate_hz / 1000, 2)} kHz, ${recording.channels} ch`],
      ...Object.entries(call.attributes ?? {}),
    ];
    void transcript;
    const open = Math.max(0, ...cards.map((/** @type {any} */ card) => card.findings.filter(isLeftOpen).length));
    const score = cards.length > 0 ? Math.min(...cards.map((/** @type {any} */ card) => card.score)) : null;
    return h('header', { class: 'call-head' },
      h('div', { class: 'call-name' },
        h('h1', {}, foreign(call.call_id || recording.file_name)),
        badges(this.row),
        h('dl', { class: 'facts' }, facts.filter(([, value]) => value).map(([key, value]) => h('div', {}, h('dt', {}, hasText(key) ? t(key) : foreign(key)), h('dd', {}, foreign(String(value))))))),
      score !== null && h('p', { class: 'big-score' }, h('span', { class: 'quiet' }, t('column_score')), h('strong', {}, scoreText(score, open))));
  }

  playerPanel() {
    const { player } = this;
    this.playButton = button({ label: t('play'), icon: 'play', text: true, className: 'primary play', attributes: { 'data-focus': 'play', disabled: !player.canPlay }, act: () => player.toggle() });
    this.clock = h('span', { class: 'clock' });
    this.notice = h('p', { role: 'status' });
    const walk = (/** @type {1|-1} */ direction) => this.walk(direction);
    const withSound = player.canPlay;
    return h(
      'section',
      { class: 'player', 'aria-label': t('player') },
      h('div', { class: 'controls' },
        this.playButton,
        button({ label: t('previous_finding'), icon: 'previous', attributes: { disabled: this.moments.length === 0, 'data-focus': 'previous' }, act: () => walk(-1) }),
        button({ label: t('next_finding'), icon: 'next', attributes: { disabled: this.moments.length === 0, 'data-focus': 'next' }, act: () => walk(1) }),
        this.clock,
        withSound && this.soundSettings(),
        h('span', { class: 'spacer' }),
        h('span', { class: 'button-group' },
          button({ label: t('zoom_out'), icon: 'minus', attributes: { 'data-focus': 'zoom-out' }, act: () => this.timeLine.zoom(2) }),
          button({ label: t('zoom_all'), text: true, className: 'zoom-all', attributes: { 'data-focus': 'zoom-all' }, act: () => this.timeLine.showAll() }),
          button({ label: t('zoom_in'), icon: 'plus', attributes: { 'data-focus': 'zoom-in' }, act: () => this.timeLine.zoom(0.5) })),
        button({ label: t('link_here'), icon: 'link', className: 'wide-only', attributes: { 'data-focus': 'link' }, act: () => this.linkHere() }),
        button({ label: t('shortcuts'), icon: 'keys', className: 'wide-only', attributes: { 'data-focus': 'keys' }, act: () => showKeys() })),
      this.timeLine.element,
      h('div', { class: 'under-line' }, this.legend(), this.notice),
    );
  }

  soundSettings() {
    const { player, inspection } = this;
    const twoChannels = inspection.recording.channels === 2 && inspection.measures.channels.length === 2;
    const listen = /** @type {[string, string][]} */ ([['recorded', t('listen_recorded')], ['both', t('listen_both')], ...laneOrder(inspection.measures.channels).map((channel) => [String(channel.channel), channel.role === 'unknown' ? channelText(channel.channel) : t(channel.role)])]);
    this.speedSelect = select(t('speed'), String(player.speed), SPEEDS.map((speed) => [String(speed), `${speed}×`]), (value) => { player.speed = Number(value); }, 'speed');
    this.skipBox = h('input', { type: 'checkbox', checked: player.skipSilence, 'data-focus': 'skip', on: { change: () => player.toggleSkipSilence() } });
    return [this.speedSelect, h('label', { class: 'toggle' }, this.skipBox, t('skip_silence')), twoChannels && select(t('listen_to'), player.listening, listen, (value) => player.listenTo(value), 'listen')];
  }

  legend() {
    const roles = [...new Set(laneOrder(this.inspection.measures.channels).map((channel) => channel.role))];
    const sample = (/** @type {string} */ className, /** @type {string} */ text) => h('span', {}, h('i', { class: `swatch ${className}` }), text);
    return h('p', { class: 'legend', 'aria-hidden': 'true' }, roles.map((role) => sample(role, role === 'unknown' ? t('legend_voice') : t('legend_speech', { who: t(role) }))), this.timeLine.hasPeaks && sample('other-sound', t('legend_level')), sample('silence', t('legend_silence')), sample('talk-over', t('legend_talk_over')));
  }

  /** What the reader should be told about the sound. */
  standingNotice() {
    const notes = [];
    if (!this.player.audio) notes.push(t('no_audio'));
    else if (this.player.refused) notes.push(t('audio_refused', { type: this.player.mediaType }));
    if (!this.timeLine.hasPeaks) notes.push(t('no_waveform'));
    return notes.join(' ');
  }

  /** @param {'time'|'state'} change */
  playerChanged(change) {
    const { player } = this;
    if (change === 'time') {
      if (this.clock) this.clock.textContent = `${clock(player.time, true)} / ${clock(player.length, true)}`;
      this.timeLine.movePlayhead();
      this.transcript.follow();
      return;
    }
    const label = t(player.playing ? 'pause' : 'play');
    if (this.playButton) {
      this.playButton.setAttribute('aria-label', label);
      this.playButton.replaceChildren(icon(player.playing ? 'pause' : 'play'), h('span', {}, label));
      this.playButton.disabled = !player.canPlay;
    }
    const speed = this.speedSelect?.querySelector('select');
    if (speed) speed.value = String(player.speed);
    if (this.skipBox) this.skipBox.checked = player.skipSilence;
    if (this.soundNotice) this.soundNotice.textContent = this.standingNotice();
  }

  /** Goes to a finding's moment and plays it. @param {Moment} moment */
  chooseMoment(moment) {
    this.chosen = moment;
    this.player.seek(moment.span.start, { play: true });
    this.timeLine.choose(moment);
    this.transcript.showMoment(moment);
    for (const item of this.element.querySelectorAll('[data-evidence]')) item.classList.toggle('chosen', item.getAttribute('data-evidence') === moment.id);
    const item = this.element.querySelector(`[data-evidence="${CSS.escape(moment.id)}"]`);
    const fold = item?.closest('details');
    if (fold) fold.open = true;
    const box = item?.getBoundingClientRect();
    // On a wide page the card stands beside the transcript and may be brought into view; on a
    // narrow one that would take the reader away from where they pressed.
    if (item && box && matchMedia('(min-width: 1100px)').matches && (box.top < 0 || box.bottom > innerHeight)) item.scrollIntoView({ block: 'nearest', behavior: calmly() });
  }

  /** To the next or previous finding from here. @param {1|-1} direction */
  walk(direction) {
    if (this.moments.length === 0) return;
    const at = this.chosen ? this.moments.findIndex((moment) => moment.id === this.chosen?.id) : -1;
    if (at >= 0) {
      this.chooseMoment(this.moments[(at + direction + this.moments.length) % this.moments.length]);
      return;
    }
    const ahead = this.moments.filter((moment) => (direction > 0 ? moment.span.start >= this.player.time : moment.span.start < this.player.time));
    const found = direction > 0 ? ahead[0] : ahead[ahead.length - 1];
    this.chooseMoment(found ?? this.moments[direction > 0 ? 0 : this.moments.length - 1]);
  }

  async linkHere() {
    const time = this.player.time;
    const hash = `#${new URLSearchParams({ call: this.row.key, t: (time / 1000).toFixed(1) })}`;
    history.replaceState(null, '', hash);
    let copied = true;
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      copied = false;
    }
    if (this.notice) this.notice.textContent = t(copied ? 'link_copied' : 'link_shown', { time: clock(time, true) });
  }

  /** Keys of the call page; true where one was used. @param {KeyboardEvent} event @returns {boolean} */
  key(event) {
    const { player } = this;
    const step = event.shiftKey ? SMALL_STEP_MS : STEP_MS;
    const moves = /** @type {Record<string, () => void>} */ ({
      ' ': () => player.toggle(),
      ArrowLeft: () => player.seek(player.time - step),
      ArrowRight: () => player.seek(player.time + step),
      Home: () => player.seek(0),
      End: () => player.seek(player.length),
      Escape: () => { location.hash = ''; },
    });
    const letters = /** @type {Record<string, () => void>} */ ({
      j: () => this.walk(1),
      k: () => this.walk(-1),
      '[': () => player.changeSpeed(-1),
      ']': () => player.changeSpeed(1),
      s: () => player.toggleSkipSilence(),
      n: () => this.neighbour(1),
      p: () => this.neighbour(-1),
      '?': () => showKeys(),
    });
    const onTimeLine = event.target instanceof Element && event.target.closest('.lanes');
    if (event.key === 'Home' || event.key === 'End') {
      if (!onTimeLine) return false;
    }
    const act = moves[event.key] ?? (remembered('keys') === 'no' ? undefined : letters[event.key]);
    act?.();
    return Boolean(act);
  }

  /** @param {1|-1} direction */
  neighbour(direction) {
    const order = orderedRows();
    const row = order[order.indexOf(this.row) + direction];
    if (row) location.hash = callLink(row);
  }
}

/** The list of keys. */
function showKeys() {
  const keys = [['Space', 'key_space'], ['← →', 'key_arrows'], ['j k', 'key_jk'], ['[ ]', 'key_brackets'], ['s', 'key_s'], ['n p', 'key_np'], ['Esc', 'key_escape'], ['?', 'key_question']];
  const dialog = h('dialog', { class: 'keys', 'aria-labelledby': 'keys-title', on: { close: () => dialog.remove() } },
    h('h2', { id: 'keys-title' }, t('keys_title')),
    h('dl', {}, keys.map(([key, text]) => h('div', {}, h('dt', {}, key.split(' ').map((each) => h('kbd', {}, each))), h('dd', {}, t(text))))),
    h('label', { class: 'toggle' }, h('input', { type: 'checkbox', checked: remembered('keys') !== 'no', on: { change: (/** @type {Event} */ event) => remember('keys', /** @type {HTMLInputElement} */ (event.target).checked ? 'yes' : 'no') } }), t('keys_enabled')),
    button({ label: t('close'), text: true, className: 'primary', act: () => dialog.close() }));
  document.body.append(dialog);
  dialog.showModal();
}
