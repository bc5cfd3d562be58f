/** Every scenario behind every peer, over TCP and over a UNIX socket; and this server's router before uWSGI. */
import { skipFor, requireProgram } from '../helpers/programs.js';
import { waitUntil } from '../helpers/wait-until.js';
import { missingUwsgiPlugin, startPython } from './fronts/uwsgi.js';
import { OWN_ROUTER, PEERS, TRANSPORTS, type Notice, type Peer } from './peers.js';
import type { Transport } from './place.js';
import { deathScenarios } from './scenarios/death.js';
import {
  chunkScenarios,
  exchangeScenarios,
  throwingBehindScenario,
  throwingScenario,
} from './scenarios/exchange.js';
import type { Scenario } from './scenarios/scenario.js';
import { waitingScenarios } from './scenarios/waiting.js';
import { openInWorkers, startPair, type Started } from './setting.js';

interface Pair {
  readonly peer: Peer;
  readonly transport: Transport;
  readonly mode: 'loop mode' | 'pool mode';
}

const OPTIONS = { 'loop mode': [], 'pool mode': ['--threads', '2'] } as const;

/** The I/O loops are the same in both modes and for all peers: pool mode runs behind the first peer. */
const PAIRS: readonly Pair[] = PEERS.flatMap((peer, index) =>
  TRANSPORTS.flatMap((transport) => {
    const loop: Pair = { peer, transport, mode: 'loop mode' };
    return index === 0 ? [loop, { peer, transport, mode: 'pool mode' } as const] : [loop];
  }),
);

function scenariosFor(peer: Peer, throwing: Scenario, notice: Notice): Scenario[] {
  const exchanges = [...exchangeScenarios, ...chunkScenarios(peer.chunks), throwing];
  return [...exchanges, ...waitingScenarios(notice), ...deathScenarios];
}

/** Declares a test for each scenario, in one setting. */
function describeScenarios(
  scenarios: readonly Scenario[],
  keeps: number,
  start: (context: Mocha.Context) => Promise<Started>,
): void {
  let pair: Started | undefined;
  let atRest = 0;

  before(async function () {
    pair = await start(this);
    atRest = openInWorkers(pair.setting.server);
  });

  after(() => pair?.stop());

  for (const scenario of scenarios) {
    it(scenario.title, async () => {
      const { setting } = pair!;
      setting.notes.clear();
      await scenario.run(setting);
      await waitUntil(
        'the workers to close what the scenario opened',
        () => openInWorkers(setting.server) <= atRest + keeps,
      );
    });
  }
}

for (const { peer, transport, mode } of PAIRS) {
  describe(`${peer.name} over ${transport} (${mode})`, () => {
    const scenarios = scenariosFor(peer, throwingScenario, peer.noticesLeaving(transport));
    describeScenarios(scenarios, peer.keeps, (context) => {
      const reason = peer.missing();
      if (reason !== undefined) skipFor(context, reason);
      return startPair(peer, transport, OPTIONS[mode]);
    });
  });
}

for (const transport of TRANSPORTS) {
  describe(`${OWN_ROUTER.name} before a Python application in uWSGI over ${transport}`, () => {
    const scenarios = scenariosFor(OWN_ROUTER, throwingBehindScenario, 'when it writes');
    describeScenarios(scenarios, 0, (context) => {
      requireProgram(context, 'uwsgi');
      const reason = missingUwsgiPlugin('python3');
      if (reason !== undefined) skipFor(context, reason);
      return startPair(OWN_ROUTER, transport, [], startPython);
    });
  });
}
