// What the page shows is in its address, after the #, so that reloading, going back and sending the address on show it again.

const FIELDS = ['organization', 'kind', 'search', 'filter', 'order', 'page', 'deleted', 'id'];
const listeners = [];

/** The address: each field a text, empty where it is not there. */
export function address() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(FIELDS.map((field) => [field, given.get(field) ?? '']));
}

/** What the browser remembers of this place and the address does not say: {before, total}, the tokens of the pages before and the count. */
export function remembered() {
  return history.state ?? {};
}

export function hashOf(fields) {
  return '#' + new URLSearchParams(FIELDS.filter((field) => fields[field]).map((field) => [field, fields[field]]));
}

/** Goes to an address, to which one can go back; with `replace`, instead of this one. */
export function goTo(fields, {state = {}, replace = false} = {}) {
  history[replace ? 'replaceState' : 'pushState'](state, '', hashOf(fields));
  listeners.forEach((listener) => listener());
}

/** Calls a listener whenever the address is another. */
export function onAddress(listener) {
  listeners.push(listener);
}

addEventListener('popstate', () => listeners.forEach((listener) => listener()));

/** Makes a link go to an address without forgetting what is remembered of the place it is left from. */
export function leadTo(link, fields, state) {
  link.href = hashOf(fields);
  link.onclick = (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(fields, {state});
  };
  return link;
}
