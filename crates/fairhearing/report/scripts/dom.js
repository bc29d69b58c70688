// @ts-check
// Elements are made from names and text only; no markup is ever parsed, so that nothing that was
// said or named in a call can become an element.

/** @typedef {Node|string|number|null|undefined|false|Child[]} Child */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {Element} element @param {Record<string, any>} properties
 * `on` holds listeners, `style` CSS properties (set one by one: the policy forbids style
 * attributes), `prop` element properties, the rest are attributes; `false`, `null` and `undefined`
 * leave an attribute out.
 */
function assign(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'style') {
      const { style } = /** @type {HTMLElement} */ (element);
      for (const [property, setting] of Object.entries(value)) style.setProperty(property, String(setting));
    } else if (name === 'prop') {
      Object.assign(element, value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
}

/** @param {Element} parent @param {Child[]} children */
function fill(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) fill(parent, child);
    else if (child instanceof Node) parent.append(child);
    else if (child !== null && child !== undefined && child !== false) parent.append(String(child));
  }
}

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} [properties] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  assign(element, properties);
  fill(element, children);
  return element;
}

/** An SVG element. @param {string} tag @param {Record<string, any>} [properties] @param {...Child} children */
function s(tag, properties = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  assign(element, properties);
  fill(element, children);
  return element;
}

/** The drawings on buttons: paths in a box of 24 by 24. @type {Record<string, string>} */
const ICONS = {
  play: 'M7 4.5v15l13-7.5z',
  pause: 'M6 4.5h4v15H6zM14 4.5h4v15h-4z',
  previous: 'M6 5h2.5v14H6zM19 5v14L9.5 12z',
  next: 'M15.5 5H18v14h-2.5zM5 5v14l9.5-7z',
  back: 'M14.5 4.5 7 12l7.5 7.5 1.8-1.8L10.6 12l5.7-5.7z',
  forward: 'M9.5 4.5 17 12l-7.5 7.5-1.800-1.800L13.400 12 7.700 6.300z',
  plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
  minus: 'M5 11h14v2H5z',
  sort: 'M8 4l4.5 5H9.2v11H6.8V9H3.5zM16 20l-4.5-5h3.3V4h2.4v11h3.3z',
  link: 'M10.6 13.400a1 1 0 0 0 1.400 0l4.200-4.200a2 2 0 1 0-2.800-2.800L11.6 8.200 10.200 6.800 12 5a4 4 0 0 1 5.6 5.6l-4.200 4.200a3 3 0 0 1-4.200 0zM13.400 10.6a1 1 0 0 0-1.400 0l-4.200 4.200a2 2 0 1 0 2.800 2.800l1.800-1.800 1.400 1.400L12 19a4 4 0 0 1-5.6-5.6l4.200-4.200a3 3 0 0 1 4.200 0z',
  close: 'M6.400 5 12 10.6 17.6 5 19 6.400 13.400 12 19 17.6 17.6 19 12 13.400 6.400 19 5 17.6 10.6 12 5 6.400z',
  print: 'M7 3h10v5H7zM5 9h14a2 2 0 0 1 2 2v6h-4v4H7v-4H3v-6a2 2 0 0 1 2-2zm4 5v5h6v-5z',
  keys: 'M3 6h18v12H3zm2 2v8h14V8zm2 1.500h2v2H7zm4 0h2v2h-2zm4 0h2v2h-2zM7 13h10v1.800H7z',
  critical: 'M12 2 22 12 12 22 2 12z',
  normal: 'M12 3 22.5 21h-21z',
  info: 'M12 4a8 8 0 1 0 .01 0z',
};

/** @param {string} name @param {string} [className] */
function icon(name, className = 'icon') {
  return s('svg', { class: className, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, s('path', { d: ICONS[name], 'fill-rule': 'evenodd' }));
}

/** @param {{label: string, icon?: string, text?: boolean, className?: string, attributes?: Record<string, any>, act: (event: Event) => void}} options */
function button({ label, icon: iconName, text = !iconName, className = '', attributes = {}, act }) {
  return h(
    'button',
    { type: 'button', class: `button ${className}`, 'aria-label': text ? null : label, title: text ? null : label, ...attributes, on: { click: act } },
    iconName && icon(iconName),
    text && h('span', {}, label),
  );
}

/** A sign for how grave a finding is: shape and colour, with its word for screen readers. @param {Severity} severity */
function severitySign(severity) {
  return h('span', { class: `sign ${severity}`, title: t(`severity_${severity}`) }, icon(severity), h('span', { class: 'unseen' }, t(`severity_${severity}`)));
}

/** Text from outside, kept from turning the text around it (right-to-left marks). @param {string} text @param {Record<string, any>} [properties] */
function foreign(text, properties = {}) {
  return h('bdi', properties, text);
}

/** @param {string} label @param {string} value @param {[string, string][]} options @param {(value: string) => void} change @param {string} focusKey */
function select(label, value, options, change, focusKey) {
  return h(
    'label',
    { class: 'field' },
    h('span', {}, label),
    h(
      'select',
      { 'data-focus': focusKey, on: { change: (/** @type {Event} */ event) => change(/** @type {HTMLSelectElement} */ (event.target).value) } },
      options.map(([id, text]) => h('option', { value: id, selected: id === value }, text)),
    ),
  );
}

/** Redraws, and gives the focus back to the element of the same `data-focus`. @param {() => void} draw */
function keepFocus(draw) {
  const before = /** @type {HTMLElement|null} */ (document.activeElement);
  const key = before?.closest('[data-focus]')?.getAttribute('data-focus');
  const selection = before instanceof HTMLInputElement && before.type === 'search' ? before.selectionStart : null;
  draw();
  if (!key || before?.isConnected) return;
  const after = document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  if (after instanceof HTMLElement || after instanceof SVGElement) after.focus({ preventScroll: true });
  if (after instanceof HTMLInputElement && selection !== null) after.setSelectionRange(selection, selection);
}
