// The live page: asks the simulator once a second what is new, and draws it.
//
// The document is brought up to date piece by piece, by key, so that focus, selection and scrolling stay.
// Whatever comes from the world goes into the document as text; nothing here makes markup of a string.
"use strict";

const EVERY = 1000; // ms between two questions
const EVERY_WHEN_STOPPED = 3000;
const ROWS = 12; // NICs of one vswitch to show unasked ...
const SPARE = 4; // ... or so many more, rather than a button
const MATCHES = 100;
const VLAN_CHIPS = 3; // of one NIC

const $ = (id) => document.getElementById(id);
const state = { world: null, recent: null, ends: [], filter: "", expanded: new Set(), heard: null };

// Small tools

function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Let `parent` have one child for each item, in order; those that are there already are kept.
function sync(parent, items, { key, create, update = () => {} }) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const wanted = new Set(items.map(key));
  for (const [name, node] of old) if (!wanted.has(name)) node.remove();
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let node = old.get(name);
    if (!node) {
      node = create(item);
      node.dataset.key = name;
    }
    update(node, item);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
}

const part = (node, className) => node.querySelector(`:scope .${className}`);
const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

// VLANs

function hue(vlan) {
  return Math.imul(vlan, 2654435761) >>> 29; // Knuth's multiplicative hash: neighbours get different hues
}

function ranges(vlans) {
  return vlans.split(" ").filter(Boolean).map((word) => word.split("-").map(Number));
}

const isIn = (vlan, vlans) => ranges(vlans).some(([first, last = first]) => first <= vlan && vlan <= last);

function chip(word, className = "chip") {
  const node = make("span", className);
  node.dataset.hue = hue(parseInt(word, 10));
  node.append(make("span", "unseen", "VLAN "), word);
  return node;
}

function chips(nic) {
  const words = nic.vlans.split(" ").filter(Boolean);
  if (!words.length) return [make("span", "chip", "no VLAN")];
  const shown = words.slice(0, VLAN_CHIPS).map((word) => chip(word));
  const left = words.length - VLAN_CHIPS;
  return left > 0 ? [...shown, make("span", "chip", `+${left}`)] : shown;
}

// Which NICs to show

function matcher(filter) {
  const tests = filter.toLowerCase().split(/\s+/).filter(Boolean).map(matcherOf);
  return (nic) => tests.every((test) => test(nic));
}

function matcherOf(word) {
  if (word.startsWith("vlan:")) return (nic) => isIn(Number(word.slice(5)), nic.vlans);
  const bare = word.replace(/[-:.]/g, "");
  return (nic) =>
    nic.userid.toLowerCase().includes(word) ||
    nic.vdev.toLowerCase().includes(word) ||
    (bare && nic.mac.replaceAll("-", "").toLowerCase().includes(bare)) ||
    (/^\d+$/.test(word) && isIn(Number(word), nic.vlans));
}

function choose(nics, card, system) {
  const matching = state.filter ? nics.filter(matcher(state.filter)) : nics;
  const most = state.filter ? MATCHES : ROWS;
  if (state.expanded.has(card) || matching.length <= most + SPARE) return [matching, 0];
  const shown = matching.filter((nic, at) => at < most || state.ends.includes(keyOf(system, nic)));
  return [shown, matching.length - shown.length];
}

// From the world to sections: one for every physical LAN, then what hangs on none

function sections(world) {
  const cells = (cards) => world.systems.map((system) => ({ system, cards: cards(system) }));
  const all = world.lans.map((lan) => ({
    key: `lan ${lan}`, title: lan, wire: true, empty: "no vswitch is cabled to it",
    cells: cells((system) => system.vswitches.filter((vswitch) => vswitch.uplink.lan === lan)),
  }));
  const rest = (key, title, cards) => all.push({ key, title, cells: cells(cards) });
  rest("inside", "No physical LAN", (system) => system.vswitches.filter((vswitch) => !vswitch.uplink.lan));
  rest("guest lans", "Guest LANs", (system) => system.guest_lans);
  rest("uncoupled", "Not coupled", (system) =>
    system.uncoupled.length ? [{ name: "", traits: [], nics: system.uncoupled }] : []);
  rest("without", "Guests without a NIC", (system) =>
    system.without_nic.length ? [{ name: "", traits: [], nics: [], people: system.without_nic }] : []);
  return all.filter((section) => section.wire || section.cells.some((cell) => cell.cards.length));
}

function drawNetwork(world) {
  for (const id of ["systems", "lans"]) $(id).style.setProperty("--systems", world.systems.length);
  sync($("systems"), world.systems, { key: (system) => system.name, create: newSystem, update: drawSystem });
  sync($("lans"), sections(world), { key: (section) => section.key, create: newSection, update: drawSection });
  const nics = world.systems.flatMap(allNics);
  const matching = state.filter ? nics.filter(matcher(state.filter)).length : nics.length;
  const guests = world.systems.reduce((sum, system) => sum + system.guests, 0);
  const of = state.filter ? `${matching.toLocaleString("en")} of ` : "";
  say($("sum"), [count(world.systems.length, "system"), count(guests, "guest"), of + count(nics.length, "NIC")].join(" · "));
  $("nothing").hidden = matching > 0;
  say($("nothing"), nics.length
    ? `No NIC matches “${state.filter}”.`
    : "No guest has a NIC yet. NICs appear here as guests log on or get some.");
}

const allNics = (system) =>
  [...system.vswitches, ...system.guest_lans].flatMap((card) => card.nics).concat(system.uncoupled);

const newSystem = () => make("div", "system", make("h2"), make("p"));

function drawSystem(node, system) {
  say(node.firstChild, system.name);
  const since = system.ipl_time.slice(0, 16).replace("T", " ");
  say(node.lastChild, `z/VM ${system.release} · ${count(system.guests, "guest")} · up since ${since} UTC`);
}

const newSection = () =>
  make("section", "lan", make("h2", "", make("span"), make("small")), make("div", "cells"));

function drawSection(node, section) {
  const used = section.cells.some((cell) => cell.cards.length);
  node.classList.toggle("wire", Boolean(section.wire));
  node.classList.toggle("unused", !used);
  say(node.querySelector("h2 span"), section.title);
  say(node.querySelector("h2 small"), used ? "" : section.empty);
  sync(part(node, "cells"), used ? section.cells : [], {
    key: (cell) => cell.system.name,
    create: () => make("div", "cell"),
    update: (place, { system, cards }) =>
      sync(place, cards, {
        key: (card) => `${section.key} ${system.name} ${card.name} ${card.traits[0] ?? ""}`,
        create: (card) => newCard(card, system.name),
        update: (box, card) => drawCard(box, card, system.name),
      }),
  });
}

function newCard(card, system) {
  const title = make("h3", "", make("span", "of", `${system} `), card.name);
  const name = make("div", "name", title, make("p"));
  const more = make("button", "more");
  more.type = "button";
  const node = make("article", "card", make("div", "drop"), name,
    make("div", "vlans"), make("div", "nics"), more, make("p", "people"), make("p", "nothing empty"));
  more.addEventListener("click", () => toggle(node.dataset.key));
  return node;
}

function toggle(card) {
  if (!state.expanded.delete(card)) state.expanded.add(card);
  draw();
}

function drawCard(node, card, system) {
  const name = node.dataset.key ?? "";
  node.classList.toggle("plainly", !card.vlan_aware);
  part(node, "name").hidden = !card.name;
  say(part(node, "name").lastChild, card.traits.join(" · "));
  drawUplink(part(node, "drop"), card.uplink);
  drawVlans(part(node, "vlans"), card);
  const [shown, left] = choose(card.nics, name, system);
  sync(part(node, "nics"), shown, {
    key: (nic) => keyOf(system, nic),
    create: (nic) => newNic(keyOf(system, nic)),
    update: (row, nic) => drawNic(row, nic, keyOf(system, nic)),
  });
  const more = part(node, "more");
  more.hidden = !left && !(state.expanded.has(name) && card.nics.length > ROWS + SPARE);
  say(more, left ? `Show ${count(left, "more NIC")}` : "Show fewer");
  say(part(node, "people"), (card.people ?? []).join("  "));
  part(node, "people").hidden = !card.people;
  part(node, "empty").hidden = shown.length > 0 || Boolean(card.people);
  say(part(node, "empty"), card.nics.length ? "none that matches" : "nobody is coupled");
}

function drawUplink(node, uplink) {
  node.hidden = !uplink?.lan;
  if (node.hidden) return;
  const devices = uplink.devices.map((device) => `${device.rdev} ${device.state}`).join(", ");
  node.classList.toggle("down", Boolean(uplink.down));
  say(node, uplink.down ? `✕ ${devices}: ${uplink.down}` : devices);
}

// Above a long list: which VLANs there are and how many NICs each has; a click shows them alone
function drawVlans(node, card) {
  const sizes = new Map();
  if (card.vlan_aware && card.nics.length > 8)
    for (const nic of card.nics)
      for (const [vlan, last = vlan] of ranges(nic.vlans))
        if (vlan === last) sizes.set(vlan, (sizes.get(vlan) ?? 0) + 1);
  node.hidden = !sizes.size;
  sync(node, [...sizes].sort(([one], [other]) => one - other), {
    key: ([vlan]) => `vlan:${vlan}`,
    create: ([vlan]) => newVlanButton(vlan),
    update: (button, [vlan, size]) => {
      say(button.lastChild, ` ×${size}`);
      button.setAttribute("aria-pressed", state.filter === `vlan:${vlan}`);
    },
  });
}

function newVlanButton(vlan) {
  const button = make("button", "chip", make("span", "unseen", "only VLAN "), make("b", "", `${vlan}`), make("i"));
  button.type = "button";
  button.dataset.hue = hue(vlan);
  button.addEventListener("click", () => {
    $("filter").value = state.filter === `vlan:${vlan}` ? "" : `vlan:${vlan}`;
    applyFilter();
  });
  return button;
}

const keyOf = (system, nic) => `${system}:${nic.userid}:${nic.vdev}`;

function newNic(key) {
  const row = make("button", "nic", make("span", "tags"), make("span", "userid"), make("span", "vdev"),
    make("span", "mac"), make("span", "how", make("span"), make("span", "end")));
  row.type = "button";
  row.addEventListener("click", () => select(key));
  return row;
}

function drawNic(row, nic, key) {
  say(part(row, "userid"), nic.userid);
  say(part(row, "vdev"), nic.vdev);
  say(part(row, "mac"), nic.mac);
  const tags = part(row, "tags");
  if (tags.dataset.vlans !== nic.vlans) {
    tags.dataset.vlans = nic.vlans;
    tags.replaceChildren(...chips(nic));
  }
  const how = part(row, "how");
  how.classList.toggle("revoked", nic.by === "revoked");
  say(how.firstChild, [nic.port.replace(/^access ?/, ""), nic.by].filter(Boolean).join(", "));
  row.title = [nic.port && `${nic.port} port`, nic.by && `by ${nic.by}`].filter(Boolean).join(", ");
  const at = state.ends.indexOf(key);
  say(part(row, "end"), ["", "from", "to"][at + 1]);
  row.setAttribute("aria-pressed", at >= 0);
}

// The verdict: the first NIC chosen stays the sender, each further one is asked about

function select(key) {
  const [from] = state.ends;
  if (state.ends.includes(key)) state.ends = state.ends.filter((end) => end !== key);
  else state.ends = from ? [from, key] : [key];
  draw();
  ask();
}

const inWords = (key, withSystem) => {
  const [system, ...rest] = key.split(":");
  const vdev = rest.pop();
  return `${withSystem ? `${system} ` : ""}${rest.join(":")} ${vdev}`;
};

function drawPair() {
  const [from, to] = state.ends;
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
  const [from, to] = state.ends;
  const question = ++asked;
  if (!to) return drawAnswers([]);
  const tag = $("tag").value;
  const one = (from, to) => get(`/reach?${new URLSearchParams({ from, to, vlan: tag })}`);
  try {
    const answers = await Promise.all([one(from, to), one(to, from)]);
    if (question === asked) drawAnswers(await Promise.all(answers.map((answer) => answer.json())));
  } catch {
    // The next question that is answered brings this one back.
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
  sync($("calls"), recent.calls, { key: (call) => `${call.number}`, create: newCall });
}

// Long names of SMAPI functions break after an underscore, where they must break.
const breakable = (name) => name.split(/(?<=_)/).flatMap((word) => [word, make("wbr")]);

function newCall(call) {
  const kind = call.mutating ? "changes" : "reads";
  const node = make("li", call.mutating ? "changing" : "",
    make("span", "time", call.time), make("span", "function", ...breakable(call.function)),
    make("span", "codes", call.codes),
    make("span", "kind", kind), make("span", "about", `${call.dialect} ${call.system} · ${call.about}`),
    make("span", "note", call.note));
  node.classList.toggle("failed", !call.ok);
  return node;
}

// Drawing and asking

function draw() {
  const focused = document.activeElement;
  if (state.world) drawNetwork(state.world);
  if (state.recent) drawRecent(state.recent);
  drawPair();
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function applyFilter() {
  state.filter = $("filter").value.trim();
  draw();
}

function drawState(alive) {
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
  fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(10_000) });

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
  if (alive) state.heard = new Date();
  drawState(alive);
  if (world || recent) {
    performance.mark("news");
    draw();
    performance.measure("draw", "news");
  }
  if (world) ask();
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

$("filter").addEventListener("input", applyFilter);
$("tag").addEventListener("input", ask);
$("swap").addEventListener("click", () => { state.ends.reverse(); draw(); ask(); });
$("clear").addEventListener("click", () => { state.ends = []; draw(); ask(); });
$("changes").addEventListener("change", () => { tags.delete(callsPath()); look(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target !== $("filter") && state.ends.length) $("clear").click();
});
draw();
follow();
