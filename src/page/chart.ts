/** Lines over the last minutes, as SVG that is drawn anew at every look. */
import { svgElement } from './elements.js';

export interface Point {
  /** Seconds since the epoch. */
  readonly time: number;
  /** One for each line; undefined: a gap. */
  readonly values: readonly (number | undefined)[];
}

export interface ChartOptions {
  /** Classes of the lines, in the order of a point's values. */
  readonly lines: readonly string[];
  readonly format: (value: number) => string;
  /** What the picture shows, for those who hear it. */
  readonly label: string;
}

/** Time that fits on a chart; at first it shows less, so that its lines can be seen. */
export const SPAN_SECONDS = 300;
const SPAN_STEP = 60;

const LEFT = 58;
const BOTTOM = 20;
const TOP = 6;
const GRID_LINES = 4;

export class Chart {
  readonly #host: HTMLElement;
  readonly #options: ChartOptions;

  constructor(host: HTMLElement, options: ChartOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** `marks`: moments to point out, in seconds since the epoch. */
  draw(points: readonly Point[], marks: readonly number[], now: number): void {
    const width = Math.max(200, this.#host.clientWidth);
    const height = Math.max(80, this.#host.clientHeight);
    const top = niceCeiling(
      Math.max(0, ...points.flatMap(({ values }) => values.map((v) => v ?? 0))),
    );
    const span = spanOf(points, now);
    const x = (time: number): number => LEFT + ((time - now) / span + 1) * (width - LEFT - 4);
    const y = (value: number): number => TOP + (1 - value / top) * (height - TOP - BOTTOM);
    const svg = svgElement(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': this.#options.label },
      [
        ...this.#grid(top, y, width),
        ...timeLabels(height, width, span),
        ...marks.filter((time) => time > now - span).map((time) => mark(x(time), height - BOTTOM)),
        ...this.#options.lines.map((className, index) =>
          svgElement('path', { class: className, d: pathOf(points, index, x, y) }),
        ),
      ],
    );
    this.#host.replaceChildren(svg);
  }

  #grid(top: number, y: (value: number) => number, width: number): SVGElement[] {
    return Array.from({ length: GRID_LINES + 1 }, (_, step) => (top * step) / GRID_LINES).flatMap(
      (value) => [
        svgElement('line', { class: 'grid', x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
        svgElement('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, [
          this.#options.format(value),
        ]),
      ],
    );
  }
}

/** Whole minutes. */
function spanOf(points: readonly Point[], now: number): number {
  const age = now - (points[0]?.time ?? now);
  return Math.min(SPAN_SECONDS, Math.max(1, Math.ceil(age / SPAN_STEP)) * SPAN_STEP);
}

function timeLabels(height: number, width: number, span: number): SVGElement[] {
  const label = (x: number, anchor: string, text: string): SVGElement =>
    svgElement('text', { x, y: height - 4, 'text-anchor': anchor }, [text]);
  return [label(LEFT, 'start', `${span / 60} min ago`), label(width, 'end', 'now')];
}

function mark(x: number, bottom: number): SVGElement {
  return svgElement('line', { class: 'mark', x1: x, x2: x, y1: TOP, y2: bottom });
}

function pathOf(
  points: readonly Point[],
  line: number,
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  let joined = false;
  return points
    .map(({ time, values }) => {
      const value = values[line];
      const command = joined ? 'L' : 'M';
      joined = value !== undefined;
      return value === undefined ? '' : `${command}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join('');
}

/** 1, 2, 4, 5, or 10 times a power of ten: divides by four into figures that read well. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 8, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}
