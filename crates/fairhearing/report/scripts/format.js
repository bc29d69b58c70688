// @ts-check
// Numbers, times and names as people read them.

/** A moment as on a player's clock: `3:07`, `1:02:09`; with `tenths`, `3:07.4`. @param {number} ms @param {boolean} [tenths] */
function clock(ms, tenths = false) {
  const unit = tenths ? 100 : 1000;
  const whole = Math.floor(ms / unit);
  const seconds = Math.floor(tenths ? whole / 10 : whole);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, '0') + (tenths ? `.${whole % 10}` : '');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A length on a clock, to the nearest second, as in the program's tables. @param {number} ms */
function lengthClock(ms) {
  return clock(Math.round(ms / 1000) * 1000);
}

/** A length in words: `12.5 s`, `4 min 10 s`, `3 h 12 min`. @param {number} ms */
function lengthText(ms) {
  if (ms < 60_000) return t('seconds', { seconds: number(ms / 1000, ms < 10_000 ? 2 : 1) });
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return t('minutes_seconds', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
  const minutes = Math.round(seconds / 60);
  return t('hours_minutes', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** At most `digits` decimals, with a true minus sign. @param {number} value @param {number} [digits] */
function number(value, digits = 0) {
  return value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: digits }).replace('-', '\u2212');
}

/** @param {number} share 0 to 1 @param {number} [digits] */
function percent(share, digits = 0) {
  return t('percent', { number: number(share * 100, digits) });
}

/** Points with their sign: `−20`, `+5`. @param {number} points */
function signed(points) {
  return (points > 0 ? '+' : '') + number(points, 2);
}

/** Units per minute from thousandths. @param {number} thousandths */
function rateText(thousandths) {
  return number(thousandths / 1000, 0);
}

/** What a speed counts: Chinese characters, or words. @param {string|null|undefined} spoken the call's language @param {boolean} [short] where there is little room */
function speedUnit(spoken, short = false) {
  if (spoken !== 'zh_CN') return t('unit_words');
  return short ? t('unit_characters_short') : t('unit_characters');
}

/**
 * The part of a rule's text that is in the reader's language; rules give both as `English / 中文`.
 * @param {string} text
 */
function ownLanguage(text) {
  const at = text.indexOf(' / ');
  if (at < 0) return text;
  const [english, chinese] = [text.slice(0, at), text.slice(at + 3)];
  if (HAN.test(english) || !HAN.test(chinese)) return text;
  return language === 'zh' ? chinese : english;
}

const HAN = /\p{Script=Han}/u;

/** @param {Role|null|undefined} role */
function roleText(role) {
  return role ? t(role) : t('anybody');
}

/** A channel as people count it, with its speaker where known. @param {number} channel @param {Role} [role] */
function channelText(channel, role) {
  return role && role !== 'unknown' ? t('channel_of', { number: channel + 1, who: t(role) }) : t('channel_number', { number: channel + 1 });
}

/** `en` or `zh-CN` for the `lang` attribute of words in a call's language. @param {string|null|undefined} code */
function langAttribute(code) {
  return code ? code.replace('_', '-') : null;
}

/** @param {number[]} values @returns {number|null} by the nearest rank, as everywhere in Fairhearing */
function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length / 2), 1) - 1];
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
