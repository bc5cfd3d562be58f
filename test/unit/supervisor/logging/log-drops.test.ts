import assert from 'node:assert/strict';
import { LogDrops, type DropSource } from '../../../../src/supervisor/logging/log-drops.js';

class Scene {
  readonly records: string[] = [];
  source: DropSource = { name: 'file:/x', dropped: 0, refusal: undefined };
  now = 1000;
  readonly drops = new LogDrops(
    {
      info: (message) => void this.records.push(message),
      warn: (message) => void this.records.push(message),
    },
    () => [this.source],
    () => this.now,
  );

  look(dropped: number, refusal?: string, unused = false): void {
    this.source = { ...this.source, dropped, refusal, unused };
    this.now += 1000;
    this.drops.look();
  }
}

describe('lines that a destination of the log does not take', () => {
  it('are told once when it begins, and once when it is over, with their number', () => {
    const scene = new Scene();
    scene.look(0);
    scene.look(0, 'ENOSPC: no space left on device');
    assert.deepEqual([scene.records, scene.drops.facts()], [[], []]);
    scene.look(5, 'ENOSPC: no space left on device');
    scene.look(9, 'ENOSPC: no space left on device');
    scene.look(9, 'ENOSPC: no space left on device');
    assert.equal(scene.records.length, 1);
    assert.match(
      scene.records[0] ?? '',
      /^file:\/x does not take what is logged \(ENOSPC: no space/,
    );
    const reason = 'ENOSPC: no space left on device';
    assert.deepEqual(scene.drops.facts(), [
      { destination: 'file:/x', dropped: 9, since: 4000, reason },
    ]);
    scene.look(9);
    assert.equal(scene.records[1], 'file:/x takes lines again: 9 were dropped in the last 3 s');
    assert.equal(scene.drops.facts()[0]?.since, undefined);
    scene.look(12, 'nobody reads it');
    scene.look(12);
    assert.match(scene.records[3] ?? '', /takes lines again: 3 were dropped/);
  });

  it('are not over while nobody has tried, as between two workers', () => {
    const scene = new Scene();
    scene.look(7, 'ENOSPC: no space left on device');
    scene.look(9, undefined, true);
    scene.look(9, undefined, true);
    assert.equal(scene.records.length, 1);
    scene.look(9);
    assert.equal(scene.records[1], 'file:/x takes lines again: 9 were dropped in the last 3 s');
  });

  it('are told before there are any where nothing was taken for a while', () => {
    const scene = new Scene();
    const refuse = (times: number): void => {
      for (let i = 0; i < times; i += 1) scene.look(0, 'ENOENT: no such file');
    };
    refuse(4);
    scene.look(0);
    refuse(4);
    assert.equal(scene.records.length, 0);
    refuse(1);
    assert.match(scene.records[0] ?? '', /^file:\/x does not take what is logged \(ENOENT/);
    scene.look(0);
    assert.match(scene.records[1] ?? '', /takes lines again: 0 were dropped/);
    assert.deepEqual(scene.drops.facts(), []);
  });

  it('are not over while they go on, though it takes some', () => {
    const scene = new Scene();
    scene.look(7);
    scene.look(8);
    assert.equal(scene.records.length, 1);
  });
});
