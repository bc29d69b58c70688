// @ts-check
// Which page is open (the address says), the head of the page, keys, language and colours.

/** @type {{number: number, player: Player, page: CallPage}|null} */
let openCall = null;

/** Where the overview was left, to come back to. */
let overviewScroll = 0;

/** @type {string|null} */
let shownKey = null;

/** Draws the page that the address names. */
function route() {
  const address = new URLSearchParams(location.hash.slice(1));
  const key = address.get('call');
  const time = Number(address.get('t') ?? Number.NaN) * 1000;
  const number = key === null ? -1 : REPORT.rows.findIndex((row) => row.key === key);
  if (openCall && openCall.number === number) {
    if (Number.isFinite(time)) openCall.player.seek(time);
    return;
  }
  if (shownKey === null && openCall === null) overviewScroll = scrollY;
  const left = shownKey;
  closeCall();
  shownKey = key;
  if (key === null) showOverview(left);
  else showCall(key, number, time);
}

function closeCall() {
  openCall?.page.close();
  openCall?.player.close();
  openCall = null;
}

/** @param {HTMLElement} main @param {string} title */
function showPage(main, title) {
  document.title = title;
  /** @type {HTMLElement} */ (document.getElementById('page')).replaceChildren(pageHead(), main);
}

/** @param {string|null} [left] the call that the reader comes back from: its link gets the focus */
function showOverview(left = null) {
  showPage(overviewPage(), REPORT.title || t('title'));
  scrollTo(0, overviewScroll);
  const link = left === null ? null : document.querySelector(`[data-focus="${CSS.escape(`call-${left}`)}"]`);
  if (link instanceof HTMLElement) link.focus({ preventScroll: true });
}

/** @param {string} key @param {number} number @param {number} time */
function showCall(key, number, time) {
  if (number < 0) return showPage(problem(t('unknown_call', { key })), REPORT.title || t('title'));
  try {
    const inspection = readCall(number);
    const player = new Player(number, inspection);
    openCall = { number, player, page: new CallPage(number, inspection, player) };
    if (Number.isFinite(time)) player.seek(time);
  } catch (error) {
    return showPage(problem(t('unreadable_call', { reason: String(error) })), REPORT.title || t('title'));
  }
  showPage(openCall.page.element, `${key} – ${REPORT.title || t('title')}`);
  scrollTo(0, 0);
  openCall.page.element.focus({ preventScroll: true });
  openCall.page.timeLine.draw();
}

/** @param {string} text */
function problem(text) {
  return h('main', { id: 'main', class: 'problem', tabindex: -1 }, h('p', { class: 'notice' }, foreign(text)), h('a', { class: 'button', href: '#' }, t('back')));
}

function pageHead() {
  const theme = remembered('theme') ?? 'auto';
  return h(
    'header',
    { class: 'page-head' },
    h('a', { class: 'skip', href: '#main', on: { click: (/** @type {Event} */ event) => { event.preventDefault(); document.getElementById('main')?.focus(); } } }, t('skip_to_content')),
    h('a', { class: 'brand', href: '#', 'aria-label': `Fairhearing – ${t('overview')}` }, brandMark(), h('span', {}, 'Fairhearing')),
    h('span', { class: 'spacer' }),
    select(t('theme'), theme, [['auto', t('theme_auto')], ['light', t('theme_light')], ['dark', t('theme_dark')]], (value) => { remember('theme', value); applyTheme(value); }, 'theme'),
    button({ label: t('print'), icon: 'print', className: 'wide-only', attributes: { 'data-focus': 'print' }, act: () => print() }),
    h('button', { type: 'button', class: 'button', lang: language === 'zh' ? 'en' : 'zh-CN', 'aria-label': t('switch_language_label'), 'data-focus': 'language', on: { click: () => setLanguage(language === 'zh' ? 'en' : 'zh') } }, t('switch_language')),
  );
}

/** Two voices, one above and one below the line. */
function brandMark() {
  const above = [[2, 5], [6, 9], [10, 6], [14, 3]];
  const below = [[10, 3], [14, 6], [18, 9], [22, 4]];
  return s('svg', { class: 'brand-mark', viewBox: '0 0 26 24', 'aria-hidden': 'true' },
    above.map(([x, height]) => s('rect', { class: 'agent', x, y: 11 - height, width: 2.6, height, rx: 1.2 })),
    below.map(([x, height]) => s('rect', { class: 'customer', x: x - 1, y: 13, width: 2.6, height, rx: 1.2 })));
}

/** Draws the open page again in the other language; the sound plays on. @param {'en'|'zh'} wanted */
function setLanguage(wanted) {
  language = wanted;
  remember('language', wanted);
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
  const { scrollY: top } = window;
  keepFocus(() => {
    if (openCall) {
      openCall.page.close();
      openCall.page = new CallPage(openCall.number, openCall.page.inspection, openCall.player);
      showPage(openCall.page.element, document.title);
      openCall.page.timeLine.draw();
    } else if (shownKey === null) {
      showPage(overviewPage(), REPORT.title || t('title'));
    } else {
      shownKey = null;
      route();
    }
  });
  scrollTo(0, top);
}

const darkSystem = matchMedia('(prefers-color-scheme: dark)');

/** @param {string} choice */
function applyTheme(choice) {
  const dark = choice === 'dark' || (choice !== 'light' && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  openCall?.page.timeLine.draw();
}

/** @param {KeyboardEvent} event */
function keyDown(event) {
  if (!openCall || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
  const target = /** @type {Element} */ (event.target);
  if (target.closest('input:not([type=checkbox]), select, textarea')) return;
  // Space presses the button or box that has the focus; it plays everywhere else.
  if (event.key === ' ' && target.closest('button, summary, a, input')) return;
  if (openCall.page.key(event)) event.preventDefault();
}

document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
applyTheme(remembered('theme') ?? 'auto');
darkSystem.addEventListener('change', () => applyTheme(remembered('theme') ?? 'auto'));
history.scrollRestoration = 'manual';
addEventListener('hashchange', route);
addEventListener('keydown', keyDown);
addEventListener('beforeprint', () => {
  document.documentElement.dataset.theme = 'light';
  showAllRows();
  if (shownKey === null) showOverview();
  else openCall?.page.timeLine.draw();
  for (const details of document.querySelectorAll('details.lineage, .measures details')) /** @type {HTMLDetailsElement} */ (details).open = true;
});
addEventListener('afterprint', () => applyTheme(remembered('theme') ?? 'auto'));
route();
