import assert from 'node:assert/strict';
import type { Application, Environ } from '../../../src/app/types.js';
import { MountTable, normalMount } from '../../../src/worker/mounts.js';

const named =
  (name: string): Application =>
  (environ) =>
    `${name} ${environ.SCRIPT_NAME}|${environ.PATH_INFO}`;

function ask(table: MountTable, path: string, script = ''): unknown {
  const environ = { PATH_INFO: path, SCRIPT_NAME: script } as Environ;
  return table.application()(environ, () => () => Promise.resolve());
}

function tableOf(managed: boolean, ...mounts: string[]): MountTable {
  const table = new MountTable(managed);
  for (const mount of mounts) table.add(normalMount(mount), named(mount));
  return table;
}

describe('mounts', () => {
  it('are found by the longest part of the path, and move it to SCRIPT_NAME', () => {
    const table = tableOf(true, '/', '/app', '/app/admin/');
    assert.equal(ask(table, '/app/x'), '/app /app|/x');
    assert.equal(ask(table, '/app'), '/app /app|');
    assert.equal(ask(table, '/application'), '/ |/application');
    assert.equal(ask(table, '/app/admin/'), '/app/admin/ /app/admin|/');
    assert.equal(ask(table, '/'), '/ |/');
  });

  it('are named by SCRIPT_NAME where the path begins with none', () => {
    const table = tableOf(true, '/app', '/b', '/');
    assert.equal(ask(table, '', '/b'), '/b /b|');
    assert.equal(ask(table, '/x', '/b'), '/b /b|/x');
    assert.equal(ask(table, '/app/x', '/b'), '/app /app|/x');
    assert.equal(ask(table, '/x', '/z'), '/ /z|/x');
    assert.equal(ask(table, '/x'), '/ |/x');
    assert.equal(ask(tableOf(true, '/a', '/b'), '/x', '/z'), '/a /z|/x');
  });

  it('are named by SCRIPT_NAME without manage-script-name', () => {
    const table = tableOf(false, '/a', '/b');
    assert.equal(ask(table, '/x', '/b'), '/b /b|/x');
    assert.equal(ask(table, '/b/x', ''), '/a |/b/x');
  });

  it('are one application where there is one at the root', () => {
    assert.equal(ask(tableOf(true, '/'), '/x'), '/ |/x');
  });
});
