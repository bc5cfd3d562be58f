/** uWSGI's `busyness` algorithm: keeps the share of time that workers are busy between two marks. */
import type { CheaperSettings, Decision, LoadFacts } from './cheaper-facts.js';

export interface BusynessState {
  /** Of the cycle that runs: seconds and busyness in percent, summed up. */
  readonly samples: number;
  readonly sum: number;
  /** Of the last cycle that is over, in percent. */
  readonly mean: number | undefined;
  /** Cycles below the lower mark in a row. */
  readonly low: number;
  /** How many of those it takes; grows where workers went too early. */
  readonly multiplier: number | undefined;
  /** Cycles since a worker was removed. */
  readonly sinceRemoval: number | undefined;
  /** Cycles between the marks in a row. */
  readonly calm: number;
  /** Workers that an alert started and that are still there. */
  readonly emergency: number;
  /** When connections began to wait, in seconds. */
  readonly waitingSince: number | undefined;
}

export const FIRST_BUSYNESS: BusynessState = {
  samples: 0,
  sum: 0,
  mean: undefined,
  low: 0,
  multiplier: undefined,
  sinceRemoval: undefined,
  calm: 0,
  emergency: 0,
  waitingSince: undefined,
};

interface Step {
  readonly state: BusynessState;
  readonly decision: Decision;
}

export function decideByBusyness(
  before: BusynessState,
  facts: LoadFacts,
  settings: CheaperSettings,
): Step {
  const ready = facts.active - facts.booting;
  const percent = ready === 0 ? 0 : Math.min(100, (100 * facts.load) / ready);
  const state = {
    ...before,
    samples: before.samples + 1,
    sum: before.sum + percent,
    waitingSince: facts.backlog === 0 ? undefined : (before.waitingSince ?? facts.now),
  };
  const alert = alertStep(state, facts, settings);
  if (alert !== undefined) return alert;
  if (state.samples < Math.max(1, settings.overload)) return { state, decision: { change: 0 } };
  const mean = state.sum / state.samples;
  const next = { ...state, samples: 0, sum: 0, mean, sinceRemoval: increased(state.sinceRemoval) };
  const { max, min } = settings.busyness;
  if (mean > max) return tooBusy(next, mean, settings);
  if (mean < min) return hardlyBusy(next, mean, facts, settings);
  return between(next, mean, settings);
}

/** Workers are added at once where connections pile up; what boots already is waited for. */
function alertStep(
  state: BusynessState,
  { backlog, now, booting, active }: LoadFacts,
  { max, busyness }: CheaperSettings,
): Step | undefined {
  const { backlogAlert, backlogStep, backlogNonzero } = busyness;
  if (booting > 0 || active >= max) return undefined;
  const waitedFor = state.waitingSince === undefined ? 0 : now - state.waitingSince;
  if (backlog < backlogAlert && waitedFor <= backlogNonzero) return undefined;
  const change = Math.min(backlogStep, max - active);
  const how = backlog < backlogAlert ? `, for ${Math.round(waitedFor)} s` : '';
  return {
    state: { ...state, emergency: state.emergency + change, waitingSince: undefined },
    decision: { change, why: `${backlog} connection(s) wait to be accepted${how} (busyness)` },
  };
}

function tooBusy(state: BusynessState, mean: number, settings: CheaperSettings): Step {
  const { max, penalty } = settings.busyness;
  const multiplier = patience(state, settings);
  const early = state.sinceRemoval !== undefined && state.sinceRemoval <= multiplier;
  const grown = early ? multiplier + penalty : multiplier;
  const why = `workers were busy for ${percentText(mean)} of their time, more than ${max} % (busyness)`;
  return {
    state: { ...state, low: 0, calm: 0, multiplier: grown, sinceRemoval: undefined },
    decision: { change: settings.step, why },
  };
}

function hardlyBusy(
  state: BusynessState,
  mean: number,
  { active }: LoadFacts,
  settings: CheaperSettings,
): Step {
  const { min, backlogMultiplier } = settings.busyness;
  const low = state.low + 1;
  const needed = state.emergency > 0 ? backlogMultiplier : patience(state, settings);
  const busy = `workers were busy for ${percentText(mean)} of their time, less than ${min} %`;
  if (active <= settings.min)
    return {
      state: { ...state, low: 0, emergency: 0 },
      decision: { change: 0, about: 'cycle', why: `${busy}; the minimum runs (busyness)` },
    };
  if (low < needed) {
    const why = `${busy}; a worker ends after ${needed - low} more cycle(s) (busyness)`;
    return { state: { ...state, low, calm: 0 }, decision: { change: 0, about: 'cycle', why } };
  }
  const emergency = Math.max(0, state.emergency - 1);
  return {
    state: { ...state, low: 0, calm: 0, emergency, sinceRemoval: 0 },
    decision: { change: -1, why: `${busy}, in ${needed} cycle(s) in a row (busyness)` },
  };
}

/** Where nothing had to be changed for long, the multiplier comes back step by step. */
function between(state: BusynessState, mean: number, settings: CheaperSettings): Step {
  const base = settings.busyness.multiplier;
  const multiplier = patience(state, settings);
  const relax = state.calm + 1 >= base && multiplier > base;
  const why = `workers were busy for ${percentText(mean)} of their time (busyness)`;
  return {
    state: {
      ...state,
      low: 0,
      calm: relax ? 0 : state.calm + 1,
      multiplier: relax ? multiplier - 1 : multiplier,
    },
    decision: { change: 0, about: 'cycle', why },
  };
}

function patience({ multiplier }: BusynessState, { busyness }: CheaperSettings): number {
  return multiplier ?? busyness.multiplier;
}

function increased(cycles: number | undefined): number | undefined {
  return cycles === undefined ? undefined : cycles + 1;
}

function percentText(percent: number): string {
  return `${Math.round(percent)} %`;
}
