// Signing in, where the service asks for a key, and out. The key is in a cookie that scripts cannot read.

import {SIGN_IN_NEEDED, call} from './api.js';
import {element} from './elements.js';

const problem = element('p', {id: 'sign-in-problem', className: 'problem', role: 'alert', hidden: true});
const key = element('input', {id: 'key', type: 'password', autocomplete: 'current-password', required: true, placeholder: 'ponix_…'});
const form = element('form', {},
    element('h2', {textContent: 'Sign in'}),
    element('p', {className: 'hint', textContent: 'The service asks for a key. ./ponix key create makes one.'}),
    element('label', {htmlFor: 'key', textContent: 'Key'}), key, problem,
    element('div', {className: 'panel-head'}, element('span', {className: 'space'}),
        element('button', {id: 'sign-in', className: 'primary', textContent: 'Sign in'})));
const dialog = element('dialog', {className: 'sign-in'}, form);
document.body.append(dialog);

// There is nothing behind it to go back to.
dialog.addEventListener('cancel', (event) => event.preventDefault());
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const message = await signIn(key.value.trim());
  if (message) {
    problem.textContent = message;
    problem.hidden = false;
    key.select();
    return;
  }
  location.reload();
});
window.addEventListener(SIGN_IN_NEEDED, () => {
  if (!dialog.open) {
    dialog.showModal();
  }
});

/** Returns what is wrong, or nothing. */
async function signIn(text) {
  let response;
  try {
    response = await fetch('/session', {method: 'POST', headers: {authorization: `Bearer ${text}`}});
  } catch {
    return 'The device service does not answer, or this is no key.';
  }
  if (response.ok) {
    return '';
  }
  return response.status === 401 ? 'That is no valid key.' : `The service answered ${response.status}: try again.`;
}

/** Shows in an element who is signed in, with a button to end it; nothing where no key is needed. */
export async function showSession(place) {
  let caller;
  try {
    caller = await call('ponix.access.v1.AccessService/GetCaller', {});
  } catch {
    return; // who is not signed in is asked for a key, and what else is wrong the page tells itself
  }
  if (!caller.keyId) {
    return;
  }
  const role = caller.role.replace(/^ROLE_/, '').toLowerCase();
  const end = element('button', {id: 'sign-out', type: 'button', className: 'quiet small', textContent: 'Sign out'});
  end.addEventListener('click', async () => {
    await fetch('/session', {method: 'DELETE'});
    location.reload();
  });
  place.append(element('span', {id: 'signed-in', className: 'muted', textContent: `${caller.name} (${role})`}), end);
}
