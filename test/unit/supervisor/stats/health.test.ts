import assert from 'node:assert/strict';
import { liveness, readiness, startup } from '../../../../src/supervisor/stats/health.js';
import { statsOf } from './stats-sample.js';

const running = { ...statsOf().state, workersReady: 2, workersWanted: 4 };

describe('probes', () => {
  it('say ready as long as one worker takes requests, for it serves the queues of all', () => {
    assert.deepEqual(readiness(running), { ok: true, reason: 'ready: 2 of 4 worker(s) ready' });
    assert.deepEqual(readiness({ ...running, workersReady: 0 }), {
      ok: false,
      reason: 'not ready: none of 4 worker(s) is ready',
    });
  });

  it('say not ready as soon as the server stops, and why, while it lives', () => {
    const stopping = { ...running, phase: 'stopping', stopping: 'SIGTERM received' } as const;
    assert.deepEqual(readiness(stopping), {
      ok: false,
      reason: 'not ready: stopping: SIGTERM received',
    });
    assert.deepEqual(liveness(stopping), { ok: true, reason: 'live, stopping: SIGTERM received' });
  });

  it('say not ready while the server is paused, which may last, and that it lives and has started', () => {
    const paused = { ...running, phase: 'paused' } as const;
    assert.deepEqual(readiness(paused), {
      ok: false,
      reason: 'not ready: paused, new clients wait until it is resumed',
    });
    assert.ok(liveness(paused).ok);
    assert.ok(startup(paused).ok);
  });

  it('say ready of a server that rests until somebody connects', () => {
    const rests = { ...running, workersReady: 0, workersWanted: 0 };
    assert.deepEqual(readiness(rests), {
      ok: true,
      reason: 'ready: at rest, the next connection starts a worker',
    });
  });

  it('want a router where there are routers', () => {
    const routed = { ...running, routersWanted: 2, routersReady: 0 };
    assert.equal(readiness(routed).reason, 'not ready: none of 2 router(s) is ready');
    assert.equal(
      readiness({ ...routed, routersReady: 1 }).reason,
      'ready: 2 of 4 worker(s), 1 of 2 router(s) ready',
    );
    assert.ok(readiness({ ...routed, routersReady: 1, workersReady: 0, workersWanted: 0 }).ok);
  });

  it('say started once everything was ready, whatever happens later', () => {
    const booting = { ...running, started: false };
    assert.deepEqual(startup(booting), { ok: false, reason: 'starting: 2 of 4 worker(s) ready' });
    assert.ok(startup({ ...running, workersReady: 0 }).ok);
  });
});
