/** Lines as syslog daemons take them. */
import { hostname } from 'node:os';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const INFO = 6;

/** RFC 3164: priority, time, host (for other machines), tag. */
export function syslogFrame(
  tag: string,
  facility: number,
  withHost: boolean,
  now: () => Date = () => new Date(),
): (line: string) => string {
  const two = (value: number, filler = '0'): string => String(value).padStart(2, filler);
  return (line) => {
    const time = now();
    const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
    const date = `${MONTHS[time.getMonth()] ?? ''} ${two(time.getDate(), ' ')} ${clock}`;
    const host = withHost ? ` ${hostname()}` : '';
    return `<${facility * 8 + INFO}>${date}${host} ${tag}: ${line}`;
  };
}
