// A text area that shows CEL in colours, with line numbers and marks under what is wrong. The text area stays an ordinary
// one: undo, spelling of the keyboard, screen readers and Tab (which leaves it) work as everywhere.

import {element} from './elements.js';
import {tokens, TRANSFORM_VARIABLES} from './cel.js';

export class Editor {
  #area;
  #colours;
  #numbers;
  #variables;
  #marks = [];

  /** Makes an editor in `host`; `changed` is called after every change by a person. */
  constructor(host, id, label, changed, variables = TRANSFORM_VARIABLES) {
    this.#variables = variables;
    this.#area = element('textarea', {id, spellcheck: false, autocomplete: 'off', wrap: 'off', rows: 1});
    this.#area.setAttribute('aria-label', label);
    this.#area.setAttribute('autocapitalize', 'off');
    this.#colours = element('pre', {'aria-hidden': 'true'});
    this.#numbers = element('div', {className: 'numbers', 'aria-hidden': 'true'});
    host.append(this.#numbers, element('div', {className: 'sheet'}, this.#colours, this.#area));
    this.#area.addEventListener('input', () => {
      this.#marks = [];
      this.#paint();
      changed();
    });
    this.#paint();
  }

  get value() {
    return this.#area.value;
  }

  set value(text) {
    this.#area.value = text;
    this.#marks = [];
    this.#paint();
  }

  set disabled(disabled) {
    this.#area.disabled = disabled;
  }

  /** Marks places: {line, column, kind: 'wrong' or 'doubtful'}, counted from 1 in code points. */
  mark(marks) {
    this.#marks = marks;
    this.#area.setAttribute('aria-invalid', String(marks.some((mark) => mark.kind === 'wrong')));
    this.#paint();
  }

  /** Puts the cursor to a place and scrolls there. */
  goTo(line, column) {
    const offset = offsetOf(this.value, line, column);
    this.#area.focus();
    this.#area.setSelectionRange(offset, offset);
  }

  #paint() {
    const source = this.value;
    const starts = new Map(this.#marks.map((mark) => [offsetOf(source, mark.line, mark.column), mark.kind]));
    const painted = document.createDocumentFragment();
    let offset = 0;
    for (const [kind, text] of tokens(source, this.#variables)) {
      let from = 0;
      for (const [start, mark] of [...starts].sort((a, b) => a[0] - b[0])) {
        const within = start - offset;
        if (within < from || within >= text.length) continue;
        const rest = text.slice(within);
        const length = kind === null ? (rest.match(/^\w+|^[^\s\w]+|^[^]/)?.[0].length ?? 1) : rest.length;
        painted.append(span(kind, text.slice(from, within)), span(`${kind ?? 'plain'} t-${mark}`, text.slice(within, within + length)));
        from = within + length;
      }
      painted.append(span(kind, text.slice(from)));
      offset += text.length;
    }
    // A last line without anything in it has no height of its own.
    this.#colours.replaceChildren(painted, '\n');
    const wrong = new Set(this.#marks.filter((mark) => mark.kind === 'wrong').map((mark) => mark.line));
    const lines = source.split('\n').length;
    this.#numbers.replaceChildren();
    for (let line = 1; line <= lines; line++) {
      this.#numbers.append(element('span', {className: wrong.has(line) ? 'bad' : ''}, String(line)), '\n');
    }
  }
}

function span(kind, text) {
  return text === '' ? '' : kind === null ? text : element('span', {className: 't-' + kind}, text);
}

/** The index of a place in UTF-16, which is what text areas count in. */
function offsetOf(source, line, column) {
  const lines = source.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  return before + [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length;
}
