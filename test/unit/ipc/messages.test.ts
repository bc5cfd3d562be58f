import assert from 'node:assert/strict';
import { dispatchMessage, type WorkerMessage } from '../../../src/ipc/messages.js';

function dispatch(value: unknown): { handled: boolean; seen: string[] } {
  const seen: string[] = [];
  const handled = dispatchMessage<WorkerMessage>(value, {
    ready: ({ bootMs }) => seen.push(`ready ${bootMs}`),
    'boot-failed': ({ message, exitCode }) => seen.push(`boot-failed ${message} ${exitCode}`),
    'queues-left': () => seen.push('queues-left'),
    drained: () => seen.push('drained'),
    bye: ({ reason }) => seen.push(`bye ${reason}`),
    command: ({ command }) => seen.push(command),
    schedule: ({ change }) => seen.push(change.type),
  });
  return { handled, seen };
}

describe('messages', () => {
  it('reach the handler of their type', () => {
    assert.deepEqual(dispatch({ type: 'ready', bootMs: 5 }).seen, ['ready 5']);
    assert.deepEqual(dispatch({ type: 'drained' }).seen, ['drained']);
    assert.deepEqual(dispatch({ type: 'bye', reason: 'x' }).seen, ['bye x']);
  });

  for (const value of [
    undefined,
    null,
    'ready',
    7,
    {},
    { type: 7 },
    { type: 'unknown' },
    { type: 'toString' },
    { type: '__proto__' },
    [],
  ]) {
    it(`leave ${JSON.stringify(value)} alone, which may be the application's own`, () => {
      assert.deepEqual(dispatch(value), { handled: false, seen: [] });
    });
  }
});
