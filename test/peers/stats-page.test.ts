import assert from 'node:assert/strict';
import { Browser } from '../helpers/browser.js';
import { Load } from '../helpers/load.js';
import { requireProgram } from '../helpers/programs.js';
import { startServer, type Server } from '../helpers/server.js';
import { pathsApp } from '../helpers/supervised-apps.js';
import { waitUntil } from '../helpers/wait-until.js';

const LIMIT_MS = 30_000;

const pageOf = (server: Server): string => `http://127.0.0.1:${server.statsPort}/`;

const TEXT = (selector: string): string => `document.querySelector('${selector}')?.textContent`;

describe('the page of the statistics', function () {
  this.timeout(120_000);

  it('draws a server under load, with recycles and their reasons', async function () {
    const chromium = requireProgram(this, 'chromium');
    const server = await startServer([
      ...['--stats', '127.0.0.1:0', '--stats-http', '--processes', '2', '--disable-logging'],
      ...['--max-requests', '300', '--min-worker-lifetime', '0', '--wsgi-file', pathsApp().path],
    ]);
    const browser = await Browser.start(chromium);
    new Load(server.port, 4, '/pid');
    await browser.open(pageOf(server));
    const seen = new Set<unknown>();
    await waitUntil(
      'three different rates',
      async () => {
        const rate = await browser.evaluate(TEXT('#rate'));
        if (typeof rate === 'string' && /^[1-9][\d.]*k?$/.test(rate)) seen.add(rate);
        return seen.size >= 3;
      },
      LIMIT_MS,
    );
    const reason = await waitUntil(
      'a recycle with its reason',
      () => browser.evaluate(TEXT('#events [data-event="worker-recycling"] p')),
      LIMIT_MS,
    );
    assert.match(String(reason), /^worker \d \(pid: \d+\) is replaced: \d+ requests/);
    assert.match(String(await browser.evaluate(TEXT('#p99'))), /\d (µs|ms|s)$/);
    assert.equal(await browser.evaluate(`document.querySelectorAll('[data-worker]').length`), 2);
    const lines = `document.querySelectorAll('#throughput path[d*="L"]').length`;
    assert.ok(Number(await browser.evaluate(lines)) > 0);
    assert.deepEqual(browser.complaints, []);
  });

  it('fits a telephone, and says when the server is gone', async function () {
    const chromium = requireProgram(this, 'chromium');
    const args = ['--stats', '127.0.0.1:0', '--stats-http', '--wsgi-file', pathsApp().path];
    const server = await startServer(args);
    const browser = await Browser.start(chromium);
    await browser.open(pageOf(server), { width: 360, height: 740, dark: true });
    const status = async (text: string): Promise<boolean> =>
      (await browser.evaluate(TEXT('#status'))) === text;
    await waitUntil('the page to draw', () => status('running'), LIMIT_MS);
    const width = 'document.documentElement.scrollWidth';
    assert.equal(await browser.evaluate(width), 360);
    assert.deepEqual(browser.complaints, []);
    await server.stop();
    await waitUntil('the page to notice', () => status('not reachable'), LIMIT_MS);
  });
});
