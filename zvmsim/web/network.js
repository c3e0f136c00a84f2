// Draws the network: physical LANs across, systems side by side, vswitches where they are cabled.
//
// Nothing here listens: what a click on a NIC, a VLAN or "more" does is the page's business.

import { $, count, keyOf, make, part, say, sync } from "./tools.js";

const ROWS = 12; // NICs of one vswitch to show unasked ...
const SPARE = 4; // ... or so many more, rather than a button
const MATCHES = 100;
const VLAN_CHIPS = 3; // of one NIC
const OVERVIEW = 8; // NICs from which on a vswitch gets an overview of its VLANs

// What the reader is interested in: NICs chosen, words to search for, cards to show as a whole
const state = { ends: [], filter: "", expanded: new Set() };

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

export function drawNetwork(world, interest) {
  Object.assign(state, interest);
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
  return make("article", "card", make("div", "drop"), name,
    make("div", "vlans"), make("div", "nics"), more, make("p", "people"), make("p", "nothing empty"));
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
    create: newNic,
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
  if (card.vlan_aware && card.nics.length > OVERVIEW)
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
  return button;
}

function newNic() {
  const row = make("button", "nic", make("span", "tags"), make("span", "userid"), make("span", "vdev"),
    make("span", "mac"), make("span", "how", make("span"), make("span", "end")));
  row.type = "button";
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
