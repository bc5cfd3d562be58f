/**
 * How many workers there should be: uWSGI's cheaper algorithms. Each is a function from its state and the facts of this
 * second to the next state and a decision; nothing here looks at a clock or a process.
 */
import { decideByBusyness, FIRST_BUSYNESS, type BusynessState } from './cheaper-busyness.js';
import {
  busyWorkers,
  type CheaperSettings,
  type Decision,
  type LoadFacts,
} from './cheaper-facts.js';

/** Of all algorithms together: one is chosen for the server's life, and uses its own part. */
export interface CheaperState {
  /** spare: seconds of overload, worn off second by second. */
  readonly overload: number;
  /** spare, spare2: seconds with more free workers than are wanted. */
  readonly idle: number;
  readonly busyness: BusynessState;
}

export const FIRST_STATE: CheaperState = { overload: 0, idle: 0, busyness: FIRST_BUSYNESS };

export interface Step {
  readonly state: CheaperState;
  readonly decision: Decision;
}

const NOTHING: Decision = { change: 0 };

/**
 * `asked`: workers that the operator wants more or fewer; it comes before what the algorithm says, and behind the limits
 * of memory. The change never leads below the minimum or above the maximum.
 */
export function decideCount(
  state: CheaperState,
  facts: LoadFacts,
  settings: CheaperSettings,
  asked: number,
): Step {
  const memory = memoryDecision(facts, settings);
  if (memory.change !== 0) return { state, decision: clamp(memory, facts, settings) };
  const full = memory.about === 'memory';
  if (asked !== 0) {
    const why = asked > 0 ? 'the operator adds a worker' : 'the operator removes a worker';
    const decision: Decision = full && asked > 0 ? memory : { change: asked, why };
    return { state, decision: clamp(decision, facts, settings) };
  }
  const step = ALGORITHMS[settings.algorithm](state, facts, settings);
  const { decision } = step;
  if (full && decision.change > 0) return { state: step.state, decision: memory };
  return { state: step.state, decision: clamp(decision, facts, settings) };
}

/** A change of 0 with a reason: nothing may be added. */
function memoryDecision(facts: LoadFacts, { rssSoft, rssHard, min }: CheaperSettings): Decision {
  const { residentBytes, active } = facts;
  const used = `workers have ${Math.round(residentBytes / (1024 * 1024))} MB of resident memory together`;
  if (rssHard > 0 && residentBytes >= rssHard && active > min)
    return { change: -1, why: `${used} (cheaper-rss-limit-hard)` };
  const limit = rssSoft > 0 ? rssSoft : rssHard;
  if (limit === 0 || residentBytes < limit) return NOTHING;
  const option = rssSoft > 0 ? 'cheaper-rss-limit-soft' : 'cheaper-rss-limit-hard';
  return { change: 0, about: 'memory', why: `${used} (${option}): no worker is added` };
}

function clamp(decision: Decision, { active }: LoadFacts, settings: CheaperSettings): Decision {
  const { min, max } = settings;
  const change = Math.max(Math.min(decision.change, max - active), Math.min(0, min - active));
  if (change === decision.change) return decision;
  if (change !== 0) return { ...decision, change };
  return NOTHING;
}

type Algorithm = (state: CheaperState, facts: LoadFacts, settings: CheaperSettings) => Step;

const ALGORITHMS: Readonly<Record<CheaperSettings['algorithm'], Algorithm>> = {
  spare,
  spare2,
  backlog,
  busyness,
  manual: (state) => ({ state, decision: NOTHING }),
};

/** Keeps one worker free: adds where all were busy for a while, removes where more than one was free for a while. */
function spare(state: CheaperState, facts: LoadFacts, settings: CheaperSettings): Step {
  const { overload: limit, step } = settings;
  const busy = busyWorkers(facts);
  const allBusy = busy >= facts.active;
  const overload = allBusy ? state.overload + 1 : Math.max(0, state.overload - 1);
  const idle = allBusy ? 0 : state.idle;
  if (overload > limit) {
    const why = `all ${facts.active} worker(s) were busy for more than ${limit} s (spare)`;
    return { state: { ...state, overload: 0, idle }, decision: { change: step, why } };
  }
  const free = facts.active - busy;
  if (overload > 0 || free <= 1) return { state: { ...state, overload, idle }, decision: NOTHING };
  if (idle + 1 < Math.max(1, limit))
    return { state: { ...state, overload, idle: idle + 1 }, decision: NOTHING };
  const why = `${free} of ${facts.active} workers are free (spare)`;
  return { state: { ...state, overload, idle: 0 }, decision: { change: -1, why } };
}

/** Keeps as many workers free as `--cheaper` says: adds at once, removes slowly. */
function spare2(state: CheaperState, facts: LoadFacts, settings: CheaperSettings): Step {
  const { min, step, idle: limit } = settings;
  const free = facts.active - busyWorkers(facts);
  if (free < min) {
    const change = Math.min(step, min - free);
    const why = `${free} worker(s) are free, ${min} should be (spare2)`;
    return { state: { ...state, idle: 0 }, decision: { change, why } };
  }
  if (free === min) return { state: { ...state, idle: 0 }, decision: NOTHING };
  if (state.idle + 1 < limit)
    return { state: { ...state, idle: state.idle + 1 }, decision: NOTHING };
  const why = `${free} workers were free for ${limit} s, ${min} should be (spare2)`;
  return { state: { ...state, idle: 0 }, decision: { change: -1, why } };
}

/** Goes by the connections that nobody has accepted. What boots already is waited for. */
function backlog(state: CheaperState, facts: LoadFacts, settings: CheaperSettings): Step {
  const { overload, step } = settings;
  const waiting = `${facts.backlog} connection(s) wait to be accepted`;
  if (facts.booting > 0 || facts.backlog === overload) return { state, decision: NOTHING };
  if (facts.backlog > overload)
    return {
      state,
      decision: { change: step, why: `${waiting}, more than ${overload} (backlog)` },
    };
  return { state, decision: { change: -1, why: `${waiting}, fewer than ${overload} (backlog)` } };
}

function busyness(state: CheaperState, facts: LoadFacts, settings: CheaperSettings): Step {
  const step = decideByBusyness(state.busyness, facts, settings);
  return { state: { ...state, busyness: step.state }, decision: step.decision };
}
