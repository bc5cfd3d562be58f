/** What workers have to finish their requests, as `--worker-reload-mercy` says it in seconds. */
export function mercyWords(seconds: number): string {
  return seconds === 0 ? 'as long as they need' : `${seconds} s`;
}
