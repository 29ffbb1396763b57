// Opens GraphiQL in headless Chromium with every host but the server's cut off, runs the example query and reads the docs:
// node run.mjs http://127.0.0.1:8080 [screenshot.png]
// Without Chromium it says that it skips, and passes. CHROMIUM names another executable.
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const [base, screenshot] = process.argv.slice(2);
if (!base) {
  console.error('usage: node run.mjs URL [screenshot.png]');
  process.exit(2);
}
const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = places.find((place) => place && existsSync(place));
if (!executablePath) {
  console.log('SKIPPED: GraphiQL in a browser (no Chromium found; set CHROMIUM to name one)');
  process.exit(0);
}

const browser = await puppeteer.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});
const troubles = [];
let checks = 0;
const check = (what, good) => {
  checks += 1;
  if (!good) troubles.push(what);
};

try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1400, height: 900 });
  page.setDefaultTimeout(20_000);
  const foreign = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith('data:')) foreign.push(url);
  });
  page.on('pageerror', (error) => troubles.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
  });

  await page.goto(`${base}/graphiql`, { waitUntil: 'load' });
  await page.waitForSelector('.graphiql-container');
  const editor = (selector) => page.$eval(selector, (element) => element.CodeMirror.getValue());
  await page.waitForSelector('.graphiql-query-editor .CodeMirror');
  const example = await page.$eval('#example', (element) => element.textContent.trim());
  check('the example query is preset', example !== '' && (await editor('.graphiql-query-editor .CodeMirror')).trim() === example);

  await page.click('.graphiql-execute-button');
  await page.waitForFunction(() => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue().includes('"data"'));
  const answer = JSON.parse(await editor('.result-window .CodeMirror'));
  check(`the example query answers without errors: ${JSON.stringify(answer.errors)}`, answer.data && !answer.errors);

  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.waitForSelector('.graphiql-doc-explorer-root-type, .graphiql-doc-explorer-content');
  await page.waitForFunction(() => /query:\s*Query/.test(document.querySelector('.graphiql-doc-explorer')?.innerText ?? ''));
  const link = await page.$$('.graphiql-doc-explorer a.graphiql-doc-explorer-type-name');
  await link[0].click();
  await page.waitForFunction(() => /Fields/.test(document.querySelector('.graphiql-doc-explorer')?.innerText ?? ''));
  check('the docs list the fields of Query', true);
  check(`nothing is fetched from elsewhere: ${foreign}`, foreign.length === 0);
  if (screenshot) await page.screenshot({ path: screenshot });
} catch (error) {
  troubles.push(error.message);
  if (screenshot) await (await browser.pages()).at(-1)?.screenshot({ path: screenshot });
} finally {
  await browser.close();
}

for (const trouble of troubles) console.log(`FAILED ${trouble}`);
console.log(`GraphiQL in a browser: ${checks} checks, ${troubles.length} failed`);
process.exit(troubles.length === 0 && checks === 4 ? 0 : 1);
