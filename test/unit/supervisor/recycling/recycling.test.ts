import assert from 'node:assert/strict';
import { resolveConfig } from '../../../../src/config/resolve.js';
import {
  evilReason,
  recycleReason,
  recycles,
} from '../../../../src/supervisor/recycling/recycling.js';
import { Replacements, type Reload } from '../../../../src/supervisor/recycling/replacements.js';
import { fakeHost } from '../../config/fake-host.js';

const MEGABYTE = 1024 * 1024;

function limits(...argv: string[]) {
  const base = ['--http-socket', ':0', '--wsgi-file', 'x.ts'];
  return resolveConfig({ argv: [...base, ...argv], env: {}, host: fakeHost(2) }).config;
}

const age = (requests: number, ageMs: number, workerId = 1) => ({ workerId, ageMs, requests });
const memory = (resident: number, total = 0) => ({
  residentBytes: resident * MEGABYTE,
  addressSpaceBytes: total * MEGABYTE,
});

describe('recycling', () => {
  it('is off unless an option asks for it', () => {
    assert.equal(recycles(limits()), false);
    assert.equal(recycleReason(limits(), age(1e9, 1e9), memory(1e6, 1e6)), undefined);
    assert.equal(recycles(limits('-R', '5')), true);
  });

  it('counts requests, not before the least lifetime', () => {
    const config = limits('-R', '100');
    assert.equal(recycleReason(config, age(100, 9999), undefined), undefined);
    assert.equal(recycleReason(config, age(99, 10_000), undefined), undefined);
    assert.match(recycleReason(config, age(100, 10_000), undefined) ?? '', /max-requests 100/);
  });

  it('spreads limits over the workers', () => {
    const config = limits('-R', '100', '--max-requests-delta', '10');
    assert.equal(recycleReason(config, age(119, 20_000, 3), undefined), undefined);
    assert.match(recycleReason(config, age(120, 20_000, 3), undefined) ?? '', /max-requests 120/);
    const lifetime = limits('--max-worker-lifetime', '60', '--max-worker-lifetime-delta', '5');
    assert.equal(recycleReason(lifetime, age(0, 64_000, 2), undefined), undefined);
    assert.match(recycleReason(lifetime, age(0, 65_000, 2), undefined) ?? '', /lifetime reached/);
  });

  it('looks at memory in megabytes', () => {
    const config = limits('--reload-on-rss', '200', '--reload-on-as', '2000');
    assert.equal(recycleReason(config, age(0, 20_000), memory(199, 1999)), undefined);
    assert.match(recycleReason(config, age(0, 20_000), memory(200)) ?? '', /reload-on-rss 200/);
    assert.match(recycleReason(config, age(0, 20_000), memory(1, 2000)) ?? '', /reload-on-as/);
    const evil = limits('--evil-reload-on-rss', '300');
    assert.equal(evilReason(evil, memory(299)), undefined);
    assert.match(evilReason(evil, memory(300)) ?? '', /evil-reload-on-rss 300/);
  });

  it('refuses a lifetime that ends before it may', () => {
    assert.throws(() => limits('--max-worker-lifetime', '5'), /is not above/);
  });
});

describe('replacements', () => {
  const order = (slot: number, reload?: Reload) => ({ slot, reason: 'r', reload });
  const reload = (manner: Reload['manner'] = 'graceful'): Reload => ({
    reason: 'r',
    manner,
    since: 0,
    failure: undefined,
  });
  const always = (): boolean => true;

  it('are taken one at a time, in the order they were asked for', () => {
    const replacements = new Replacements();
    assert.ok(replacements.ask(order(2)) && replacements.ask(order(0)));
    assert.equal(replacements.next(always)?.slot, 2);
    assert.equal(replacements.next(always), undefined);
    replacements.done(2);
    assert.equal(replacements.next(always)?.slot, 0);
  });

  it('are taken as many at once as may be, never two of a slot', () => {
    const replacements = new Replacements(2);
    for (const slot of [0, 1, 2]) replacements.ask(order(slot));
    assert.equal(replacements.next(always)?.slot, 0);
    const again = reload();
    assert.ok(replacements.ask(order(0, again)));
    assert.equal(replacements.next(always)?.slot, 1);
    assert.equal(replacements.next(always), undefined);
    assert.equal(replacements.done(1)?.slot, 1);
    assert.equal(replacements.next(always)?.slot, 2);
    assert.equal(replacements.done(7), undefined);
    replacements.done(2);
    assert.equal(replacements.next(always), undefined, 'slot 0 has a successor under way');
    replacements.done(0);
    assert.equal(replacements.next(always)?.reload, again);
  });

  it('pass over slots that cannot be served now', () => {
    const replacements = new Replacements();
    replacements.ask(order(0));
    replacements.ask(order(1));
    assert.equal(replacements.next((slot) => slot !== 0)?.slot, 1);
  });

  it('give a reload what booted before it once more', () => {
    const replacements = new Replacements();
    replacements.ask(order(0));
    replacements.next(always);
    assert.equal(replacements.ask(order(0)), false);
    assert.equal(replacements.ask(order(0, reload())), true);
  });

  it('give up the rest of a reload, and nothing else', () => {
    const replacements = new Replacements();
    const failed = reload();
    const later = reload();
    replacements.ask(order(0, failed));
    replacements.ask(order(1));
    replacements.ask(order(2, failed));
    replacements.ask(order(3, later));
    assert.equal(replacements.cancel(failed), 2);
    assert.deepEqual([replacements.serves(failed), replacements.serves(later)], [false, true]);
    assert.equal(replacements.next(always)?.slot, 1);
  });

  it('of a reload take the place of what waits in the slot', () => {
    const replacements = new Replacements();
    const brutal = reload('brutal');
    replacements.ask(order(0));
    replacements.ask(order(1, reload()));
    for (const slot of [0, 1]) assert.ok(replacements.ask(order(slot, brutal)));
    assert.equal(replacements.ask(order(1)), false);
    assert.equal(replacements.next(always)?.reload, brutal);
    replacements.done(0);
    assert.equal(replacements.next(always)?.reload, brutal);
    replacements.done(1);
    assert.equal(replacements.next(always), undefined);
  });
});
