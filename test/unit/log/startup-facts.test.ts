import assert from 'node:assert/strict';
import type { Logger } from '../../../src/log/logger.js';
import {
  describeFds,
  logAllReady,
  logStartFacts,
  operationalMode,
  socketLine,
} from '../../../src/log/startup-facts.js';
import { READY_LINE, SOCKET_LINE } from '../../helpers/server.js';

function collect(): { lines: string[]; logger: Logger } {
  const lines: string[] = [];
  const add = (message: string): void => void lines.push(message);
  return { lines, logger: { fact: add, info: add, warn: add, error: add } };
}

const TCP = { family: 'tcp', protocol: 'http', autoPort: false, inherited: false } as const;

describe('start-up facts', () => {
  it('names the mode as uWSGI does', () => {
    assert.equal(operationalMode({ processes: 1, threads: 1 }), 'single process');
    assert.equal(operationalMode({ processes: 0, threads: 2 }), 'no-workers');
    assert.equal(operationalMode({ processes: 2, threads: 1 }), 'preforking');
    assert.equal(operationalMode({ processes: 1, threads: 2 }), 'threaded');
    assert.equal(operationalMode({ processes: 2, threads: 2 }), 'preforking+threaded');
  });

  it('describes sockets in the words log parsers know', () => {
    const socket = { ...TCP, host: '127.0.0.1', port: 40155, autoPort: true, fds: [3] };
    const line = 'http socket 0 bound to TCP address 127.0.0.1:40155 (port auto-assigned) fd 3';
    assert.equal(socketLine(0, socket), line);
    const ipv6 = { ...TCP, host: '::1', port: 80, fds: [3, 4, 6] };
    assert.equal(socketLine(1, ipv6), 'http socket 1 bound to TCP address [::1]:80 fds 3,4,6');
  });

  it('describes UNIX and inherited sockets', () => {
    const unix = {
      ...TCP,
      protocol: 'uwsgi',
      family: 'unix',
      host: '/run/a.sock',
      port: 0,
    } as const;
    const line = 'uwsgi socket 0 bound to UNIX address /run/a.sock fd 3';
    assert.equal(socketLine(0, { ...unix, fds: [3] }), line);
    assert.equal(
      socketLine(2, { ...unix, host: '@a', inherited: true, fds: [4] }),
      'uwsgi socket 2 inherited UNIX address @a fd 4',
    );
    const inet = { ...TCP, host: '::', port: 80, inherited: true, fds: [3] };
    assert.equal(socketLine(0, inet), 'http socket 0 inherited INET address [::]:80 fd 3');
  });

  it('describes descriptors as ranges', () => {
    assert.equal(describeFds([3, 4, 5]), 'fds 3-5');
    assert.equal(describeFds([]), 'no fd');
  });

  it('prints what the test harness waits for', () => {
    const { lines, logger } = collect();
    logStartFacts(logger, {
      limits: { openFiles: '1024', processes: 'unlimited', page: '4096' },
      version: '1.2.3',
      master: false,
      processes: 1,
      threads: 4,
      backlog: 100,
      mercySeconds: 60,
      sockets: [{ ...TCP, host: '127.0.0.1', port: 8080, fds: [3, 4, 5, 6] }],
    });
    logAllReady(logger, 1);
    assert.match(
      lines[0] ?? '',
      /^\*\*\* Starting tsuwsgi-native 1\.2\.3 \(64bit\) on \[.+\] \*\*\*$/,
    );
    assert.ok(lines.some((line) => SOCKET_LINE.exec(line)?.[3] === '8080'));
    assert.ok(lines.includes('your memory page size is 4096 bytes'));
    assert.ok(lines.includes('your processes number limit is unlimited'));
    assert.ok(lines.some((line) => /listen backlog is limited to 100 connections/.test(line)));
    assert.ok(lines.some((line) => /without a master process/.test(line)));
    assert.match(lines.at(-1) ?? '', READY_LINE);
  });
});
