import assert from 'node:assert/strict';
import { nginxConfiguration } from '../../../src/cli/nginx/command.js';
import { fakeHost, type FakeFiles } from '../config/fake-host.js';

/** For a file with these lines; directives and comments, one a line, without their indentation. */
function printed(lines: readonly string[], files: FakeFiles = {}): string[] {
  const text = ['[uwsgi]', 'wsgi-file = app.ts', ...lines, ''].join('\n');
  const host = fakeHost(2, { '/srv/shop.ini': text, ...files });
  return nginxConfiguration({ argv: ['shop.ini'], env: {}, host })
    .split('\n')
    .map((line) => line.trim());
}

function has(lines: readonly string[], ...expected: readonly string[]): void {
  for (const line of expected) assert.ok(lines.includes(line), `${line}\nin\n${lines.join('\n')}`);
}

function hasNot(lines: readonly string[], pattern: RegExp): void {
  assert.deepEqual(
    lines.filter((line) => pattern.test(line)),
    [],
  );
}

describe('tsuwsgi-native nginx: the sockets', () => {
  it('become servers of one upstream, as nginx can reach them', () => {
    const lines = printed([
      'chdir = /srv/app',
      'socket = run/app.sock',
      'socket = :9000',
      'socket = [::]:9001',
    ]);
    has(lines, 'upstream srv-shop {', 'server unix:/srv/app/run/app.sock;');
    has(lines, 'server 127.0.0.1:9000;', 'server [::1]:9001;');
    has(lines, 'include uwsgi_params;', 'uwsgi_pass srv-shop;');
    hasNot(lines, /keepalive/);
  });

  it('have a name of their own, though the files of several sites have one name', () => {
    const files = {
      '/srv/shop/uwsgi.ini': '[uwsgi]\nsocket = :1\nmodule = m\n[test]\nsocket = :2\nmodule = m\n',
      '/srv/a blog/uwsgi.yaml': 'uwsgi:\n  socket: :3\n  module: m\n',
    };
    const nameOf = (...argv: string[]): string | undefined =>
      /^upstream (.*) \{$/m.exec(
        nginxConfiguration({ argv, env: {}, host: fakeHost(2, files) }),
      )?.[1];
    assert.equal(nameOf('/srv/shop/uwsgi.ini'), 'srv-shop-uwsgi');
    assert.equal(nameOf('--ini=shop/uwsgi.ini:test'), 'srv-shop-uwsgi-test');
    assert.equal(nameOf('--yaml', './a blog/uwsgi.yaml'), 'srv-a-blog-uwsgi');
    assert.equal(nameOf('--socket', ':4', '--module', 'm'), 'application');
  });

  it('of uwsgi are preferred, and the others named', () => {
    const lines = printed(['http-socket = :8080', 'socket = @name', 'socket = /run/app.sock']);
    has(lines, 'server unix:/run/app.sock;');
    has(lines, '# http-socket :8080 is not needed behind nginx');
    has(lines, '# socket @name is an abstract name, which nginx cannot connect to: use a path');
  });

  it('of HTTP are kept open, for less time than the server keeps them', () => {
    const http = ['http-socket = 127.0.0.1:8080'];
    has(printed(http), 'proxy_pass http://srv-shop;', 'keepalive 32;', 'keepalive_timeout 70s;');
    has(printed([...http, 'keepalive-timeout = 3']), 'keepalive_timeout 1500ms;');
    has(printed([...http, 'keepalive-timeout = 0']), 'keepalive_timeout 60s;');
    has(printed([...http, 'max-connections = 4']), 'keepalive 4;');
  });

  it('of the router are kept as its own option says', () => {
    has(printed(['http = :8080']), 'server 127.0.0.1:8080;', 'keepalive_timeout 70s;');
    has(printed(['http = :8080', 'http-keepalive = 20']), 'keepalive_timeout 15s;');
    hasNot(printed(['http = :8080', 'http-keepalive = 0']), /keepalive_timeout/);
  });

  it('need a hint where only the umask decides who may connect', () => {
    const hint = /^# nginx's workers need permission/;
    assert.ok(printed(['socket = /run/app.sock']).some((line) => hint.test(line)));
    hasNot(printed(['socket = /run/app.sock', 'chmod-socket = 660']), hint);
    hasNot(printed(['socket = :9000']), hint);
  });
});

describe('tsuwsgi-native nginx: limits', () => {
  const socket = 'socket = :9000';

  it('of a body are the same on both sides', () => {
    has(printed([socket]), 'client_max_body_size 0;', 'client_body_buffer_size 64k;');
    has(printed([socket, 'limit-post = 10m']), 'client_max_body_size 10m;');
    has(printed([socket, 'limit-post = 1500']), 'client_max_body_size 1500;');
  });

  it('let bodies through as they come where the application wants that', () => {
    const lines = printed([socket, 'post-buffering = 0', 'body-timeout = 20']);
    has(lines, 'uwsgi_request_buffering off;', 'client_body_timeout 15s;');
    hasNot(lines, /client_body_buffer_size/);
    has(printed(['http-socket = :80', 'post-buffering = 0']), 'proxy_request_buffering off;');
  });

  it('of time are longer in nginx than the one that ends the request', () => {
    has(printed([socket, 'harakiri = 30']), 'uwsgi_read_timeout 35s;');
    has(printed([socket, 'harakiri = 0.5']), 'uwsgi_read_timeout 5500ms;');
    has(printed([socket]), 'uwsgi_read_timeout 60s;');
    has(printed(['http = :80', 'http-timeout = 100', 'harakiri = 30']), 'proxy_read_timeout 105s;');
  });

  it('of a head are raised where the server takes more than nginx does by itself', () => {
    hasNot(printed([socket]), /large_client_header_buffers/);
    has(printed([socket, 'limit-target = 16k']), 'large_client_header_buffers 4 17k;');
    has(printed([socket, 'buffer-size = 64k']), 'large_client_header_buffers 8 8k;');
  });
});

describe('tsuwsgi-native nginx: directories', () => {
  const socket = 'socket = :9000';

  it('are looked into before the server is asked', () => {
    const lines = printed([socket, 'static-map = /static=/srv/files', 'static-map2 = /media=/srv']);
    has(lines, 'location /static/ {', 'alias /srv/files/;', 'try_files $uri @application;');
    has(lines, 'location /media/ {', 'root /srv;', 'location @application {');
  });

  it('may be single files', () => {
    const lines = printed([socket, 'static-map = /icon=/srv/i.png'], { '/srv/i.png': '' });
    has(lines, 'location = /icon {', 'alias /srv/i.png;', 'try_files "" @application;');
  });

  it('belong to the root, with their index files', () => {
    const lines = printed([socket, 'check-static = www', 'static-index = index.html']);
    has(lines, 'root /srv/www;', 'try_files $uri $uri/index.html @application;');
  });

  it('are left to the server where nginx cannot have the same', () => {
    const lines = printed([
      socket,
      'static-map = /a=/srv/$x',
      'static-map = /b=/srv/1',
      'static-map = /b/=/srv/2',
      'static-map = c=/srv/3',
      'static-gzip-all = true',
      'static-expires = .* 3600',
    ]);
    has(
      lines,
      '# static-map /a=/srv/$x is left to the server: nginx takes a dollar sign for a variable',
    );
    has(
      lines,
      '# static-map /b=/srv/2 is left to the server: nginx has one directory for a location',
    );
    has(lines, '# static-map c=/srv/3 is left to the server: no path begins like this');
    has(lines, '# static-gzip… does not reach files that nginx delivers: see gzip_static of nginx');
    has(lines, '# static-expires… does not reach files that nginx delivers: see expires of nginx');
    assert.equal(lines.filter((line) => line.startsWith('alias')).length, 1);
  });

  it('have words that nginx reads as one', () => {
    const lines = printed([socket, 'static-map = /a b=/srv/"x";{}\\']);
    has(lines, 'location "/a b/" {', String.raw`alias "/srv/\"x\";{}\\/";`);
  });
});

describe('tsuwsgi-native nginx: what it refuses', () => {
  it('says why nginx cannot reach any socket', () => {
    assert.throws(() => printed(['socket = @name', 'socket = fd://3']), {
      message: /^nginx: socket @name is an abstract name.*\nnginx: socket fd:\/\/3 is inherited/,
    });
  });
});
