/** Figures as people read them. */

export function formatMicros(micros: number | undefined): string {
  if (micros === undefined) return '–';
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 1e6) return `${digits(micros / 1000)} ms`;
  return `${digits(micros / 1e6)} s`;
}

export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond);
}

export function formatCount(count: number): string {
  const rounded = Math.round(count);
  if (rounded < 10_000) return String(rounded);
  return rounded < 1e6 ? `${digits(rounded / 1000)}k` : `${digits(rounded / 1e6)}M`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const [unit, size]: [string, number] =
    bytes < 1024 ** 2 ? ['KB', 1024] : bytes < 1024 ** 3 ? ['MB', 1024 ** 2] : ['GB', 1024 ** 3];
  return `${digits(bytes / size)} ${unit}`;
}

export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** How long something lasts or lasted. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Three digits that count. */
function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
