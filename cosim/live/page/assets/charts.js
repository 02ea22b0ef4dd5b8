// One trend: measured, sampled, twin, estimated and forecast over the time of the batch.

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const STEPS = [MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 28 * DAY];
const LEAST_SPAN = 0.01; // share of its size by which a value's scale spans at least, so that noise looks like noise

export function batchTime(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const clock = `${two(Math.floor((s % DAY) / HOUR))}:${two(Math.floor((s % HOUR) / MINUTE))}`;
  return s >= DAY ? `d ${Math.floor(s / DAY)}  ${clock}` : clock;
}

function tick(seconds, step) {
  if (step >= DAY) return `d ${Math.round(seconds / DAY)}`;
  const day = Math.floor(seconds / DAY + 1e-9), left = Math.round(seconds - day * DAY);
  if (left === 0 && day) return `d ${day}`;
  return `${Math.floor(left / HOUR)}:${String(Math.floor((left % HOUR) / MINUTE)).padStart(2, "0")}`;
}

export function figure(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2);
  if (size < 1 && size > 0) return value.toPrecision(3);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : 2);
}

const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Indices from and to of what lies in a range; one more on each side, so that lines leave the picture.
function part(times, from, to) {
  const below = (limit) => {
    let a = 0, b = times.length;
    while (a < b) { const m = (a + b) >> 1; if (times[m] < limit) a = m + 1; else b = m; }
    return a;
  };
  return [Math.max(0, below(from) - 1), Math.min(times.length, below(to) + 1)];
}

const cut = (table, from, to) => {
  const [a, b] = part(table[0], from, to);
  return table.map((column) => (column ? column.slice(a, b) : new Array(b - a).fill(null)));
};

export class Trend {
  constructor(box) {
    this.box = box;
    this.plot = null;
  }

  make() {
    const line = (colour, width, more = {}) => ({ stroke: colour, width, points: { show: false }, ...more });
    const edge = line("transparent", 0);
    const [ink, grid] = [paint("soft"), paint("grid")];
    const axis = { stroke: ink, font: "14px system-ui", grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const sampled = paint("sampled");
    const options = {
      width: this.box.clientWidth, height: this.box.clientHeight, legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: () => this.range }, y: { range: span } },
      axes: [
        { ...axis, size: 26, gap: 3, space: 62, incrs: STEPS, values: (u, all, i, space, step) => all.map((x) => tick(x, step)) },
        { ...axis, size: 52, gap: 4, space: 34 },
      ],
      series: [
        {},
        edge, edge, line("transparent", 0), // envelope: low, high, middle
        edge, edge, line(paint("estimate"), 2.5, { dash: [7, 5] }), // forecast
        edge, edge, line(paint("estimate"), 2.5), // estimate
        line(paint("measured"), 1.5),
        line(paint("twin"), 2.5),
        { stroke: sampled, width: 0, paths: () => null, points: { show: true, size: 9, width: 2, stroke: sampled, fill: sampled } },
      ],
      bands: [
        { series: [2, 1], fill: paint("envelope-band") },
        { series: [5, 4], fill: paint("forecast-band") },
        { series: [8, 7], fill: paint("estimate-band") },
      ],
      hooks: { draw: [(u) => this.markNow(u)] },
    };
    this.plot = new uPlot(options, [[]], this.box);
  }

  markNow(u) {
    if (this.now === null || this.now >= this.range[1]) return;
    const x = Math.round(u.valToPos(this.now, "x", true));
    u.ctx.save();
    u.ctx.strokeStyle = paint("faint");
    u.ctx.lineWidth = devicePixelRatio;
    u.ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
    u.ctx.restore();
  }

  // course: {times, measured, twin, estimate, low, high}; samples, forecast and envelope as tables
  draw(course, samples, forecast, envelope, range, now) {
    this.range = range;
    this.now = now;
    const empty = (n) => Array.from({ length: n }, () => []);
    const ordered = (table) => [table[0], table[2], table[3], table[1]];
    const tables = [
      cut(envelope ? ordered(envelope) : empty(4), ...range),
      cut(forecast ? ordered(forecast) : empty(4), ...range),
      cut([course.times, course.low, course.high, course.estimate, course.measured, course.twin], ...range),
      cut(samples.length ? samples : empty(2), ...range),
    ];
    if (!this.plot) this.make();
    const data = uPlot.join(tables);
    this.plot.setData(data.length ? data : [[]]);
  }

  fit() {
    if (this.plot) this.plot.setSize({ width: this.box.clientWidth, height: this.box.clientHeight });
  }

  free() {
    this.plot?.destroy();
    this.plot = null;
  }
}

function span(u, low, high) {
  if (low === null || high === null) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high)), least = Math.max(LEAST_SPAN * size, 1e-12);
  const middle = (low + high) / 2, half = Math.max(high - low, least) * 0.54;
  return [low >= 0 && middle - half < 0 ? 0 : middle - half, middle + half];
}
