/** Lines as syslog daemons take them. */
import { hostname } from 'node:os';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const INFO = 6;

const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

export function facilityNumber(name: string): number | undefined {
  return FACILITIES[name.toLowerCase().replace(/^log_/, '')];
}

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
