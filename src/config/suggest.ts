/** "Did you mean": the known name that somebody who wrote an unknown one most likely had in mind. */
import { editDistance } from '../util/edit-distance.js';

/** What other servers call these things; an edit distance cannot find them. */
const FOREIGN_NAMES: ReadonlyMap<string, string> = new Map([
  ['bind', 'http-socket'],
  ['port', 'http-socket'],
  ['host', 'http-socket'],
  ['address', 'http-socket'],
  ['app', 'wsgi-file'],
  ['script', 'wsgi-file'],
  ['directory', 'chdir'],
  ['cwd', 'chdir'],
  ['proc', 'processes'],
  ['instances', 'processes'],
  ['cluster', 'processes'],
  ['backlog', 'listen'],
  ['timeout', 'socket-timeout'],
  ['keep-alive', 'keepalive-timeout'],
  ['graceful-timeout', 'worker-reload-mercy'],
  ['quiet', 'disable-logging'],
  ['debug', 'show-config'],
]);

/** undefined where nothing known is near enough: a far-fetched suggestion is worse than none. */
export function suggest(unknown: string, known: Iterable<string>): string | undefined {
  const word = unknown.toLowerCase().replaceAll('_', '-');
  const names = [...known];
  if (names.includes(word)) return word;
  return foreign(word, names) ?? nearest(word, names) ?? completion(word, names);
}

function foreign(word: string, names: readonly string[]): string | undefined {
  const name = FOREIGN_NAMES.get(word);
  return name !== undefined && names.includes(name) ? name : undefined;
}

function nearest(word: string, names: readonly string[]): string | undefined {
  const tolerance = Math.max(1, Math.round(word.length / 4));
  let best: string | undefined;
  let bestDistance = tolerance + 1;
  for (const name of names) {
    // No distance is below the difference of lengths: a whole line that is no option at all costs nothing.
    if (Math.abs(name.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** The only name that starts or ends with the word, as `proc` does for `processes`. */
function completion(word: string, names: readonly string[]): string | undefined {
  if (word.length < 3) return undefined;
  for (const fits of [startsWith, endsWith]) {
    const found = names.filter((name) => fits(name, word));
    if (found.length === 1) return found[0];
  }
  return undefined;
}

function startsWith(name: string, word: string): boolean {
  return name.startsWith(word);
}

function endsWith(name: string, word: string): boolean {
  return name.endsWith(`-${word}`);
}
