// The live page: asks the simulator once a second what is new, and has it drawn.
//
// The document is brought up to date by key, so that focus, selection and scrolling stay.

import { drawNetwork } from "./network.js";
import { $, count, make, part, say, sync } from "./tools.js";

const EVERY = 1000; // ms between two questions
const EVERY_WHEN_STOPPED = 3000;
const TIMEOUT = 10_000;

const state = { world: null, recent: null, heard: null, alive: false };
const interest = { ends: [], filter: "", expanded: new Set() };

// The verdict: the first NIC chosen stays the sender, each further one is asked about

function select(key) {
  const [from] = interest.ends;
  if (interest.ends.includes(key)) interest.ends = interest.ends.filter((end) => end !== key);
  else interest.ends = from ? [from, key] : [key];
  draw();
  ask();
}

const inWords = (key, withSystem) => {
  const [system, ...rest] = key.split(":");
  const vdev = rest.pop();
  return `${withSystem ? `${system} ` : ""}${rest.join(":")} ${vdev}`;
};

function drawPair() {
  const [from, to] = interest.ends;
  $("pair").hidden = !from;
  $("hint").hidden = Boolean(to);
  say($("hint"), from
    ? "Choose another NIC to learn whether a frame gets there, and why."
    : "Choose two NICs to learn whether a frame gets from one to the other, and why.");
  say($("from"), from ? inWords(from, true) : "");
  say($("to"), to ? inWords(to, true) : "–");
  $("swap").disabled = !to;
}

let asked = 0;

async function ask() {
  const [from, to] = interest.ends;
  const question = ++asked;
  if (!to) return drawAnswers([]);
  const tag = $("tag").value;
  const one = (from, to) => get(`/reach?${new URLSearchParams({ from, to, vlan: tag })}`);
  try {
    const answers = await Promise.all([one(from, to), one(to, from)]);
    if (question === asked) drawAnswers(await Promise.all(answers.map((answer) => answer.json())));
  } catch {
    if (question === asked) drawAnswers([]); // asked again when the simulator is back
  }
}

function drawAnswers(answers) {
  sync($("answers"), answers, {
    key: (answer) => `${answer.from} ${answer.to}`,
    create: () => make("p", "answer", make("span", "mark"),
      make("span", "words", make("span", "who"), ": ", make("strong"), make("span", "because"))),
    update: (node, answer) => {
      const apart = answer.error || answer.from.split(":")[0] !== answer.to.split(":")[0];
      node.classList.toggle("yes", answer.ok === true);
      say(part(node, "mark"), answer.ok ? "✓" : "✕");
      say(part(node, "who"), answer.error
        ? "The question"
        : `${inWords(answer.from, apart)} → ${inWords(answer.to, apart)}`);
      say(node.querySelector("strong"), answer.ok ? "yes" : "no");
      say(part(node, "because"), `, ${answer.because ?? answer.error}`);
    },
  });
}

// Calls and fault rules

function drawRecent(recent) {
  $("no-rules").hidden = recent.rules.length > 0;
  sync($("rules"), recent.rules, {
    key: (rule) => `${rule.number}`,
    create: () => make("li", "", make("span", "what"), make("span", "acted")),
    update: (node, rule) => {
      say(part(node, "what"), `${rule.number}. ${rule.what}`);
      say(part(node, "acted"), ` (acted ${count(rule.acted, "time")})`);
    },
  });
  $("no-calls").hidden = recent.calls.length > 0;
  const key = (call) => `${call.number} ${call.time} ${call.function}`; // another world counts anew
  sync($("calls"), recent.calls, { key, create: newCall });
}

// Long names of SMAPI functions break after an underscore, where they must break.
const breakable = (name) => name.split(/(?<=_)/).flatMap((word) => [word, make("wbr")]);

function newCall(call) {
  const kind = call.mutating ? "changes" : "reads";
  const node = make("li", call.mutating ? "changing" : "",
    make("span", "when", make("span", "time", call.time), make("span", "kind", kind)),
    make("span", "function", ...breakable(call.function)),
    make("span", "codes", call.codes),
    make("span", "about", `${call.dialect} ${call.system} · ${call.about}`),
    make("span", "note", call.note));
  node.classList.toggle("failed", !call.ok);
  return node;
}

// Drawing and asking

function draw() {
  const focused = document.activeElement;
  if (state.world) drawNetwork(state.world, interest);
  if (state.recent) drawRecent(state.recent);
  drawPair();
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function applyFilter() {
  interest.filter = $("filter").value.trim();
  draw();
}

function drawState() {
  const { alive } = state;
  document.body.classList.toggle("stale", !alive);
  const heard = state.heard ? state.heard.toISOString().slice(11, 19) : "";
  say($("state"), alive ? "live" : "stopped");
  $("stopped").hidden = alive;
  if (!alive)
    say($("stopped"), heard
      ? `The simulator has stopped. This is how it was at ${heard} UTC. The page goes on by itself when it is back.`
      : "The simulator does not answer. The page goes on by itself when it does.");
}

const get = (path, headers = {}) =>
  fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });

const tags = new Map();

// Bring a part of the state up to date; tells whether there was anything new.
async function update(name, path) {
  const answer = await get(path, tags.has(path) ? { "If-None-Match": tags.get(path) } : {});
  if (answer.status === 304) return false;
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  const content = await answer.json();
  if (name === "recent" && path !== callsPath()) return false;
  state[name] = content;
  tags.set(path, answer.headers.get("ETag"));
  return true;
}

const callsPath = () => ($("changes").checked ? "/view/changes" : "/view/calls");

async function look() {
  const answers = await Promise.allSettled([update("world", "/view"), update("recent", callsPath())]);
  const alive = answers.every((answer) => answer.status === "fulfilled");
  const [world, recent] = answers.map((answer) => answer.value);
  const isBack = alive && !state.alive;
  if (alive) state.heard = new Date();
  state.alive = alive;
  drawState();
  if (world || recent) {
    performance.mark("news");
    draw();
    performance.measure("draw", "news");
  }
  if (world || isBack) ask();
  return alive;
}

const visible = () =>
  document.hidden
    ? new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }))
    : null;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function follow() {
  for (;;) {
    const alive = await look();
    await pause(alive ? EVERY : EVERY_WHEN_STOPPED);
    await visible();
  }
}

function onNetwork(event) {
  const button = event.target.closest("button");
  if (button?.matches(".nic")) select(button.dataset.key);
  else if (button?.matches(".more")) toggle(button.closest(".card").dataset.key);
  else if (button) only(button.dataset.key);
}

function toggle(card) {
  if (!interest.expanded.delete(card)) interest.expanded.add(card);
  draw();
}

function only(vlan) {
  $("filter").value = interest.filter === vlan ? "" : vlan;
  applyFilter();
}

$("network").addEventListener("click", onNetwork);
$("filter").addEventListener("input", applyFilter);
$("tag").addEventListener("input", ask);
$("swap").addEventListener("click", () => { interest.ends.reverse(); draw(); ask(); });
$("clear").addEventListener("click", () => { interest.ends = []; draw(); ask(); });
$("changes").addEventListener("change", () => { tags.delete(callsPath()); look(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target !== $("filter") && interest.ends.length) $("clear").click();
});
draw();
follow();
