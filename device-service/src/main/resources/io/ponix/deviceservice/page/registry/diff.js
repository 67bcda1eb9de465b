// What a value was and is, line by line.

import {element, shortened} from '../elements.js';

/** The lines around a change that are shown with it. */
const AROUND = 3;

/** Beyond so many pairs of lines it is not looked for what they have in common. */
const PAIRS = 4_000_000;

/** A line that is longer is not shown as a whole: nobody reads it, as it is a descriptor's or a picture's. */
const LINE = 2_000;

/** A value as lines: a text as it is, what is made of parts with one to a line, and texts of several lines below their names. */
export function linesOf(value, indent = '') {
  if (value === null || value === undefined || value === '') return [];
  if (typeof value !== 'object') return String(value).split('\n').map((line) => indent + line);
  return Object.entries(value).flatMap(([key, part]) => {
    const name = Array.isArray(value) ? String(Number(key) + 1) : key;
    const lines = linesOf(part, '');
    if (lines.length === 0) return Array.isArray(value) || part === null || part === '' ? [`${indent}${name}:`] : [];
    return lines.length === 1 && typeof part !== 'object' ?
      [`${indent}${name}: ${lines[0]}`] :
      [`${indent}${name}:`, ...lines.map((line) => `${indent}  ${line}`)];
  });
}

/** The steps from lines to others: [' ' | '-' | '+', line]. */
export function steps(old, now) {
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from++;
  let oldEnd = old.length;
  let nowEnd = now.length;
  while (oldEnd > from && nowEnd > from && old[oldEnd - 1] === now[nowEnd - 1]) {
    oldEnd--;
    nowEnd--;
  }
  return [
    ...old.slice(0, from).map((line) => [' ', line]),
    ...between(old.slice(from, oldEnd), now.slice(from, nowEnd)),
    ...old.slice(oldEnd).map((line) => [' ', line]),
  ];
}

/** By the longest lines in common. */
function between(old, now) {
  if (old.length * now.length > PAIRS) {
    return [...old.map((line) => ['-', line]), ...now.map((line) => ['+', line])];
  }
  const width = now.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === now[j] ?
        common[(i + 1) * width + j + 1] + 1 :
        Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  const found = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      found.push([' ', old[i]]);
      i++;
      j++;
    } else if (j === now.length || i < old.length && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
      found.push(['-', old[i++]]);
    } else {
      found.push(['+', now[j++]]);
    }
  }
  return found;
}

/** Shows what a field was and is. */
export function showDifference(field, old, now) {
  const shown = element('div', {className: 'difference'}, element('h4', {textContent: field}));
  const [before, after] = [linesOf(old), linesOf(now)];
  if (before.length <= 1 && after.length <= 1) {
    shown.append(element('p', {className: 'change'},
        valueOf('del', 'was', before), ' → ', valueOf('ins', 'is', after)));
    return shown;
  }
  const all = steps(before, after);
  const near = all.map((_, index) => all.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(([kind]) => kind !== ' '));
  const lines = element('pre', {className: 'lines', tabIndex: 0, 'aria-label': `${field}: what was taken away and added`});
  let isLeftOut = false;
  all.forEach(([kind, line], index) => {
    if (near[index]) {
      lines.append(element({'-': 'del', '+': 'ins', ' ': 'span'}[kind], {}, `${kind} ${cut(line)}`, '\n'));
    } else if (!isLeftOut) {
      lines.append(element('span', {className: 'left-out'}, '…\n'));
    }
    isLeftOut = !near[index];
  });
  shown.append(lines);
  return shown;
}

function valueOf(name, said, lines) {
  return lines.length === 0 ?
    element('span', {className: 'muted'}, 'nothing') :
    element(name, {title: lines[0].length > LINE ? '' : lines[0]}, element('span', {className: 'hidden'}, said + ' '), shortened(lines[0]));
}

function cut(line) {
  return line.length > LINE ? `${line.slice(0, LINE)} … (${line.length.toLocaleString('en')} characters)` : line;
}
