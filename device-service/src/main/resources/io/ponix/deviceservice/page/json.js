// Shows JSON as it is stored: numbers keep the digits they are written with, which JSON.parse would not (25.0, 64-bit integers).

import {element} from './elements.js';

const TOKEN = /"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*|true|false|null|[{}[\]:,]/g;

/** Indented and in colours. */
export function showJson(text) {
  const shown = element('pre', {className: 'json'});
  let depth = 0;
  let previous = '';
  const line = () => shown.append('\n' + '  '.repeat(depth));
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') {
      depth--;
      if (previous !== '{' && previous !== '[') line();
    } else if (previous === '{' || previous === '[' || previous === ',') {
      line();
    }
    if (token === '{' || token === '[') depth++;
    shown.append(token === ':' ? ': ' : token.length > 1 || /\d/.test(token) ? element('span', {className: kindOf(token)}, token) : token);
    previous = token;
  }
  // A string before a colon is a key.
  for (const string of shown.querySelectorAll('.t-text')) {
    if (string.nextSibling?.data?.startsWith(': ')) string.className = 't-key';
  }
  return shown;
}

function kindOf(token) {
  return token[0] === '"' ? 't-text' : /[\d-]/.test(token[0]) ? 't-number' : 't-constant';
}

/** Whether two texts are the same JSON, whatever the order of keys; 25 and 25.0 are the same. */
export function sameJson(first, second) {
  const canonical = (value) =>
    Array.isArray(value) ? value.map(canonical) :
    value !== null && typeof value === 'object' ? Object.keys(value).sort().map((key) => [key, canonical(value[key])]) :
    value;
  try {
    return JSON.stringify(canonical(JSON.parse(first))) === JSON.stringify(canonical(JSON.parse(second)));
  } catch {
    return false;
  }
}
