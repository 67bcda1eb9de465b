// The fields of forms: each has the name that the protos give it, an element, a value, and says what the service found wrong with it.

import {Editor} from '../editor.js';
import {element, shortened} from '../elements.js';

let made = 0;

/**
 * A field: {name, key, element, value, initial, show(violations), focus()}.
 *
 * @param name of the request's field, as violations call it
 * @param show what to do besides saying what is wrong, such as marking the place
 * @param part what each is called where the value is a list
 */
function field(name, label, control, {value, focus, hint = '', show = () => {}, part = ''}) {
  const id = control.id;
  const problem = element('p', {id: `${id}-problem`, className: 'problem', role: 'alert', hidden: true});
  const about = element('p', {id: `${id}-hint`, className: 'hint', textContent: hint, hidden: hint === ''});
  const of = (violation) => violation.field === name || violation.field.startsWith(name + '[') || violation.field.startsWith(name + '.');
  const shown = {
    name,
    key: name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
    element: element('div', {className: 'field'},
        part === '' ? element('label', {htmlFor: id, textContent: label}) : element('p', {className: 'label', textContent: label}),
        control.host ?? control.element ?? control, about, problem),
    get value() {
      return value();
    },
    focus,
    /** Shows those violations that are of this field, and returns the others. */
    show(violations) {
      const mine = violations.filter(of);
      problem.textContent = mine.map((violation) => describe(violation, name, part)).join('\n');
      problem.hidden = mine.length === 0;
      control.describe?.(mine.length > 0, problem.id, about.id);
      show(mine);
      return violations.filter((violation) => !of(violation));
    },
  };
  shown.initial = JSON.stringify(shown.value);
  return shown;
}

/** Says what is wrong, and with which part of a list. */
function describe(violation, name, part) {
  const place = violation.field.slice(name.length);
  const number = place.match(/^\[(\d+)\]\.?/);
  return number ? `${part} ${Number(number[1]) + 1}, ${place.slice(number[0].length)}: ${violation.description}` : violation.description;
}

function described(input) {
  input.describe = (isWrong, problem, hint) => {
    input.setAttribute('aria-invalid', String(isWrong));
    input.setAttribute('aria-describedby', isWrong ? `${problem} ${hint}` : hint);
  };
  input.describe(false, `${input.id}-problem`, `${input.id}-hint`);
  return input;
}

function newId(name) {
  return `field-${name}-${++made}`;
}

/** A line of text. */
export function textField(name, label, stored = '', {hint, required = false} = {}) {
  const input = described(element('input', {
    id: newId(name), type: 'text', name, value: stored, spellcheck: false, autocomplete: 'off',
  }));
  input.setAttribute('aria-required', String(required));
  return field(name, label, input, {value: () => input.value, focus: () => input.focus(), hint});
}

/** One of some: [value, text]. What is stored is offered in any case. */
export function choiceField(name, label, stored = '', options, {hint} = {}) {
  const select = described(element('select', {id: newId(name), name}));
  select.append(...options.map(([value, text]) => new Option(shortened(text), value)));
  if (!options.some(([value]) => value === stored)) select.append(new Option(stored, stored));
  select.value = stored;
  return field(name, label, select, {value: () => select.value, focus: () => select.focus(), hint});
}

/** Labels: a line each. */
export function labelsField(name, label, stored = {}) {
  const lines = Object.entries(stored).sort().map(([key, value]) => `${key}=${value}`);
  const area = described(element('textarea', {
    id: newId(name), name, rows: Math.min(6, Math.max(1, lines.length)), value: lines.join('\n'), spellcheck: false, autocomplete: 'off',
  }));
  const labels = () => Object.fromEntries(area.value.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const [key, ...value] = line.split('=');
    return [key.trim(), value.join('=').trim()];
  }));
  return field(name, label, area, {value: labels, focus: () => area.focus(), hint: 'A line each, such as site=hall-3.'});
}

/** An expression in CEL. */
export function expressionField(name, label, stored = '') {
  const {editor, host, id} = editorOf(newId(name), label, stored);
  return field(name, label, {id, host}, {
    value: () => editor.value,
    focus: () => host.querySelector('textarea').focus(),
    show: (violations) => editor.mark(marks(violations)),
  });
}

/** Contracts, at least one. */
export function contractsField(name, label, stored = [{}]) {
  const id = newId(name);
  const list = element('div', {id, className: 'contracts'});
  const add = element('button', {type: 'button', className: 'quiet small', textContent: 'Add a contract'});
  const host = element('div', {}, list, add);
  let contracts = [];

  function append({matchExpression = '', transformExpression = '', jsonSchema = ''}) {
    const part = newId('contract');
    const match = editorOf(`${part}-match`, 'Applies when (CEL)', matchExpression, 'editor one-line');
    const transform = editorOf(`${part}-transform`, 'Expression (CEL)', transformExpression);
    const schema = element('textarea', {id: `${part}-schema`, rows: 4, spellcheck: false, autocomplete: 'off', value: jsonSchema});
    const remove = element('button', {type: 'button', className: 'quiet small', textContent: 'Remove'});
    const contract = {
      match: match.editor,
      transform: transform.editor,
      schema,
      focus: () => transform.host.querySelector('textarea').focus(),
      remove,
      legend: element('legend', {}),
    };
    contract.element = element('fieldset', {className: 'contract'},
        contract.legend,
        element('label', {htmlFor: `${part}-match`, textContent: 'Applies when (CEL); empty: always'}), match.host,
        element('label', {htmlFor: `${part}-transform`, textContent: 'Expression (CEL)'}), transform.host,
        element('details', {open: jsonSchema !== ''},
            element('summary', {textContent: 'JSON Schema of the result'}),
            element('label', {htmlFor: `${part}-schema`, className: 'hidden', textContent: 'JSON Schema of the result'}), schema),
        remove);
    remove.addEventListener('click', () => {
      contracts = contracts.filter((each) => each !== contract);
      contract.element.remove();
      number();
      add.focus();
    });
    contracts.push(contract);
    list.append(contract.element);
    number();
    return contract;
  }

  function number() {
    contracts.forEach((contract, index) => {
      contract.legend.textContent = `Contract ${index + 1}`;
      contract.remove.hidden = contracts.length === 1;
    });
  }

  add.addEventListener('click', () => append({}).focus());
  stored.forEach(append);
  return field(name, label, {id, host}, {
    part: 'Contract',
    value: () => contracts.map(({match, transform, schema}) =>
        ({matchExpression: match.value, transformExpression: transform.value, jsonSchema: schema.value})),
    focus: () => contracts[0].focus(),
    hint: 'The first that applies to a payload decides.',
    show: (violations) => contracts.forEach((contract, index) => {
      for (const part of ['match', 'transform']) {
        contract[part].mark(marks(violations.filter((violation) => violation.field === `${name}[${index}].${part}_expression`)));
      }
    }),
  });
}

function editorOf(id, label, stored, className = 'editor low') {
  const host = element('div', {className});
  const editor = new Editor(host, id, label, () => {});
  editor.value = stored;
  return {editor, host, id};
}

/** The places that descriptions of errors in expressions begin with: 2:9. */
function marks(violations) {
  return violations.flatMap((violation) => {
    const place = violation.description.match(/^(\d+):(\d+) /);
    return place ? [{line: Number(place[1]), column: Number(place[2]), kind: 'wrong'}] : [];
  });
}
