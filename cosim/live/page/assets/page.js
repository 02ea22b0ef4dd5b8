// The live page: what the server tells, shown. Names and texts come from plants and files, so they are only ever set as
// text, never as HTML.
import { Trend, batchTime, figure } from "./charts.js";

const FIELDS = ["measured", "twin", "estimate", "low", "high"];
const RANGES = [["12 h", 12 * 3600], ["2 d", 2 * 86400], ["Batch", 0]];
const SILENCE = 4000; // ms without a word from the server after which this page is out of touch
const OLD = 10; // s; data that are this old, or three times as old as they should be, are stale
const AHEAD = 0.35; // share of the shown time that a forecast may take
const $ = (id) => document.getElementById(id);

const state = { shadow: null, range: 0, heard: performance.now(), wall: Date.now(), person: null, can: false };
let isBehind = false; // the twin cannot keep pace: what it says is not of now
let board = null, trends = new Map(), events = null, isDue = false;

const own = (found, key) => (found && Object.hasOwn(found, key) ? found[key] : undefined); // a tag may be called "constructor"

function make(name, text = "", parent = null, kind = "") {
  const item = document.createElement(name);
  if (text) item.textContent = text;
  if (kind) item.className = kind;
  parent?.append(item);
  return item;
}

function emptyBoard() {
  return { head: null, times: [], courses: Object.create(null), samples: Object.create(null), now: { values: {}, wall: null }, alarms: [], link: null, outlook: null, advice: null, verdict: null, done: null, control: null, phase: "", over: null };
}

// ---- what the server tells ----

function take(message) {
  state.heard = performance.now();
  state.wall = message.wall;
  showShadows(message.shadows);
  if (message.new) learn(message.new);
  showState();
}

function learn(news) {
  if (news.anew) Object.assign(board, { times: [], courses: Object.create(null), samples: Object.create(null) });
  const before = board.times.length;
  board.times.push(...news.times);
  for (const [name, columns] of Object.entries(news.courses)) {
    const course = (board.courses[name] ??= Object.fromEntries(FIELDS.map((field) => [field, new Array(before).fill(null)])));
    columns.forEach((column, i) => course[FIELDS[i]].push(...(column ?? new Array(news.times.length).fill(null))));
  }
  for (const [name, time, value, twin] of news.samples) (board.samples[name] ??= []).push({ time, value, twin });
  for (const list of Object.values(board.samples)) list.sort((a, b) => a.time - b.time);
  for (const key of ["head", "now", "alarms", "link", "outlook", "advice", "verdict", "done", "control", "phase", "over"]) if (key in news) board[key] = news[key];
  if (news.head || news.anew || news.outlook) lay();
  if (news.alarms) showAlarms();
  if (news.outlook) showModel();
  if (news.advice || news.verdict) showAdvice();
  if (news.done || news.control) showDone();
  redraw();
}

// ---- trends ----

function shown() {
  const tags = board.head?.tags ?? [];
  const known = new Set(tags.map((tag) => tag.name));
  const more = Object.entries(board.outlook?.units ?? {}).filter(([name]) => !known.has(name));
  return [...more.map(([name, unit]) => ({ name, unit, use: "estimated", variable: "" })), ...tags];
}

function lay() {
  document.body.classList.toggle("has-estimates", board.outlook !== null);
  document.body.classList.toggle("has-envelope", Object.keys(board.outlook?.envelope ?? {}).length > 0);
  const wanted = shown();
  for (const [name, item] of trends) if (!wanted.some((tag) => tag.name === name)) { item.trend.free(); item.card.remove(); trends.delete(name); }
  for (const tag of wanted) if (!trends.has(tag.name)) trends.set(tag.name, card(tag));
  $("inputs-title").hidden = !wanted.some((tag) => tag.use === "drives");
  const hidden = board.head?.hidden ?? 0;
  $("hidden").hidden = hidden === 0;
  $("hidden").textContent = `${hidden} more tags are stored and used, but not shown.`;
}

function card(tag) {
  const item = make("article", "", $(tag.use === "drives" ? "inputs" : "charts"), "trend");
  const top = make("div", "", item, "top");
  make("b", tag.name, top, "tag");
  const value = make("div", "–", top, "value");
  const about = make("div", "", top, "about");
  const mark = make("span", "", about, "mark");
  if (tag.variable) make("span", tag.variable, about);
  const said = make("div", "", top, "said");
  const trend = new Trend(make("div", "", item, "plot"));
  return { tag, card: item, value, said, mark, trend };
}

function last(course, field) {
  const column = course?.[field];
  return column?.length ? column[column.length - 1] : null;
}

function showValue(item) {
  const { tag } = item, course = board.courses[tag.name];
  const samples = board.samples[tag.name], now = own(board.now.values, tag.name);
  const sample = samples?.[samples.length - 1], estimate = last(course, "estimate");
  let value = null, quality = "good";
  if (tag.use === "samples") {
    value = estimate ?? sample?.value ?? null;
  } else if (tag.use === "estimated") {
    value = estimate;
  } else {
    [value, quality] = now ?? [last(course, "measured"), "good"];
    if (course && board.times.length && last(course, "measured") === null) quality = "missing";
  }
  item.card.dataset.quality = quality;
  item.mark.textContent = quality === "missing" ? "no value" : quality === "uncertain" ? "uncertain" : "";
  item.value.replaceChildren(document.createTextNode(figure(value)));
  item.value.classList.toggle("believed", estimate !== null && tag.use !== "measures");
  if (tag.unit) make("small", tag.unit, item.value);
  showSaid(item, course, sample, estimate);
}

// The line below the value: what the estimate or the twin says beside it, and when the laboratory took its sample.
function showSaid(item, course, sample, estimate) {
  const { tag, said } = item, isSampled = tag.use === "samples";
  const [low, high] = [last(course, "low"), last(course, "high")];
  const twin = isSampled ? (sample?.twin ?? null) : last(course, "twin");
  said.replaceChildren();
  if (isSampled && sample) said.append(estimate === null ? `taken ${batchTime(sample.time)}` : `${figure(sample.value)} at ${batchTime(sample.time)}`);
  if (estimate === null && twin === null) return;
  if (said.firstChild) said.append(",  ");
  if (estimate !== null) make("i", `${tag.use === "measures" ? figure(estimate) + " " : ""}(${figure(low)} … ${figure(high)})`, said);
  else { said.append("twin "); make("b", figure(twin), said); }
  if (isBehind && !isSampled) said.append(` at ${batchTime(board.times[board.times.length - 1] ?? 0)}`);
}

function rangeShown() {
  const now = board.times.length ? board.times[board.times.length - 1] : 0;
  const ends = Object.values(board.outlook?.forecast ?? {}).map((table) => table[0][table[0].length - 1] ?? 0);
  const ahead = Math.max(now, ...ends), least = board.head?.cycle ?? 600;
  if (!state.range) return [0, Math.max(ahead, least)];
  const from = Math.max(0, now - state.range * (1 - AHEAD * (ahead > now)));
  return [from, Math.max(Math.min(ahead, from + state.range), now, from + least)];
}

function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    const range = rangeShown(), now = board.times[board.times.length - 1] ?? null;
    for (const [name, item] of trends) {
      showValue(item);
      const box = item.card.getBoundingClientRect();
      if (box.bottom < -200 || box.top > innerHeight + 200) continue; // drawn when it comes into sight
      const samples = board.samples[name] ?? [];
      const points = samples.length ? [samples.map((sample) => sample.time), samples.map((sample) => sample.value)] : [];
      item.trend.draw({ times: board.times, ...board.courses[name] }, points, own(board.outlook?.forecast, name), own(board.outlook?.envelope, name), range, now);
    }
    document.documentElement.dataset.drawn = String(board.times.length);
  });
}

// ---- state, alarms, model ----

function seconds(s) {
  return s < 90 ? `${Math.round(s)} s` : s < 5400 ? `${Math.round(s / 60)} min` : s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
}

const clock = (wall) => new Date(wall).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function lamp(name, tone, text, title = "") {
  $(name).dataset.tone = tone;
  $(name).title = title;
  $(`${name}-text`).textContent = text;
}

function showState() {
  const silent = performance.now() - state.heard, isOut = silent > SILENCE;
  $("lost").hidden = !isOut && board.over === null;
  $("lost").classList.toggle("over", board.over !== null);
  if (board.over) $("lost").textContent = `This shadow has ${board.over.text}: what is below is its last word.`;
  else if (isOut) $("lost").textContent = `Out of touch with the shadow for ${seconds(silent / 1000)}: what is below is old.`;
  const wall = state.wall + silent, age = board.now.wall !== null ? Math.max(0, (wall - board.now.wall) / 1000) : null;
  const speed = board.now.values.Speed?.[0] || 1, due = Math.max(OLD, (3 * (board.head?.every ?? 0)) / speed);
  const isOver = board.over !== null, isOld = age === null || age > due;
  const link = board.link?.state ?? "waiting";
  const words = { waiting: ["none", "waiting"], history: ["doubt", "catching up"], live: ["good", "connected"], lost: ["bad", "lost"] };
  lamp("link", ...(isOver ? ["none", board.over.text] : words[link]), board.link?.text ?? "");
  lamp("age", isOver || age === null ? "none" : isOld ? "bad" : "good", age === null ? "–" : seconds(age), "since the last value came");
  document.body.classList.toggle("stale", (isOut && !isOver) || (!isOver && (isOld || link === "lost")));
  document.body.dataset.state = isOut ? "out" : link;
  const now = board.times[board.times.length - 1];
  $("time").textContent = now === undefined ? "–" : batchTime(now);
  const late = (board.now.values.BatchTime?.[0] ?? 0) - (now ?? 0), cycle = board.head?.cycle ?? 0;
  isBehind = !isOver && late >= 2 * cycle + OLD * speed; // a cycle is over when a later time has been told
  $("behind").hidden = !isBehind;
  lamp("behind", "doubt", `${seconds(late)} behind`, "the plant's time of the batch is further than the twin's");
  $("phase").textContent = board.phase || "–";
  $("name").textContent = board.head?.name ?? "…";
  $("description").textContent = board.head?.description ?? "";
  $("plant").textContent = board.head?.plant ?? "";
  $("link-since").textContent = board.link ? `${words[link][1]} since ${clock(board.link.wall)}` : "";
  const active = board.alarms.filter((alarm) => alarm.until === null).length;
  document.title = `${isOut ? "out of touch: " : active ? `(${active}) ` : ""}${board.head?.name ?? "cosim shadow"}`;
}

function showAlarms() {
  const order = { bad: 0, doubt: 1 };
  const active = board.alarms.filter((alarm) => alarm.until === null).sort((a, b) => (order[a.tone] ?? 2) - (order[b.tone] ?? 2) || b.wall - a.wall);
  const over = board.alarms.filter((alarm) => alarm.until !== null).sort((a, b) => b.until - a.until).slice(0, 12);
  $("alarms").replaceChildren();
  for (const alarm of [...active, ...over]) {
    const item = make("li", alarm.text, $("alarms"), alarm.until === null ? "" : "over");
    item.dataset.tone = alarm.tone;
    make("small", alarm.until === null ? `since ${clock(alarm.wall)}` : `${clock(alarm.wall)} to ${clock(alarm.until)}`, item);
  }
  $("quiet").hidden = active.length + over.length > 0;
}

function showModel() {
  const { health, reason, parameters } = board.outlook;
  $("health").hidden = false;
  lamp("health", { good: "good", uncertain: "doubt", bad: "bad" }[health] ?? "none", health, reason);
  $("parameters").hidden = parameters.length === 0;
  $("parameter-rows").replaceChildren();
  for (const { name, unit, value, low, high } of parameters) {
    const row = make("tr", "", $("parameter-rows"));
    make("td", name.slice(name.indexOf(".") + 1), row).title = name;
    const cell = make("td", `${figure(value)} ${unit}`, row);
    make("small", `${figure(low)} … ${figure(high)}`, cell);
  }
}

// ---- advice, and what was done ----

const percent = (share) => `${(100 * share).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;

function showAdvice() {
  const { advice, verdict } = board;
  $("advice").hidden = advice === null;
  if (advice === null) return;
  const isOne = advice.moves.length > 0;
  $("advice-text").textContent = isOne ? `At ${batchTime(advice.t)}:` : advice.text;
  $("moves").replaceChildren();
  for (const { tag, unit, now, to, later, changes } of advice.moves) {
    const item = make("li", tag, $("moves"));
    make("b", changes ? `${figure(now)} → ${figure(to)} ${unit}` : `stays at ${figure(now)} ${unit}`, item);
    if (Math.abs(later - to) > 1e-9 * Math.abs(to)) item.append(`${figure(later)} ${unit} from ${batchTime(advice.switch)}`);
  }
  $("promise").replaceChildren();
  for (const [name, text] of isOne ? promises(advice) : []) {
    make("dt", name, $("promise"));
    make("dd", text, $("promise"));
  }
  const decided = verdict && verdict.number === advice.number ? verdict : null;
  $("verdict").textContent = decided ? `${decided.verdict} by ${decided.who}` : isOne && !state.can ? "Nobody can decide here: the page has no token." : "";
  $("decision").hidden = !isOne || decided !== null || !state.can || board.over !== null;
}

function promises({ gain, risk, risk_as_now, harvest }) {
  const sure = gain.confidence === null ? "" : `, ${percent(gain.confidence)} sure`;
  return [
    ["Gain", `${gain.relative > 0 ? "+" : ""}${percent(gain.relative)} (${figure(gain.low)} … ${figure(gain.high)})${sure}`],
    ["Leaves a limit", `${percent(risk)}, as now ${percent(risk_as_now)}`],
    ["End the batch at", batchTime(harvest)],
  ];
}

$("decision").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!state.person) return $("sign-in").showModal();
  const word = event.submitter.value;
  const problem = await send("/decide", { shadow: state.shadow, advice: String(board.advice.number), word, reason: $("reason").value });
  $("decision-problem").textContent = problem;
  if (!problem) $("reason").value = "";
});

function showDone() {
  $("done").hidden = board.done === null && board.control === null;
  $("control").textContent = board.control?.text ?? "";
  $("done-list").replaceChildren();
  for (const { tone, text, wall } of [...(board.done?.items ?? [])].reverse()) {
    const item = make("li", "", $("done-list"));
    item.dataset.tone = tone;
    make("small", clock(wall), item);
    item.append(text);
  }
}

// ---- several shadows ----

function showShadows(shadows) {
  const names = Object.keys(shadows), bar = $("shadows");
  bar.hidden = names.length < 2;
  if (bar.hidden) return;
  for (const name of names) {
    const brief = shadows[name];
    let button = [...bar.children].find((item) => item.dataset.name === name);
    if (!button) {
      button = make("button", "", bar);
      button.type = "button";
      button.dataset.name = name;
      make("b", name, button);
      make("span", "", button);
      button.addEventListener("click", () => { location.hash = encodeURIComponent(name); });
    }
    const line = button.lastChild, isLost = brief.link?.state === "lost" && !brief.over;
    const where = brief.t === null ? "waiting" : `${brief.phase ?? ""} ${batchTime(brief.t)}`.trim();
    line.textContent = brief.over ? brief.over.text : isLost ? "connection lost" : brief.alarms ? `${where}, ${brief.alarms} alarm${brief.alarms > 1 ? "s" : ""}` : where;
    line.className = isLost ? "tone-bad" : brief.alarms ? "tone-doubt" : "";
    button.setAttribute("aria-current", String(name === state.shadow));
  }
}

function look(name) {
  state.shadow = name;
  board = emptyBoard();
  for (const item of trends.values()) { item.trend.free(); item.card.remove(); }
  trends = new Map();
  $("alarms").replaceChildren();
  $("health").hidden = $("parameters").hidden = $("advice").hidden = $("done").hidden = true;
  events?.close();
  events = new EventSource(`/events?shadow=${encodeURIComponent(name)}`);
  events.onopen = () => { board = emptyBoard(); };
  events.onmessage = (event) => take(JSON.parse(event.data));
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) setTimeout(begin, 2000); };
}

// ---- who looks ----

async function send(path, said) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
  return answer.ok ? "" : (await answer.text()) || answer.statusText;
}

async function begin() {
  let who;
  try {
    who = await (await fetch("/who")).json();
  } catch {
    setTimeout(begin, 2000);
    return;
  }
  Object.assign(state, { person: who.name, can: who.can });
  $("person").hidden = !who.can;
  $("person").textContent = who.name ? `${who.name}: sign out` : "Sign in";
  $("sign-in-title").textContent = who.must ? "Sign in to look" : "Sign in to decide";
  $("sign-in-leave").hidden = who.must;
  if (who.must) {
    if (!$("sign-in").open) $("sign-in").showModal();
    return;
  }
  const wanted = decodeURIComponent(location.hash.slice(1));
  look(who.shadows.includes(wanted) ? wanted : who.shadows[0]);
}

$("person").addEventListener("click", async () => {
  if (!state.person) return $("sign-in").showModal();
  await send("/sign-out", {});
  location.reload();
});
$("sign-in-leave").addEventListener("click", () => $("sign-in").close());
$("sign-in").addEventListener("cancel", (event) => { if ($("sign-in-leave").hidden) event.preventDefault(); });
$("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await send("/sign-in", { name: $("sign-in-name").value, token: $("sign-in-token").value });
  $("sign-in-token").value = "";
  $("sign-in-problem").textContent = problem;
  if (!problem) { $("sign-in").close(); begin(); }
});
addEventListener("hashchange", () => { const name = decodeURIComponent(location.hash.slice(1)); if (name !== state.shadow) begin(); });

for (const [text, length] of RANGES) {
  const button = make("button", text, $("ranges"));
  button.type = "button";
  button.setAttribute("aria-pressed", String(length === state.range));
  button.addEventListener("click", () => {
    state.range = length;
    for (const other of $("ranges").children) other.setAttribute("aria-pressed", String(other === button));
    redraw();
  });
}
function again() {
  for (const item of trends.values()) item.trend.free();
  redraw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
addEventListener("resize", () => { for (const item of trends.values()) item.trend.fit(); redraw(); });
addEventListener("scroll", redraw, { passive: true });
board = emptyBoard();
setInterval(showState, 500);
begin();
