// Small tools for a document that is brought up to date piece by piece.
//
// Whatever comes from the world goes into it as text; nothing here makes markup of a string.

export const $ = (id) => document.getElementById(id);

export function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Let `parent` have one child for each item, in order; those that are there already are kept.
export function sync(parent, items, { key, create, update = () => {} }) {
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

export const part = (node, className) => node.querySelector(`:scope .${className}`);
export const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

// "ZVMA:WEB1:1000": how the control API names a NIC
export const keyOf = (system, nic) => `${system}:${nic.userid}:${nic.vdev}`;
