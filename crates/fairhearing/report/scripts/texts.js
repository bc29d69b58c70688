// @ts-check
// The page's own words, in both languages.

/** @type {Record<'en'|'zh', Record<string, string>>} */
const TEXTS = readJson('texts');

/** @type {'en'|'zh'} */
let language = remembered('language') === 'en' ? 'en' : remembered('language') === 'zh' ? 'zh' : REPORT.language;

/**
 * The text `key` in the reader's language, with `{name}` filled in. Where a text has two forms
 * parted by `|`, the first is for exactly one `count` (or `number`).
 * @param {string} key @param {Record<string, string|number>} [values]
 */
function t(key, values = {}) {
  const forms = (TEXTS[language][key] ?? key).split('|');
  const amount = values.count ?? values.number;
  const form = forms.length > 1 && Number(amount) !== 1 ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {string} key */
function hasText(key) {
  return key in TEXTS[language];
}
