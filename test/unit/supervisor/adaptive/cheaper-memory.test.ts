import assert from 'node:assert/strict';
import { Cheaper } from '../../../../src/supervisor/adaptive/cheaper.js';
import { allReady, configure } from '../master-scene.js';

/** Memory is short as soon as there is a worker, and nobody but the operator asks for more. */
function play() {
  const argv = ['--cheaper', '1', '--cheaper-algo', 'manual', '--cheaper-rss-limit-soft', '1m'];
  const scene = allReady(...argv);
  const [slot] = scene.master.slots;
  assert.ok(slot?.worker);
  const { worker } = slot;
  let added = 0;
  const cheaping = {
    active: [slot],
    busy: false,
    wake: (count: number) => ((added += count), count),
    cheap: () => undefined,
  };
  const config = configure(...argv);
  const cheaper = new Cheaper({ config, cheaping, backlog: () => 0, logger: scene.log });
  /** A process that there is takes memory, one that there is not takes none. */
  const runAs = (value: number | undefined): void =>
    void Object.defineProperty(worker, 'pid', { value, configurable: true });
  return { cheaper, log: scene.log, runAs, added: () => added };
}
const HELD = /cheaper-rss-limit-soft\): no worker is added/;

describe('adaptive workers that memory holds back', () => {
  it('are told of once, however often more are wanted, and again after one could be added', () => {
    const { cheaper, log, runAs, added } = play();
    runAs(process.pid);
    for (const asked of [1, 0, 1, 0, 0, 1]) cheaper.tick(asked);
    assert.equal(log.count(HELD), 1);
    runAs(undefined);
    cheaper.tick(1);
    assert.equal(added(), 1);
    runAs(process.pid);
    cheaper.tick(1);
    assert.equal(log.count(HELD), 2);
  });
});
