// Opens a sample report in Chromium from the disk, as a double click does, and uses it: sorting,
// filtering, listening, keys, languages, colours, print, and what screen readers are told.
//
// usage: node report.test.mjs REPORT.html [FOLDER FOR SCREENSHOTS]
// The report is the one that the Rust test `the_page_works_in_a_browser` writes. CHROMIUM names the
// browser; without it the usual places are tried.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [reportPath, pictures] = process.argv.slice(2);
assert.ok(reportPath, 'usage: node report.test.mjs REPORT.html [FOLDER FOR SCREENSHOTS]');
const REPORT = pathToFileURL(resolve(reportPath)).href;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = BROWSERS.find((path) => path && existsSync(path));
assert.ok(executablePath, 'expected Chromium at /usr/bin/chromium or at $CHROMIUM, found none: apt-get install chromium');

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A fresh page that fails the test on any script error, refused resource or request to a network. */
async function open({ hash = '', width = 1440, height = 900, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`script error: ${error.message}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.faults.push(`console: ${message.text()}`));
  page.on('dialog', (dialog) => { page.faults.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => !/^(file|blob|data):/.test(request.url()) && page.faults.push(`a request to ${request.url()}`));
  await page.goto(REPORT + hash);
  await page.waitForSelector('main');
  return page;
}

async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

/** No violation of WCAG 2.2 A and AA, and nothing wider than the window. */
async function checkAccess(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${what}: ${wide} px wider than the window`);
  // The policy forbids a foreign script element; the debugger's own evaluation is not bound by it.
  await page.evaluate(await (await import('node:fs/promises')).readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  assert.deepEqual(told, [], what);
  if (pictures) await page.screenshot({ path: join(pictures, `${what.replaceAll(/\W+/g, '-')}.png`) });
}

const rowNames = (page) => page.$$eval('table.calls tbody tr .call-link', (links) => links.map((link) => link.textContent));
const column = (page, id) => page.$$eval(`table.calls tbody .cell-${id}`, (cells) => cells.map((cell) => cell.firstChild?.textContent ?? ''));
const soundTime = (page) => page.$eval('.clock', (clock) => {
  const [minutes, seconds] = clock.textContent.split(' / ')[0].split(':');
  return Number(minutes) * 60 + Number(seconds);
});
const firstKey = (page, test) => page.evaluate((source) => JSON.parse(document.getElementById('index').textContent).rows.find(new Function('row', `return ${source}`)).key, test);
const callHash = (key) => `#${new URLSearchParams({ call: key })}`;

const TESTS = {
  async 'the overview counts, sorts and filters'() {
    const page = await open();
    const rows = JSON.parse(await page.$eval('#index', (block) => block.textContent)).rows;
    assert.equal((await rowNames(page)).length, rows.length);
    assert.equal(await page.$eval('.tile .value', (value) => value.textContent), String(rows.length));

    // A score that may still change stands in parentheses.
    const shown = async () => (await column(page, 'score')).filter((text) => text !== '–');
    const provisional = (await shown()).filter((text) => /^\(\d+\)$/.test(text));
    assert.equal(provisional.length, rows.filter((row) => row.cards.some((card) => card.left_open > 0)).length);
    assert.ok(provisional.length > 0 && provisional.length < rows.length);
    const numbers = async () => (await shown()).map((text) => Number(text.replace(/[()]/g, '')));
    const scores = await numbers();
    assert.deepEqual(scores, [...scores].sort((a, b) => a - b), 'opens with the lowest score first');
    await page.click('[data-focus="sort-score"]');
    const turned = await numbers();
    assert.deepEqual(turned, [...scores].sort((a, b) => b - a));
    assert.equal(await page.$eval('[data-focus="sort-score"]', (button) => button.closest('th').getAttribute('aria-sort')), 'descending');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), 'sort-score', 'the focus stays on the button');

    await page.fill('input[type=search]', 'emma');
    const emmas = rows.filter((row) => row.agent === 'Emma Brown').length;
    assert.ok(emmas > 0);
    assert.equal((await rowNames(page)).length, emmas);
    await page.fill('input[type=search]', 'no such call');
    assert.equal((await rowNames(page)).length, 0);
    await page.click('.chip.all');
    assert.equal((await rowNames(page)).length, rows.length);

    await page.selectOption('[data-focus=state]', 'partial');
    assert.equal((await rowNames(page)).length, rows.filter((row) => row.partial).length);
    await page.click('.chip:not(.all)');
    assert.equal((await rowNames(page)).length, rows.length);
    await close(page);
  },

  async 'a bar and a rule narrow the table'() {
    const page = await open();
    const all = (await rowNames(page)).length;
    const plot = page.locator('svg[data-focus=plot-score]');
    const label = await plot.locator('g.bar').last().getAttribute('aria-label');
    const expected = Number(label.match(/: (\d+) call/)[1]);
    await plot.locator('g.bar').last().click();
    assert.equal((await rowNames(page)).length, expected, label);
    await page.click('.chip.all');

    await page.focus('svg[data-focus=plot-ratio]');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    assert.ok((await rowNames(page)).length < all, 'a bar can be chosen with the keyboard');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), 'plot-ratio');
    await page.keyboard.press('Enter');
    assert.equal((await rowNames(page)).length, all);

    const rule = page.locator('[data-focus^="rule-"]').first();
    const hits = Number.parseInt(await rule.locator('.bar-value').textContent(), 10);
    await rule.click();
    assert.equal((await rowNames(page)).length, hits);
    await close(page);
  },

  async 'a click on a finding, a line, a word and the waveform is heard'() {
    const page = await open();
    const key = await firstKey(page, 'row.has_audio && row.cards[0].flagged.length > 0');
    await page.goto(REPORT + callHash(key));
    await page.waitForSelector('.player');
    const heardAt = async (expected, what) => {
      await page.waitForFunction(() => document.querySelector('.play path').getAttribute('d').startsWith('M6'), null, { timeout: 5000 });
      const first = await soundTime(page);
      assert.ok(Math.abs(first - expected) < 1.5, `${what}: expected about ${expected} s, found ${first} s`);
      await page.waitForTimeout(700);
      const later = await soundTime(page);
      assert.ok(later > first + 0.2, `${what}: the sound stands still at ${later} s`);
      await page.keyboard.press('Escape').catch(() => {});
      await page.goto(REPORT + callHash(key));
      await page.waitForSelector('.player');
    };
    const seconds = (text) => text.split(':').reduce((total, part) => total * 60 + Number(part), 0);

    const hear = page.locator('.evidence .hear').last();
    const expected = seconds((await hear.textContent()).trim());
    await hear.click();
    await heardAt(expected, 'a finding in the score card');

    await page.locator('.marker').last().click();
    await heardAt(expected, 'a finding on the time line');

    const line = page.locator('.line').nth(3);
    const lineAt = seconds(await line.locator('.time').textContent());
    await line.locator('.time').click();
    await heardAt(lineAt, 'a line');

    const word = page.locator('.line').nth(2).locator('.word').last();
    const wordAt = Number(await word.getAttribute('data-from')) / 1000;
    await word.click();
    await heardAt(wordAt, 'a word');

    const lanes = await page.locator('.lanes').boundingBox();
    const length = seconds((await page.textContent('.clock')).split(' / ')[1]);
    await page.mouse.click(lanes.x + lanes.width * 0.6, lanes.y + lanes.height / 4);
    await heardAt(length * 0.6, 'the waveform');
    await close(page);
  },

  async 'keys, speed, skipping silence and one channel work'() {
    const page = await open();
    const key = await firstKey(page, 'row.has_audio && row.channels.length === 2');
    await page.goto(`${REPORT}${callHash(key)}&t=5`);
    await page.waitForSelector('.player');
    assert.equal(Math.round(await soundTime(page)), 5, 'a deep link goes to its moment');
    await page.keyboard.press('ArrowRight');
    assert.equal(Math.round(await soundTime(page)), 10);
    await page.keyboard.press('Shift+ArrowLeft');
    assert.equal(Math.round(await soundTime(page)), 9);
    await page.keyboard.press(']');
    assert.equal(await page.$eval('[data-focus=speed]', (speed) => speed.value), '1.25');
    await page.selectOption('[data-focus=listen]', '1');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press(' ');
    const before = await soundTime(page);
    await page.waitForTimeout(800);
    assert.ok((await soundTime(page)) > before + 0.3, 'the sound runs through the channel switch');
    await page.keyboard.press(' ');

    const silence = await page.evaluate((wanted) => {
      const number = JSON.parse(document.getElementById('index').textContent).rows.findIndex((row) => row.key === wanted);
      const { mutual_silences: silences } = JSON.parse(document.getElementById(`call-${number}`).textContent).measures;
      return silences.reduce((best, span) => (span.end - span.start > best.end - best.start ? span : best));
    }, key);
    await page.check('[data-focus=skip]');
    await page.evaluate((hash) => { location.hash = hash; }, `${callHash(key)}&t=${(silence.start + 50) / 1000}`);
    await page.waitForTimeout(100);
    await page.click('[data-focus=play]');
    await page.waitForTimeout(600);
    assert.ok((await soundTime(page)) * 1000 >= silence.end - 300, 'a long silence is jumped over');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('j');
    assert.equal(await page.locator('.marker.chosen').count(), 1);
    await page.keyboard.press('?');
    assert.equal(await page.locator('dialog[open]').count(), 1);
    await checkAccess(page, 'keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForSelector('main.overview');
    await close(page);
  },

  async 'without sound everything else works and says so'() {
    const page = await open();
    const key = await firstKey(page, '!row.has_audio && row.has_transcript && row.cards[0].flagged.length > 0');
    await page.goto(REPORT + callHash(key));
    await page.waitForSelector('.player');
    assert.match(await page.textContent('.sound-notice'), /sound is not in this report/);
    assert.ok(await page.isDisabled('[data-focus=play]'));
    await page.locator('.line .time').nth(4).click();
    assert.equal(await page.locator('.line.now').count(), 1);
    await page.locator('.evidence .hear').first().click();
    assert.equal(await page.locator('.evidence .chosen, .evidence > .chosen').count() > 0, true);
    await close(page);
  },

  async 'hostile words and names stay text'() {
    const page = await open();
    const key = await firstKey(page, "row.file.includes('<script>')");
    assert.equal(await page.locator('main script, main img').count(), 0);
    await page.goto(REPORT + callHash(key));
    await page.waitForSelector('.player');
    assert.match(await page.textContent('h1'), /<\/script><!--<script>alert\(1\)/);
    assert.match(await page.textContent('.line .said'), /<img src=x onerror=alert\(2\)>/);
    assert.equal(await page.locator('main script, main img').count(), 0);
    await close(page);
  },

  async 'both languages say everything, and the choice stays'() {
    const page = await open();
    await page.click('[data-focus=language]');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
    assert.equal(await page.textContent('h1'), '通话质检报告');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), 'language');
    await checkAccess(page, 'overview zh');
    await page.reload();
    assert.equal(await page.textContent('h1'), '通话质检报告');
    await page.locator('.call-link').first().click();
    await page.waitForSelector('.player');
    assert.match(await page.textContent('.score-card h2'), /评分卡/);
    await page.click('[data-focus=language]');
    assert.match(await page.textContent('.score-card h2'), /Score card/);
    await close(page);
  },

  async 'colours follow the system and the reader'() {
    const page = await open({ colorScheme: 'dark' });
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), 'dark');
    await page.selectOption('[data-focus=theme]', 'light');
    assert.equal(await theme(), 'light');
    await page.selectOption('[data-focus=theme]', 'auto');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'light', null, { timeout: 5000 });
    await close(page);
  },

  async 'every page is accessible at desk and phone, light and dark'() {
    for (const [width, height] of [[1440, 900], [820, 1180], [390, 844]]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await open({ width, height, colorScheme });
        const what = `${width} ${colorScheme}`;
        await checkAccess(page, `overview ${what}`);
        const kinds = { sound: 'row.has_audio', rude: 'row.cards[0].score < 80', silent: '!row.has_transcript', mixed: "row.channels[0].role === 'unknown'", partial: 'row.partial', hostile: "row.file.includes('<script>')" };
        // All kinds at desk in the light and on the phone in the dark; elsewhere the two richest.
        const thorough = (width === 1440) === (colorScheme === 'light') && width !== 820;
        for (const [kind, test] of Object.entries(kinds).slice(0, thorough ? undefined : 2)) {
          const key = await firstKey(page, test);
          await page.evaluate((hash) => { location.hash = hash; }, callHash(key));
          await page.waitForFunction((wanted) => document.title.startsWith(wanted), key.trim());
          await checkAccess(page, `call ${kind} ${what}`);
        }
        await close(page);
      }
    }
  },

  async 'printing shows every row on white'() {
    const page = await open({ colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
    const rows = await page.evaluate(() => JSON.parse(document.getElementById('index').textContent).rows.length);
    assert.equal((await rowNames(page)).length, rows);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await close(page);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(TESTS)) {
  try {
    await test();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
await browser.close();
console.log(`${Object.keys(TESTS).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
