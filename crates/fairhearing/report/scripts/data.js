// @ts-check
// What the page holds: JSON in data blocks, written by `src/report`. The overview is read at once,
// a call only when it is opened.

/** @typedef {{start: number, end: number}} Span in milliseconds from the start of the recording */
/** @typedef {'agent'|'customer'|'unknown'} Role */
/** @typedef {'info'|'normal'|'critical'} Severity */
/** @typedef {{role: Role, ratio: number, rate: number|null, lufs: number|null}} RowChannel */
/** @typedef {{scenario: number, score: number, flagged: number[], left_open: number}} RowCard `left_open`: rules that apply and could not be evaluated */
/**
 * @typedef {object} Row
 * @property {string} key @property {string} file @property {string|null} call_id
 * @property {string|null} agent @property {string|null} skill_group @property {string|null} begin
 * @property {string|null} language @property {number} duration @property {boolean} partial
 * @property {boolean} has_audio @property {boolean} has_transcript @property {string[]} warnings
 * @property {RowChannel[]} channels @property {number} silence @property {number} longest_silence
 * @property {number} talk_over @property {number} talk_overs @property {RowCard[]} cards
 */
/** @typedef {{id: string, name: string, severity: Severity, points: number}} Rule */
/** @typedef {{id: string, name: string, lower: number, upper: number}} Scenario */
/** @typedef {{file: string, code: string, message: string}} Failure */
/** @typedef {Record<string, any>} Lineage */
/**
 * @typedef {object} ReportIndex
 * @property {string} title @property {'en'|'zh'} language @property {Row[]} rows
 * @property {Rule[]} rules @property {Scenario[]} scenarios @property {Failure[]} failures
 * @property {Lineage[]} lineages
 */
/** @typedef {Record<string, any>} Inspection the published JSON of one call */
/** @typedef {{bucket: number, peaks: Uint8Array}} Peaks */

/** @param {string} id */
function readJson(id) {
  const block = document.getElementById(id);
  if (!block) throw new Error(`no data block ${id}`);
  return JSON.parse(block.textContent ?? '');
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function bytesOfBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** @type {ReportIndex} */
const REPORT = readJson('index');

/** @param {number} number @returns {Inspection} */
function readCall(number) {
  return readJson(`call-${number}`);
}

/** The peaks of one channel, or null where the report has none. @param {number} number @param {number} channel @returns {Peaks|null} */
function readPeaks(number, channel) {
  const block = document.getElementById(`peaks-${number}-${channel}`);
  if (!block) return null;
  return { bucket: Number(block.dataset.bucket), peaks: bytesOfBase64(block.textContent ?? '') };
}

/** The sound of a call as a file in memory, or null. @param {number} number @returns {Blob|null} */
function readAudio(number) {
  const block = document.getElementById(`audio-${number}`);
  if (!block) return null;
  return new Blob([bytesOfBase64(block.textContent ?? '')], { type: block.dataset.type });
}

/** What the reader chose last time; a browser may refuse to keep it. @param {string} name */
function remembered(name) {
  try {
    return localStorage.getItem(`fairhearing.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function remember(name, value) {
  try {
    localStorage.setItem(`fairhearing.${name}`, value);
  } catch {
    // Private windows and some file viewers keep nothing; the choice then lasts while the page is open.
  }
}
