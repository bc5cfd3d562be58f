import assert from 'node:assert/strict';
import { parseCaseFile } from '../../conformance/case-file.js';
import type { WireCase } from '../../conformance/case-types.js';
import { ResponseReader, type WireResponse } from '../../conformance/response-reader.js';
import { judge, type Observation, type Verdict } from '../../conformance/verdict.js';

function wireCase(...lines: string[]): WireCase {
  return parseCaseFile('theme', ['case name must RFC0', '> x', ...lines].join('\n'))[0] as WireCase;
}

function response(status: number, seen?: string): WireResponse {
  const reader = new ResponseReader(() => false);
  const line = seen === undefined ? '' : `X-Seen: ${seen}\r\n`;
  reader.push(Buffer.from(`HTTP/1.1 ${status} Some\r\n${line}Content-Length: 0\r\n\r\n`));
  return reader.responses[0] as WireResponse;
}

function observation(
  responses: readonly WireResponse[],
  over: Partial<Observation> & { readonly closed?: boolean } = {},
): Observation {
  const { closed = false, ...rest } = over;
  const transcript = { responses, junk: false, closed, reset: false };
  return { transcript, probe: undefined, probed: false, hung: false, ...rest };
}

const PROBED = { probe: response(200, 'GET /probe'), probed: true };

function verdict(wire: WireCase, seen: Observation, reached: readonly string[] = []): Verdict {
  return judge(wire, seen, reached, true);
}

describe('the verdict', () => {
  const refusal = wireCase('refuse 400|drop');
  const accepted = wireCase('ok GET /a');

  it('passes what an outcome describes', () => {
    assert.equal(verdict(refusal, observation([response(400)], { closed: true })).pass, true);
    assert.equal(verdict(refusal, observation([], { closed: true })).pass, true);
    const answered = observation([response(200, 'GET /a')], PROBED);
    assert.equal(verdict(accepted, answered, ['GET /a', 'GET /probe']).pass, true);
  });

  it('fails another status, an open connection, a missing answer', () => {
    assert.match(
      verdict(refusal, observation([response(500)], { closed: true })).reason,
      /status 500/,
    );
    assert.match(verdict(refusal, observation([response(400)])).reason, /stayed open/);
    assert.match(verdict(accepted, observation([], { closed: true })).reason, /missing/);
  });

  it('fails what the application saw otherwise, or more often', () => {
    const other = observation([response(200, 'GET /b')], PROBED);
    assert.match(verdict(accepted, other).reason, /saw GET \/b/);
    const twice = observation([response(200, 'GET /a')], PROBED);
    assert.match(verdict(accepted, twice, ['GET /a', 'GET /b']).reason, /ran GET \/a, GET \/b/);
    const reached = observation([response(400)], { closed: true });
    assert.match(verdict(refusal, reached, ['GET /a']).reason, /ran GET \/a/);
  });

  it('fails a connection that answers something else afterwards', () => {
    const wrong = { probe: response(400), probed: true };
    assert.match(
      verdict(accepted, observation([response(200, 'GET /a')], wrong), ['GET /a']).reason,
      /not usable/,
    );
  });

  it('calls a hidden request smuggled, answered or not', () => {
    const refused = observation([response(400)], { closed: true });
    assert.equal(verdict(refusal, refused, ['GET /hidden']).smuggled, true);
    assert.equal(verdict(refusal, refused, ['GET http://a.test/hidden/x']).smuggled, true);
    const answered = observation([response(400), response(200, 'GET /hidden')], { closed: true });
    assert.equal(verdict(refusal, answered).smuggled, true);
    assert.equal(verdict(refusal, refused, ['GET /not-hidden']).smuggled, false);
  });

  it('fails a hang and junk', () => {
    assert.equal(verdict(refusal, observation([], { hung: true })).hung, true);
    assert.equal(verdict(refusal, observation([], { hung: true })).pass, false);
    const junk = observation([response(400)], { closed: true });
    const broken = { ...junk, transcript: { ...junk.transcript, junk: true } };
    assert.equal(verdict(refusal, broken).pass, false);
  });

  it("holds this server to its own choices, others to the rule's", () => {
    const wire = wireCase('refuse 400|431', 'here 431');
    const other = observation([response(400)], { closed: true });
    assert.match(judge(wire, other, [], true).reason, /not this server's choice/);
    assert.equal(judge(wire, other, [], false).pass, true);
  });
});
