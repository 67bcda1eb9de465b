// Makes elements. Text is always set as text, so nothing that a device or a person named is ever read as HTML.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('aria-') || key === 'role') {
      made.setAttribute(key, value);
    } else {
      made[key] = value;
    }
  }
  made.append(...children);
  return made;
}

/** The most of a text that is shown in a line: nobody reads more of a name, and a browser takes long to lay it out. */
const SHOWN = 300;

/** The beginning of a text that is too long for a line. */
export function shortened(text) {
  return text.length > SHOWN ? text.slice(0, SHOWN) + ' …' : text;
}

/** A time of the service's, in UTC as it is, to the millisecond. */
export function time(timestamp) {
  return (timestamp ?? '').replace('T', ' ').replace(/(\.\d{3})\d*/, '$1').replace('Z', '');
}

export function debounce(action, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
