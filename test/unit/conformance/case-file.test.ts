import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { parseCaseFile, readCorpus } from '../../conformance/case-file.js';
import type { WireCase } from '../../conformance/case-types.js';

const CORPUS = fileURLToPath(new URL('../../fixtures/http1/wire', import.meta.url));

function one(...lines: string[]): WireCase {
  const cases = parseCaseFile('theme', ['case name must RFC0', ...lines].join('\n'));
  assert.equal(cases.length, 1);
  return cases[0] as WireCase;
}

function sent(wire: WireCase): string {
  return wire.steps
    .map((step) => (step.kind === 'send' ? step.bytes.toString('latin1') : step.kind))
    .join('!');
}

describe('case files', () => {
  it('join lines into writes, and cut them at flush, wait and half-close', () => {
    const wire = one('| A', '|', '> B', 'flush', '> C', 'wait', '> D', 'half-close', 'refuse 400');
    assert.equal(sent(wire), 'A\r\n\r\nB!C!wait!D!half-close');
  });

  it('keep the connection unless told otherwise', () => {
    assert.equal(one('ok GET /').outcomes[0]?.ending, 'keep');
    assert.equal(one('ok GET /', 'then close').outcomes[0]?.ending, 'close');
    assert.equal(one('refuse 400').outcomes[0]?.ending, 'close');
  });

  it('read alternatives: or, and drop', () => {
    const wire = one('ok GET /', 'refuse 400|501|drop', 'or', 'answer 4xx', 'then any');
    const shape = wire.outcomes.map(({ responses, ending }) => [responses.length, ending]);
    assert.deepEqual(shape, [
      [2, 'close'],
      [1, 'close'],
      [1, 'any'],
    ]);
    assert.deepEqual(wire.outcomes[2]?.responses[0]?.statuses, [{ from: 400, to: 499 }]);
  });

  it('read what a response has to be', () => {
    const wire = one('ok POST /x "a\\r\\n" framing=length is="Name: v w" lacks=Other');
    const response = wire.outcomes[0]?.responses[0];
    assert.equal(response?.seen, 'POST /x');
    assert.equal(response.body?.toString(), 'a\r\n');
    assert.equal(response.framing, 'length');
    assert.deepEqual(response.headers, [
      { kind: 'equals', name: 'name', value: 'v w' },
      { kind: 'absent', name: 'other' },
    ]);
  });

  it('write families out', () => {
    const text = 'case name must RFC0\neach a=x\\sy b=z\n> <{}>\nrefuse 400';
    const cases = parseCaseFile('theme', text);
    assert.deepEqual(
      cases.map((wire) => [wire.name, sent(wire)]),
      [
        ['name-a', '<x y>'],
        ['name-b', '<z>'],
      ],
    );
  });

  it('tell where they are wrong', () => {
    assert.throws(() => one('nonsense'), /theme\/name: nonsense: unknown word/);
    assert.throws(() => one('ok GET /', 'then maybe'), /unknown ending/);
    assert.throws(() => one('answer 4x'), /not a status/);
    assert.throws(() => one('> a'), /no outcome/);
    assert.throws(() => parseCaseFile('theme', 'case name might RFC0\nok GET /'), /must\|should/);
  });
});

describe('the corpus', () => {
  const cases = readCorpus(CORPUS);

  it('is wide', () => {
    assert.ok(cases.length >= 250, `${cases.length} cases`);
  });

  it('marks every hidden request, and only those', () => {
    const hidden = cases.filter((wire) => sent(wire).includes(' /hidden '));
    assert.deepEqual(
      cases.filter(({ smuggling }) => smuggling).map(({ name }) => name),
      hidden.map(({ name }) => name),
    );
  });

  it('does not ask a half-closed connection for more', () => {
    const wrong = cases.filter(
      ({ steps, outcomes }) =>
        steps.some(({ kind }) => kind === 'half-close') &&
        outcomes.some(({ ending }) => ending === 'keep' || ending === 'any'),
    );
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
  });
});
