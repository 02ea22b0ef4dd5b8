"use strict";
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const HEIGHT = 188, LEFT = 52, RIGHT = 8, TOP = 20, BOTTOM = 34;
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const DASHES = ["", "7 3", "2 3", "9 3 2 3"];
  const data = JSON.parse(document.getElementById("data").textContent);

  const element = (name, attributes, parent, text) => {
    const made = document.createElementNS(NS, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  };
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
  const superscript = (n) => String(n).replace(/[-0-9]/g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  const number = (value, digits = 4) => {
    if (!Number.isFinite(value)) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-3 || size >= 1e6) {
      const [mantissa, exponent] = value.toExponential(Math.min(digits, 3) - 1).split("e");
      return `${mantissa.replace("-", "−")} × 10${superscript(Number(exponent))}`;
    }
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    const [whole, rest] = value.toFixed(decimals).replace("-", "−").split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
    const fraction = (rest || "").replace(/0+$/, "");
    return fraction ? `${grouped}.${fraction}` : grouped;
  };
  const duration = (seconds) => {
    const parts = [];
    let rest = Math.round(seconds * 1000) / 1000;
    for (const [name, size] of UNITS) {
      const count = name === "s" ? Math.round(rest * (seconds < 60 ? 1000 : 1)) / (seconds < 60 ? 1000 : 1) : Math.floor(rest / size);
      if (count || parts.length) parts.push([count, name]);
      rest -= count * size;
    }
    return parts.slice(0, 2).filter(([count]) => count).map(([count, name]) => `${count} ${name}`).join(" ") || "0 s";
  };
  const roundUp = (value, steps = [1, 2, 2.5, 5, 10]) => {
    const power = 10 ** Math.floor(Math.log10(value));
    return steps.map((step) => step * power).find((step) => step >= value * (1 - 1e-9));
  };

  const panels = data.panels.map((panel) => ({
    ...panel,
    series: panel.series.map((series) => ({
      ...series,
      t: Float64Array.from(new Uint32Array(bytes(series.t)), (count) => count * data.tick),
      v: new Float32Array(bytes(series.v)),
    })),
  }));
  // First index with time >= t.
  const search = (times, t) => {
    let low = 0, high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < t) low = middle + 1; else high = middle;
    }
    return low;
  };
  const valueAt = (series, t) => {
    const { t: times, v: values } = series, right = search(times, t);
    if (right >= times.length || (right === 0 && times[0] > t)) return NaN;
    if (times[right] === t || right === 0) return values[right];
    const share = (t - times[right - 1]) / (times[right] - times[right - 1]);
    return values[right - 1] + share * (values[right] - values[right - 1]);
  };

  // The span of a component: where its first chart has samples. A zoom belongs to a component, a choice to all.
  const ranges = new Map();
  const fitted = (component) => {
    let start = Infinity, end = -Infinity;
    for (const panel of panels) if (panel.component === component) for (const { t } of panel.series) {
      start = Math.min(start, t[0]);
      end = Math.max(end, t[t.length - 1]);
    }
    return end > start ? [start, end] : [start, start + 1];
  };
  let chosen = null;
  const rangeOf = (component) => ranges.get(component) || chosen || fitted(component);

  const repeated = new Set(data.steps.filter((step) => step.cycle > 1).map((step) => step.phase));
  const cycles = new Map();
  for (const step of data.steps) if (repeated.has(step.phase)) {
    const key = `${step.phase} ${step.cycle}`, known = cycles.get(key);
    cycles.set(key, { text: `${step.phase}, cycle ${step.cycle}`, start: Math.min(step.start, known ? known.start : Infinity), end: Math.max(step.end, known ? known.end : -Infinity) });
  }

  const axisOf = ([start, end]) => {
    const slack = 0.002 * (end - start);
    const within = (span) => start >= span.start - slack && end <= span.end + slack;
    const phase = data.phases.find(within);
    const [unit, size] = UNITS.find(([, size]) => end - start >= 3 * size) || UNITS[3];
    const step = data.steps.find(within);
    if (step) return { origin: step.start, unit, size, title: `${unit} in ${step.name}${step.name.startsWith("cycle") || !repeated.has(step.phase) ? "" : `, cycle ${step.cycle}`}` };
    const cycle = [...cycles.values()].find(within);
    if (cycle && cycles.size > 1) return { origin: cycle.start, unit, size, title: `${unit} in ${cycle.text}` };
    if (phase && phase.start > 0) return { origin: phase.start, unit, size, title: `${unit} in ${phase.name}, from ${duration(phase.start)}` };
    const first = data.phases.find((phase) => phase.start > 0 && Math.abs(phase.start - start) <= slack);
    if (!phase && first) return { origin: first.start, unit, size, title: `${unit} from ${duration(first.start)}` };
    return { origin: 0, unit, size, title: phase && data.phases.length > 1 ? `${unit} in ${phase.name}` : unit };
  };

  const charts = [];
  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.panel = panels[Number(figure.dataset.panel)];
      this.legend = document.createElement("div");
      this.legend.className = "legend";
      this.values = this.panel.series.map((series, index) => {
        const entry = document.createElement("span");
        entry.className = `c${index}`;
        entry.title = [series.name, series.about].filter(Boolean).join(": ");
        const sample = element("svg", { viewBox: "0 0 18 8", "aria-hidden": "true" });
        element("path", { class: "trace", d: "M1 4H17", style: `fill:none;stroke:var(--c);stroke-width:2.2;stroke-dasharray:${DASHES[index] || "none"}` }, sample);
        const value = document.createElement("b");
        entry.append(sample, series.name, value);
        this.legend.append(entry);
        return value;
      });
      figure.append(this.legend);
      this.svg = element("svg", { role: "img" }, figure);
      this.svg.addEventListener("pointermove", (event) => this.moved(event));
      this.svg.addEventListener("pointerleave", () => { if (this.from === undefined) pointAt(null, this.panel.component); });
      this.svg.addEventListener("pointerdown", (event) => this.pressed(event));
      this.svg.addEventListener("pointerup", (event) => this.released(event));
      this.svg.addEventListener("dblclick", () => { ranges.delete(this.panel.component); redraw(this.panel.component); });
      charts.push(this);
    }

    draw() {
      const width = Math.max(this.figure.clientWidth, 220);
      this.width = width;
      this.range = rangeOf(this.panel.component);
      const [start, end] = this.range;
      this.x = (t) => LEFT + (t - start) / (end - start) * (width - LEFT - RIGHT);
      this.svg.replaceChildren();
      this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      const names = this.panel.series.map((series) => series.name).join(", ");
      this.svg.setAttribute("aria-label", `${this.panel.component}: ${names} over time`);
      const clip = `clip${charts.indexOf(this)}`;
      element("rect", { x: LEFT, y: TOP - 4, width: width - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM + 8 }, element("clipPath", { id: clip }, this.svg));
      this.scaleValues();
      this.drawBands();
      this.drawTurns();
      this.drawAxes();
      const traces = element("g", { "clip-path": `url(#${clip})` }, this.svg);
      this.panel.series.forEach((series, index) => {
        element("path", { class: `trace c${index}`, d: this.trace(series), "stroke-dasharray": DASHES[index] || "none" }, traces);
      });
      this.overlay = element("g", {}, this.svg);
      this.showFinal();
    }

    scaleValues() {
      let low = Infinity, high = -Infinity;
      for (const { t, v } of this.panel.series) {
        const first = Math.max(search(t, this.range[0]) - 1, 0), last = Math.min(search(t, this.range[1]) + 1, t.length);
        for (let i = first; i < last; i++) if (Number.isFinite(v[i])) { low = Math.min(low, v[i]); high = Math.max(high, v[i]); }
      }
      if (!(high >= low)) [low, high] = [0, 1];
      if (low > -0.02 * high && low < 0.4 * high) low = 0;
      if (high - low < 1e-9 * Math.max(Math.abs(high), 1e-300)) { const room = Math.abs(high) * 0.05 || 1; low -= room; high += room; }
      this.step = roundUp((high - low) / 5);
      const top = high + 0.04 * (high - low), bottom = low === 0 ? 0 : low - 0.04 * (high - low);
      this.low = bottom; this.high = top;
      this.y = (value) => HEIGHT - BOTTOM - (value - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM);
    }

    drawBands() {
      const [start, end] = this.range;
      const inside = data.phases.find((phase) => start >= phase.start - 1 && end <= phase.end + 1);
      const steps = inside ? data.steps.filter((step) => step.phase === inside.name && step.end > start && step.start < end) : [];
      const bands = inside && steps.length && steps.length < 60 ? steps : data.phases.filter((phase) => phase.end > start && phase.start < end);
      if (!bands.length || (bands.length === 1 && !steps.length)) return;
      for (const band of bands) {
        const x = this.x(Math.max(band.start, start)), width = this.x(Math.min(band.end, end)) - x;
        const mark = element("g", { class: `c${band.colour}` }, this.svg);
        element("rect", { class: "band", x, y: TOP - 4, width: Math.max(width, 1), height: HEIGHT - TOP - BOTTOM + 4 }, mark);
        if (band.name.length * 5.6 < width - 6) element("text", { class: "band-name", x: x + 2, y: TOP - 8 }, mark, band.name);
      }
    }

    drawTurns() {
      const [start, end] = this.range;
      let free = LEFT;
      for (const turn of data.turns[this.panel.component] || []) {
        if (turn.end <= start || turn.start >= end) continue;
        const x = this.x(Math.max(turn.start, start)), width = Math.max(this.x(Math.min(turn.end, end)) - x, 2);
        const mark = element("g", { class: "turn" }, this.svg);
        element("rect", { x, y: TOP - 4, width, height: HEIGHT - TOP - BOTTOM + 4 }, mark);
        const half = turn.who.length * 3, middle = Math.min(Math.max(x + width / 2, LEFT + half), this.width - RIGHT - half);
        if (middle - half < free) continue;
        element("text", { x: middle, y: HEIGHT - BOTTOM - 4 }, mark, turn.who);
        free = middle + half;
      }
    }

    drawAxes() {
      const grid = element("g", { class: "lines" }, this.svg);
      const right = this.width - RIGHT, foot = HEIGHT - BOTTOM;
      const size = Math.max(Math.abs(this.low), Math.abs(this.high));
      const power = size >= 1e5 || size < 1e-2 ? Math.floor(Math.log10(size)) : 0;
      for (let k = Math.ceil(this.low / this.step - 1e-9); k * this.step <= this.high; k++) {
        const y = this.y(k * this.step);
        element("line", { x1: LEFT, x2: right, y1: y, y2: y }, grid);
        element("text", { class: "tick", x: LEFT - 7, y: y + 4, "text-anchor": "end" }, grid, number(Number((k * this.step / 10 ** power).toPrecision(6))));
      }
      const unit = [power ? `10${superscript(power)}` : "", this.panel.unit].filter(Boolean).join(" ");
      element("text", { class: "unit", x: 2, y: 11 }, this.svg, unit);
      const axis = axisOf(this.range), [start, end] = this.range;
      const step = roundUp((end - start) / axis.size / Math.max(3, (this.width - LEFT) / 42), [1, 2, 5, 10]) * axis.size;
      element("line", { class: "axis", x1: LEFT, x2: right, y1: foot, y2: foot }, this.svg);
      for (let k = Math.ceil((start - axis.origin) / step - 1e-9); axis.origin + k * step <= end + 1e-9 * step; k++) {
        const x = this.x(axis.origin + k * step);
        element("line", { class: "axis", x1: x, x2: x, y1: foot, y2: foot + 4 }, this.svg);
        element("text", { class: "tick", x, y: foot + 16, "text-anchor": "middle" }, this.svg, number(Number((k * step / axis.size).toPrecision(9)), 6));
      }
      element("text", { class: "unit", x: right, y: HEIGHT - 4, "text-anchor": "end" }, this.svg, axis.title);
    }

    trace({ t, v }) {
      const first = Math.max(search(t, this.range[0]) - 1, 0), last = Math.min(search(t, this.range[1]) + 1, t.length);
      let path = "", pen = "M";
      for (let i = first; i < last; i++) {
        if (!Number.isFinite(v[i])) { pen = "M"; continue; }
        path += `${pen}${this.x(t[i]).toFixed(1)} ${this.y(v[i]).toFixed(1)}`;
        pen = "L";
      }
      return path || "M0 0";
    }

    showFinal() {
      this.panel.series.forEach((series, index) => { this.values[index].textContent = ""; });
    }

    timeAt(event) {
      const box = this.svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * this.width;
      const share = Math.min(Math.max((x - LEFT) / (this.width - LEFT - RIGHT), 0), 1);
      return this.range[0] + share * (this.range[1] - this.range[0]);
    }

    moved(event) {
      const time = this.timeAt(event);
      pointAt(time, this.panel.component);
      if (this.from !== undefined) {
        const [a, b] = [this.from, time].sort((p, q) => p - q);
        element("rect", { class: "zoom", x: this.x(a), y: TOP - 4, width: this.x(b) - this.x(a), height: HEIGHT - TOP - BOTTOM + 4 }, this.overlay);
      }
    }

    pressed(event) {
      if (event.button !== 0 || event.pointerType === "touch") return;
      this.from = this.timeAt(event);
      this.svg.setPointerCapture(event.pointerId);
    }

    released(event) {
      if (this.from === undefined) return;
      const [a, b] = [this.from, this.timeAt(event)].sort((p, q) => p - q);
      this.from = undefined;
      if (this.x(b) - this.x(a) > 6) { ranges.set(this.panel.component, [a, b]); redraw(this.panel.component); }
    }

    point(time) {
      if (!this.overlay) return;
      this.overlay.replaceChildren();
      if (time === null || time < this.range[0] || time > this.range[1]) return this.showFinal();
      const x = this.x(time);
      element("line", { class: "cross", x1: x, x2: x, y1: TOP - 4, y2: HEIGHT - BOTTOM }, this.overlay);
      const axis = axisOf(this.range);
      const label = `${number((time - axis.origin) / axis.size, 5)} ${axis.unit}`;
      element("text", { class: "tick", x: Math.min(Math.max(x, LEFT + 20), this.width - RIGHT - 24), y: TOP - 8, "text-anchor": "middle" }, this.overlay, label);
      this.panel.series.forEach((series, index) => {
        const value = valueAt(series, time);
        this.values[index].textContent = Number.isFinite(value) ? number(value) : "";
        if (Number.isFinite(value)) element("circle", { class: `dot c${index}`, cx: x, cy: this.y(value), r: 3.4 }, this.overlay);
      });
    }
  }

  const pointAt = (time, component) => charts.forEach((chart) => { if (chart.panel.component === component) chart.point(time); });
  const showCards = () => {
    for (const card of document.querySelectorAll("[data-component]")) {
      const [start, end] = fitted(card.dataset.component);
      card.hidden = chosen !== null && (end <= chosen[0] || start >= chosen[1]);
    }
  };
  const redraw = (component) => charts.forEach((chart) => {
    if (chart.figure.clientWidth && (component === undefined || chart.panel.component === component)) chart.draw();
  });

  const chips = document.getElementById("ranges");
  const choose = (range, button) => {
    chosen = range;
    ranges.clear();
    showCards();
    if (chips) for (const other of chips.children) other.setAttribute("aria-pressed", String(other === button));
    redraw();
  };
  if (chips) {
    const offer = (text, range) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => choose(range, button));
      chips.append(button);
    };
    offer("each its own span", null);
    chips.firstChild.setAttribute("aria-pressed", "true");
    chips.hidden = data.phases.length < 2 && cycles.size < 2;
    if (data.phases.length > 1) offer("whole run", [0, data.end]);
    if (data.phases.length > 1 && data.phases.length < 9) for (const phase of data.phases) offer(phase.name, [phase.start, phase.end]);
    if (cycles.size > 1 && cycles.size < 9) for (const { text, start, end } of cycles.values()) offer(text, [start, end]);
  }
  for (const bar of document.querySelectorAll(".timeline .bar")) {
    const show = () => {
      choose([Number(bar.dataset.start), Number(bar.dataset.end)], null);
      document.getElementById("trajectories")?.scrollIntoView();
    };
    bar.addEventListener("click", show);
    bar.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } });
  }
  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  for (const figure of document.querySelectorAll(".chart")) new Chart(figure);
  redraw();
  for (const details of document.querySelectorAll("details")) details.addEventListener("toggle", () => { if (details.open) redraw(); });
  let pending = 0, width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => redraw());
  });
  document.documentElement.dataset.ready = "true";
})();
