import assert from 'node:assert/strict';
import type { Environ } from '../../../src/app/types.js';
import { requestVariables, type VariableSettings } from '../../../src/router/request-variables.js';

const SETTINGS: VariableSettings = {
  trusted: { has: () => false },
  extra: [],
  hostAsServerName: false,
};

function variables(
  environ: Readonly<Record<string, unknown>>,
  settings: Partial<VariableSettings> = {},
  length?: number,
): Record<string, string> {
  const whole = {
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/',
    PATH_INFO: '/',
    REMOTE_ADDR: '192.0.2.1',
    SERVER_NAME: 'machine',
    'wsgi.version': [1, 0],
    'uwsgi.node': 'machine',
    ...environ,
  } as unknown as Environ;
  return Object.fromEntries(requestVariables(whole, length, { ...SETTINGS, ...settings }));
}

describe('variables for a backend', () => {
  it('are those of the environ, without the gateway of this process', () => {
    const sent = variables({ HTTP_COOKIE: 'a=b', SCRIPT_NAME: '' });
    assert.equal(sent['HTTP_COOKIE'], 'a=b');
    assert.equal(sent['SCRIPT_NAME'], '');
    assert.equal(sent['UWSGI_ROUTER'], 'http');
    assert.deepEqual(
      Object.keys(sent).filter((name) => name.includes('.')),
      [],
    );
  });

  it('have the path as bytes, also where it is no UTF-8', () => {
    const path = (target: string): string | undefined =>
      variables({ REQUEST_URI: target })['PATH_INFO'];
    assert.equal(path('/%C3%A4%ff%2f?x=%41'), '/\xc3\xa4\xff/');
    assert.equal(path('/%4'), '/%4');
    assert.equal(path('http://host/a%20b'), '/a b');
    assert.equal(path('*'), '*');
  });

  it('lose the fields of the connection, and those it names', () => {
    const sent = variables({
      HTTP_CONNECTION: 'keep-alive, X-One, Host',
      HTTP_X_ONE: '1',
      HTTP_X_TWO: '2',
      HTTP_HOST: 'h',
      HTTP_KEEP_ALIVE: '5',
      HTTP_TE: 'trailers',
      HTTP_TRANSFER_ENCODING: 'chunked',
      HTTP_UPGRADE: 'h2c',
      HTTP_EXPECT: '100-continue',
      HTTP_TRAILER: 'a',
      HTTP_PROXY_CONNECTION: 'close',
    });
    const fields = Object.keys(sent).filter((name) => name.startsWith('HTTP_'));
    assert.deepEqual(fields.filter((name) => !/FORWARDED/.test(name)).sort(), [
      'HTTP_HOST',
      'HTTP_X_TWO',
    ]);
  });

  it('say how long the body is, and nothing where there is none', () => {
    assert.equal(variables({ CONTENT_LENGTH: '5' }, {}, 5)['CONTENT_LENGTH'], '5');
    assert.equal(variables({}, {}, 0)['CONTENT_LENGTH'], '0');
    assert.equal(variables({ CONTENT_LENGTH: '' })['CONTENT_LENGTH'], undefined);
  });

  it('name the client, whatever it says about itself', () => {
    const sent = variables({
      HTTP_HOST: 'example.org',
      HTTP_X_FORWARDED_FOR: '6.6.6.6',
      HTTP_X_FORWARDED_PROTO: 'https',
      HTTP_X_FORWARDED_PORT: '443',
      HTTP_FORWARDED: 'for=6.6.6.6',
    });
    assert.equal(sent['REMOTE_ADDR'], '192.0.2.1');
    assert.equal(sent['HTTP_X_FORWARDED_FOR'], '192.0.2.1');
    assert.equal(sent['HTTP_X_FORWARDED_PROTO'], 'http');
    assert.equal(sent['HTTP_X_FORWARDED_HOST'], 'example.org');
    assert.equal(sent['HTTP_X_FORWARDED_PORT'], undefined);
    assert.equal(sent['HTTP_FORWARDED'], 'for=192.0.2.1;host=example.org;proto=http');
    assert.equal(sent['UWSGI_SCHEME'], 'http');
    assert.equal(sent['HTTPS'], undefined);
  });

  it('believe a trusted proxy', () => {
    const trusted = { has: (address: string) => address === '192.0.2.1' };
    const sent = variables(
      {
        HTTP_X_FORWARDED_FOR: '203.0.113.7',
        HTTP_X_FORWARDED_PROTO: 'https',
        HTTP_X_FORWARDED_PORT: '443',
      },
      { trusted },
    );
    assert.equal(sent['HTTP_X_FORWARDED_FOR'], '203.0.113.7, 192.0.2.1');
    assert.equal(sent['HTTP_X_FORWARDED_PORT'], '443');
    assert.equal(sent['UWSGI_SCHEME'], 'https');
    assert.equal(sent['HTTPS'], 'on');
    assert.equal(sent['REMOTE_ADDR'], '192.0.2.1');
  });

  it('have those of --http-var, which win', () => {
    const extra = [
      { name: 'SITE', value: 'one' },
      { name: 'SCRIPT_NAME', value: '/app' },
    ];
    const sent = variables({ SCRIPT_NAME: '' }, { extra });
    assert.equal(sent['SITE'], 'one');
    assert.equal(sent['SCRIPT_NAME'], '/app');
  });

  it('take Host for SERVER_NAME where that was asked for', () => {
    assert.equal(variables({ HTTP_HOST: 'h' })['SERVER_NAME'], 'machine');
    assert.equal(variables({ HTTP_HOST: 'h' }, { hostAsServerName: true })['SERVER_NAME'], 'h');
    assert.equal(variables({}, { hostAsServerName: true })['SERVER_NAME'], 'machine');
  });
});
