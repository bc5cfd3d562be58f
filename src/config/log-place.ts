/** What `--logto` and `--daemonize` name: a file, or HOST:PORT. */

/** A file whose name looks like an address is written with a slash: `./a:1`. */
export function isDatagramAddress(place: string): boolean {
  return /^[^/]*:\d+$/.test(place);
}
