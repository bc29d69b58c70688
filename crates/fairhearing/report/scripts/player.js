// @ts-check
// The call's clock: the sound where the report has it, else a marker that the reader moves.

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** A silence shorter than this is not worth a jump. */
const SKIPPED_SILENCE_MS = 1000;

/** Where a skipped silence is left again: a little before the next word. */
const SKIP_LEAD_MS = 250;

class Player {
  /** @param {number} number @param {Inspection} inspection */
  constructor(number, inspection) {
    this.length = inspection.measures.duration;
    /** @type {Span[]} */
    this.silences = inspection.measures.mutual_silences.filter((/** @type {Span} */ span) => span.end - span.start >= SKIPPED_SILENCE_MS);
    /** @type {Set<(change: 'time'|'state') => void>} */
    this.listeners = new Set();
    this.time = 0;
    this.refused = false;
    this.skipSilence = false;
    this.listening = 'recorded';
    /** @type {HTMLAudioElement|null} */
    this.audio = null;
    /** @type {{context: AudioContext, source: MediaElementAudioSourceNode}|null} */
    this.graph = null;
    const blob = readAudio(number);
    this.mediaType = blob?.type ?? '';
    if (blob) this.load(blob);
  }

  /** @param {Blob} blob */
  load(blob) {
    this.address = URL.createObjectURL(blob);
    const audio = new Audio();
    audio.preload = 'auto';
    // A voice at another speed should not turn into a cartoon.
    audio.preservesPitch = true;
    audio.src = this.address;
    audio.addEventListener('play', () => this.follow());
    audio.addEventListener('pause', () => this.tell('state'));
    audio.addEventListener('ended', () => this.tell('state'));
    audio.addEventListener('seeked', () => this.readTime());
    audio.addEventListener('error', () => {
      this.refused = true;
      this.tell('state');
    });
    this.audio = audio;
  }

  get playing() {
    return Boolean(this.audio && !this.audio.paused && !this.audio.ended);
  }

  get canPlay() {
    return Boolean(this.audio) && !this.refused;
  }

  get speed() {
    return this.audio?.playbackRate ?? 1;
  }

  set speed(rate) {
    if (this.audio) this.audio.playbackRate = rate;
    this.tell('state');
  }

  /** @param {'time'|'state'} change */
  tell(change) {
    for (const listener of this.listeners) listener(change);
  }

  readTime() {
    if (!this.audio) return;
    this.time = clamp(this.audio.currentTime * 1000, 0, this.length);
    this.tell('time');
  }

  /** Reads the time at every frame while the sound runs. */
  follow() {
    this.tell('state');
    const step = () => {
      if (!this.playing) return;
      this.readTime();
      this.jumpOverSilence();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  jumpOverSilence() {
    if (!this.skipSilence || !this.audio || this.audio.seeking) return;
    const silence = this.silences.find((span) => span.start <= this.time && this.time < span.end - 2 * SKIP_LEAD_MS);
    if (silence) this.audio.currentTime = (silence.end - SKIP_LEAD_MS) / 1000;
  }

  /** Goes to a moment; with `play`, the sound starts there. @param {number} ms @param {{play?: boolean}} [options] */
  seek(ms, { play = false } = {}) {
    this.time = clamp(ms, 0, this.length);
    if (this.audio && !this.refused) this.audio.currentTime = this.time / 1000;
    this.tell('time');
    if (play) this.play();
  }

  play() {
    if (!this.canPlay || !this.audio) return;
    if (this.time >= this.length - 50) this.audio.currentTime = 0;
    this.graph?.context.resume();
    // A browser may refuse to start without a gesture; the button then still shows "play".
    this.audio.play().catch(() => this.tell('state'));
  }

  pause() {
    this.audio?.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** @param {1|-1} direction */
  changeSpeed(direction) {
    const at = SPEEDS.indexOf(this.speed);
    this.speed = SPEEDS[clamp((at < 0 ? 2 : at) + direction, 0, SPEEDS.length - 1)];
  }

  toggleSkipSilence() {
    this.skipSilence = !this.skipSilence;
    this.tell('state');
  }

  /** Routes the channels: `recorded`, `both` in the middle, or one channel by its number. @param {string} choice */
  listenTo(choice) {
    this.listening = choice;
    if (!this.audio || (choice === 'recorded' && !this.graph)) return;
    this.graph ??= this.makeGraph(this.audio);
    const { context, source } = this.graph;
    source.disconnect();
    if (choice === 'recorded') {
      source.connect(context.destination);
    } else {
      const splitter = context.createChannelSplitter(2);
      const middle = context.createGain();
      middle.channelCount = 1;
      middle.channelCountMode = 'explicit';
      source.connect(splitter);
      for (const channel of choice === 'both' ? [0, 1] : [Number(choice)]) splitter.connect(middle, channel);
      middle.connect(context.destination);
    }
    this.tell('state');
  }

  /** @param {HTMLAudioElement} audio */
  makeGraph(audio) {
    const context = new AudioContext();
    return { context, source: context.createMediaElementSource(audio) };
  }

  close() {
    this.pause();
    this.listeners.clear();
    this.graph?.context.close();
    if (this.address) URL.revokeObjectURL(this.address);
  }
}
