/**
 * Loads a package of bench/package.json. Its name is not a static import, so that the benchmarks compile where
 * `npm ci --prefix bench` was not run; each server declares the few members that it uses.
 */
export async function importPeer<T>(name: string): Promise<T> {
  const module = (await import(name)) as { readonly default: T };
  return module.default;
}
