// A dialog that asks for some fields and a reason, and does what it is for with them.

import {element} from '../elements.js';

/** Names requests: the same request has the same name, so that it is done once however often it is sent. */
class RequestNames {
  #request = null;
  #name = null;

  of(request) {
    const text = JSON.stringify(request);
    if (text !== this.#request) {
      this.#request = text;
      // Without TLS a browser has no crypto.randomUUID.
      this.#name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    return this.#name;
  }
}

/**
 * Asks in a dialog.
 *
 * @param title of the dialog
 * @param verb what the button says
 * @param fields those of fields.js
 * @param content what to show above them
 * @param isDangerous whether the button looks so
 * @param isPossible whether it can be done at all
 * @param isNew whether act is to know the values of all fields, and not only of those that were changed
 * @param act does it, with the values of fields and {reason, requestId}; what it throws is shown
 * @return what act returned, or null where the person left it
 */
export function ask({title, verb, fields = [], content = [], isDangerous = false, isPossible = true, isNew = false, act}) {
  const problem = element('p', {className: 'problem general', role: 'alert', hidden: true});
  const reason = element('input', {id: 'reason', type: 'text', name: 'reason', autocomplete: 'off'});
  const reasonProblem = element('p', {id: 'reason-problem', className: 'problem', role: 'alert', hidden: true});
  const submit = element('button', {type: 'submit', className: isDangerous ? 'primary danger' : 'primary', textContent: verb, disabled: !isPossible});
  const cancel = element('button', {type: 'button', className: 'quiet', textContent: 'Cancel'});
  reason.setAttribute('aria-describedby', reasonProblem.id);
  const form = element('form', {noValidate: true},
      element('h2', {id: 'dialog-title', textContent: title}),
      ...content,
      ...fields.map((field) => field.element),
      element('div', {className: 'field'},
          element('label', {htmlFor: 'reason', textContent: 'Why (for the history)'}), reason, reasonProblem),
      problem,
      element('div', {className: 'panel-head'}, element('span', {className: 'space'}), cancel, submit));
  const dialog = element('dialog', {className: 'form', 'aria-labelledby': 'dialog-title'}, form);
  const names = new RequestNames();
  let isRunning = false;

  const changed = () => fields.filter((field) => JSON.stringify(field.value) !== field.initial);

  function show(error) {
    let others = error.violations ?? [];
    let firstWrong = null;
    for (const field of fields) {
      const rest = field.show(others);
      if (rest.length < others.length) firstWrong ??= field;
      others = rest;
    }
    const ofReason = others.filter((violation) => violation.field === 'reason');
    others = others.filter((violation) => violation.field !== 'reason');
    reasonProblem.textContent = ofReason.map((violation) => violation.description).join('\n');
    reasonProblem.hidden = ofReason.length === 0;
    const isPlaced = (error.violations ?? []).length > 0 && others.length === 0;
    problem.textContent = others.length > 0 ?
      others.map((violation) => `${violation.field}: ${violation.description}`).join('\n') : error.message ?? '';
    problem.hidden = isPlaced || problem.textContent === '';
    firstWrong?.focus();
  }

  return new Promise((resolve) => {
    let result = null;
    const leave = () => {
      if (!isRunning && (changed().length === 0 || confirm('What was typed is not saved. Leave it?'))) dialog.close();
    };
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (isRunning || submit.disabled) return;
      isRunning = true;
      submit.disabled = true;
      try {
        const values = Object.fromEntries((isNew ? fields : changed()).map((field) => [field.key, field.value]));
        const why = reason.value.trim();
        result = await act(values, {reason: why, requestId: names.of({values, why})});
        isRunning = false;
        dialog.close();
      } catch (error) {
        show(error);
      } finally {
        isRunning = false;
        submit.disabled = false;
      }
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(submit);
    });
    cancel.addEventListener('click', leave);
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      leave();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    if (fields.length > 0) fields[0].focus();
    else reason.focus();
  });
}
