import assert from 'node:assert/strict';
import { UsageError } from '../../../bench/command-line.js';
import { replaceBlock } from '../../../bench/markers.js';
import { readOptions } from '../../../bench/options.js';
import { payloads } from '../../../bench/payloads.js';
import { makePlan } from '../../../bench/plan.js';
import { browserRequest, requestBytes, variedRequest } from '../../../bench/requests.js';
import { readResponse } from '../../../bench/response.js';
import { scenarios } from '../../../bench/scenarios.js';

describe('requests of the benchmark', () => {
  it('carry the 14 fields of a browser', () => {
    assert.equal(browserRequest.trim().split('\r\n').length, 1 + 14);
  });

  it('differ where they should, by as many bytes each', () => {
    const [first, second] = [requestBytes(variedRequest, 1), requestBytes(variedRequest, 70_000)];
    assert.notDeepEqual(first, second);
    assert.equal(first.length, second.length);
    assert.ok(!first.includes('{n}'));
  });

  it('have bodies of the sizes they are named after', () => {
    assert.equal(payloads.json.bytes.length, 1024);
    assert.equal(payloads.echo.bytes.length, 1024);
    assert.equal(payloads.large.bytes.length, 64 * 1024);
    assert.equal(payloads.file.bytes.length, 1024 * 1024);
  });

  it('have a name each', () => {
    assert.equal(new Set(scenarios.map((scenario) => scenario.name)).size, scenarios.length);
  });
});

describe('the plan of a benchmark', () => {
  const argv = ['--servers', 'node,floor', '--scenario', 'hello,json', '--rounds', '2'];

  it('lets servers take turns within a scenario and start in another order each round', () => {
    const { pairs } = makePlan(readOptions(argv));
    const order = pairs.map(
      ({ scenario, server, round }) => `${round} ${scenario.name} ${server.name}`,
    );
    assert.deepEqual(order, [
      '0 hello node',
      '0 hello floor',
      '0 json node',
      '0 json floor',
      '1 hello floor',
      '1 hello node',
      '1 json floor',
      '1 json node',
    ]);
  });

  it('leaves out what a server has no application for', () => {
    const options = readOptions([
      '--servers',
      'node,floor',
      '--scenario',
      'delay',
      '--rounds',
      '1',
    ]);
    assert.deepEqual(
      makePlan(options).pairs.map((pair) => pair.server.name),
      ['node'],
    );
  });

  it('refuses a name that it does not know', () => {
    assert.throws(() => readOptions(['--servers', 'nodes']), UsageError);
    assert.throws(() => readOptions(['--rounds', '0']), UsageError);
    assert.throws(() => readOptions(['--round', '2']), UsageError);
  });
});

describe('the smoke run of a benchmark', () => {
  it('has every application', () => {
    const { scenarios: names } = readOptions(['--smoke']);
    const chosen = scenarios.filter(({ name }) => names.includes(name));
    assert.deepEqual(new Set(chosen.map(({ app }) => app)), new Set(Object.keys(payloads)));
  });
});

describe('the self-check of a benchmark', () => {
  it('waits for a whole answer, with a length or with chunks', () => {
    const fixed = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP');
    assert.equal(readResponse(fixed.subarray(0, -5)), undefined);
    const first = readResponse(fixed);
    assert.equal(first?.body.toString(), 'hello');
    assert.equal(first.length, fixed.length - 4);
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunked = Buffer.from(`${head}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`);
    assert.equal(readResponse(chunked.subarray(0, -1)), undefined);
    assert.equal(readResponse(chunked)?.body.toString(), 'hello');
  });

  it('does not guess where an answer ends', () => {
    assert.throws(() => readResponse(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')));
  });
});

describe('text between markers', () => {
  it('is replaced, and nothing else', () => {
    const text = 'a\n<!-- x:start -->\nold\n<!-- x:end -->\nb';
    const replaced = 'a\n<!-- x:start -->\n\nnew\n\n<!-- x:end -->\nb';
    assert.equal(replaceBlock(text, 'x', 'new'), replaced);
    assert.equal(replaceBlock(replaced, 'x', 'new'), replaced);
    assert.throws(() => replaceBlock('nothing', 'x', 'new'));
  });
});
