/** What the functions of the package say to the master, and what it says back. */
import type { Trigger } from '../util/timetable.js';

/** An order to the server as a whole, from a request or a job of the application. */
export interface CommandMessage {
  readonly type: 'command';
  readonly command: 'reload' | 'stop';
  /** Why, in the application's words. */
  readonly reason: string;
}

/** What a timer does when it is due: raises a signal, or runs a job in one worker. */
export type TimerAct =
  { readonly type: 'signal'; readonly signal: number } | { readonly type: 'job' };

export type ScheduleChange =
  /** This worker has a handler for the signal. */
  | { readonly type: 'handler'; readonly signal: number; readonly target: string }
  | { readonly type: 'raise'; readonly signal: number }
  /** This worker takes part in the timer `key`; what it is, is the same in all of them. */
  | {
      readonly type: 'timer';
      readonly key: string;
      readonly trigger: Trigger;
      readonly act: TimerAct;
    }
  /** It does not any more. */
  | { readonly type: 'leave'; readonly key: string }
  /** The job has ended, however. */
  | { readonly type: 'done'; readonly key: string };

export interface ScheduleMessage {
  readonly type: 'schedule';
  readonly change: ScheduleChange;
}

/** A signal of the application, for this worker. */
export interface UserSignalMessage {
  readonly type: 'user-signal';
  readonly signal: number;
}

/** Run this job and say when it is done. */
export interface RunJobMessage {
  readonly type: 'run-job';
  readonly key: string;
}
