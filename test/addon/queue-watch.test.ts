import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { loadAddon } from '../../src/binding/load.js';
import { onCleanup } from '../helpers/cleanup.js';
import { waitUntil } from '../helpers/wait-until.js';

const addon = loadAddon();

function listener(): { readonly fd: number; readonly port: number } {
  const bound = addon.bindListener({ host: '127.0.0.1', port: 0, backlog: 8, reusePort: false });
  onCleanup(() => addon.closeListener(bound.fd));
  return bound;
}

async function client(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  onCleanup(() => void socket.destroy());
  await once(socket, 'connect');
}

describe('watching listening sockets', () => {
  it('tells once that a connection waits in one of them, and leaves it there', async () => {
    const [quiet, called] = [listener(), listener()];
    let told = 0;
    new addon.QueueWatch([quiet.fd, called.fd], () => (told += 1));
    await client(called.port);
    await waitUntil('the watch to tell', () => told === 1);
    await client(called.port);
    assert.equal(addon.listenBacklog(called.fd), 2);
    assert.equal(addon.listenBacklog(quiet.fd), 0);
    assert.equal(told, 1);
  });

  it('tells of a connection that waited before', async () => {
    const { fd, port } = listener();
    await client(port);
    let told = false;
    new addon.QueueWatch([fd], () => (told = true));
    await waitUntil('the watch to tell', () => told);
  });

  it('tells nothing once it was stopped', async () => {
    const { fd, port } = listener();
    let [stopped, other] = [0, 0];
    const watch = new addon.QueueWatch([fd], () => (stopped += 1));
    watch.stop();
    watch.stop();
    new addon.QueueWatch([fd], () => (other += 1));
    await client(port);
    await waitUntil('the other watch to tell', () => other === 1);
    assert.equal(stopped, 0);
  });

  it('can be made anew by the one who was told', async () => {
    const { fd, port } = listener();
    let told = 0;
    const again = (): void => {
      told += 1;
      if (told < 3) new addon.QueueWatch([fd], again);
    };
    new addon.QueueWatch([fd], again);
    await client(port);
    await waitUntil('three watches to tell', () => told === 3);
  });

  it('refuses what cannot be watched', () => {
    assert.throws(() => new addon.QueueWatch([-1], () => undefined), { code: 'EBADF' });
    assert.throws(() => new addon.QueueWatch('x' as never, () => undefined), /an array/);
  });

  it('knows no backlog of what does not listen', () => {
    assert.equal(addon.listenBacklog(-1), undefined);
  });
});
