// The page: a transform, a payload, and what the one makes of the other.

import {call} from './api.js';
import './bar.js';
import {byId, debounce, element, shortened} from './elements.js';
import {Editor} from './editor.js';
import {guessEncoding, parsePayload, toBase64, toHex} from './payload.js';
import {showMessage, showResponse} from './result.js';
import {getSubject, listOrganizations, listSubjects, saveSubject} from './subjects.js';
import {History} from './history.js';

const evaluateSoon = debounce(evaluate, 250);

/** How many characters of a device's name Evaluate takes. */
const LONGEST_NAME = 1024;

const expression = new Editor(byId('expression-editor'), 'expression', 'Expression (CEL)', edited);
const match = new Editor(byId('match-editor'), 'match', 'Applies when (CEL)', edited);
const history = new History(tryEnvelope);

/** The chosen device or definition as it is stored, or null; its contracts as they are edited; and which of them is shown. */
let subject = null;
let contracts = [blankContract()];
let shown = 0;

/** The device that sends the payload: the chosen one, or the one from which its definition was opened; or null. */
let sender = null;

/** The stored row whose payload is tried, or null. */
let storedRow = null;
let running = null;

function blankContract() {
  return {matchExpression: '', transformExpression: '', jsonSchema: ''};
}

// What is chosen

async function start() {
  try {
    const organizations = await listOrganizations();
    const wanted = new URLSearchParams(location.hash.slice(1));
    byId('organization').replaceChildren(
        ...organizations.map((organization) => new Option(`${shortened(organization.name)} (${organization.id})`, organization.id)));
    if (organizations.length === 0) {
      notice('bad', 'There is no organization yet: create one with OrganizationService/CreateOrganization. Expressions can be tried all the same.');
    }
    const kind = wanted.has('definition') ? 'definition' : 'device';
    const linked = wanted.get(kind) ? await getSubject(kind, wanted.get(kind), wanted.get('organization') ?? '').catch(failed) : null;
    if (linked) byId('organization').value = linked.organizationId;
    await chooseOrganization(linked);
  } catch (error) {
    failed(error);
    choose(null);
  }
}

async function chooseOrganization(linked) {
  const select = byId('subject');
  const organizationId = byId('organization').value;
  select.replaceChildren(new Option('nothing: try an expression', ''));
  let found = {devices: [], definitions: [], complete: true};
  if (organizationId) {
    found = await listSubjects(organizationId);
  }
  for (const [label, subjects] of [['Devices', found.devices], ['Definitions', found.definitions]]) {
    if (subjects.length === 0) continue;
    const group = element('optgroup', {label: found.complete ? label : label + ' (the newest)'});
    group.append(...subjects.map((each) => new Option(shortened(each.name), `${each.kind}=${each.id}`)));
    select.append(group);
  }
  choose(linked ?? found.devices[0] ?? found.definitions[0] ?? null);
}

/** The entry of a subject in the list, if it is there. */
function listed(kind, id) {
  return byId('subject').querySelector(`option[value="${CSS.escape(`${kind}=${id}`)}"]`);
}

function choose(chosen, device = chosen?.kind === 'device' ? chosen : null) {
  subject = chosen;
  sender = device;
  contracts = structuredClone(chosen?.contracts ?? [blankContract()]);
  shown = 0;
  storedRow = null;
  if (chosen && !listed(chosen.kind, chosen.id)) {
    byId('subject').append(new Option(shortened(chosen.name), `${chosen.kind}=${chosen.id}`));
  }
  byId('subject').value = chosen ? `${chosen.kind}=${chosen.id}` : '';
  if (chosen) {
    const address = new URLSearchParams({organization: chosen.organizationId, [chosen.kind]: chosen.id});
    window.history.replaceState(null, '', '#' + address);
  }
  showContract();
  history.show(sender);
  evaluate();
}

function isAlone() {
  return subject?.kind !== 'definition';
}

/** Whether the chosen device has a definition and no expression of its own, which would win. */
function isDecidedByDefinition() {
  return Boolean(subject?.definitionId) && expression.value.trim() === '';
}

function isChanged() {
  return JSON.stringify(contracts) !== JSON.stringify(subject?.contracts ?? [blankContract()]);
}

/** Whether edits may be thrown away. */
function mayLeave() {
  return !subject || !isChanged() || confirm('The changed transform is not saved. Leave it?');
}

byId('organization').addEventListener('change', () => {
  if (mayLeave()) chooseOrganization(null).catch(failed);
});

byId('subject').addEventListener('change', async () => {
  const [kind, id] = byId('subject').value.split('=');
  if (!mayLeave()) {
    byId('subject').value = `${subject.kind}=${subject.id}`;
    return;
  }
  notice('', '');
  try {
    choose(id ? await getSubject(kind, id, byId('organization').value) : null);
  } catch (error) {
    failed(error);
  }
});

addEventListener('beforeunload', (event) => {
  if (subject && isChanged()) event.preventDefault();
});

// The transform

function showContract() {
  const contract = contracts[shown];
  byId('contracts').hidden = isAlone();
  byId('messages').hidden = !subject?.fileDescriptorSet;
  byId('schema-details').hidden = isAlone();
  expression.value = contract.transformExpression;
  match.value = contract.matchExpression;
  byId('schema').value = contract.jsonSchema;
  byId('schema-details').open = contract.jsonSchema !== '';
  byId('contract-tabs').replaceChildren(...contracts.map((each, index) => {
    const tab = element('button', {
      type: 'button', role: 'tab', 'aria-selected': String(index === shown), tabIndex: index === shown ? 0 : -1,
      textContent: each.matchExpression.length > 24 ? `${index + 1}` : `${index + 1} · ${each.matchExpression || 'always'}`,
    });
    tab.addEventListener('click', () => {
      shown = index;
      showContract();
      evaluate();
    });
    return tab;
  }));
  arrowKeys(byId('contract-tabs'));
  showChanged();
}

function edited() {
  contracts[shown] = {
    matchExpression: match.value,
    transformExpression: expression.value,
    jsonSchema: byId('schema').value,
  };
  showChanged();
  evaluateSoon();
}

/** Says which definition a device has, and whether it decides. */
function showDefinition() {
  byId('definition').hidden = !subject?.definitionId;
  if (!subject?.definitionId) return;
  const name = listed('definition', subject.definitionId)?.textContent ?? subject.definitionId;
  byId('definition-role').textContent = isDecidedByDefinition() ?
    `${shortened(subject.name)} has no expression of its own: its definition ${name} decides.` :
    `${shortened(subject.name)} has an expression of its own, which wins over its definition ${name}.`;
}

async function openDefinition() {
  if (!mayLeave()) return false;
  notice('', '');
  const device = subject;
  try {
    choose(await getSubject('definition', device.definitionId, device.organizationId), device);
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

byId('open-definition').addEventListener('click', openDefinition);

function showChanged() {
  showDefinition();
  const changed = isChanged();
  byId('changed').hidden = !changed || subject === null;
  byId('save').disabled = !changed || subject === null;
  byId('revert').disabled = !changed;
}

byId('schema').addEventListener('input', edited);

byId('revert').addEventListener('click', () => {
  contracts = structuredClone(subject?.contracts ?? [blankContract()]);
  shown = Math.min(shown, contracts.length - 1);
  showContract();
  evaluate();
});

byId('save').addEventListener('click', save);

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    if (!byId('save').disabled) save();
  }
});

async function save() {
  byId('save').disabled = true;
  try {
    subject = await saveSubject(subject, contracts);
    notice('good', `Saved. The pipeline uses it from ${shortened(subject.name)}’s next envelope.`);
  } catch (error) {
    failed(error);
  }
  showChanged();
}

// The payload

function encoding() {
  return document.querySelector('input[name="encoding"]:checked').value;
}

function setEncoding(name) {
  byId('encoding-' + name).checked = true;
}

for (const field of ['payload', 'f-port', 'occurred-at', 'previous', 'attributes']) {
  byId(field).addEventListener('input', () => {
    storedRow = null;
    history.tried(null);
    evaluateSoon();
  });
}

byId('payload').addEventListener('paste', (event) => {
  const guessed = guessEncoding(event.clipboardData.getData('text').trim());
  if (guessed && byId('payload').value === '') setEncoding(guessed);
});

// What is there stays the same payload, written in the other way.
for (const radio of document.querySelectorAll('input[name="encoding"]')) {
  radio.addEventListener('change', () => {
    const other = radio.value === 'hex' ? 'base64' : 'hex';
    try {
      const bytes = parsePayload(byId('payload').value, other);
      byId('payload').value = radio.value === 'hex' ? toHex(bytes) : toBase64(bytes);
    } catch {
      // It was not written in the other way: it may be in this one.
    }
    evaluate();
  });
}

/** Takes over the envelope of a row or dead letter; `stored` is the row, or null. */
function tryEnvelope(envelope, stored) {
  setEncoding('hex');
  const bytes = parsePayload(envelope.payload ?? '', 'base64');
  byId('payload').value = toHex(bytes);
  byId('f-port').value = envelope.fPort ?? 0;
  byId('occurred-at').value = envelope.occurredAt ?? '';
  byId('attributes').value = Object.entries(envelope.attributes ?? {}).map(([key, value]) => `${key}=${value}`).join('\n');
  byId('attributes').rows = Math.min(5, Math.max(1, Object.keys(envelope.attributes ?? {}).length));
  storedRow = stored;
  evaluate();
  byId('result-title').scrollIntoView({block: 'nearest'});
}

/** What to evaluate. */
function transform() {
  if (isDecidedByDefinition()) return {definitionId: subject.definitionId};
  return isAlone() ? {expression: expression.value} : {contracts: {contracts, fileDescriptorSet: subject.fileDescriptorSet}};
}

/** What the envelope before became; nothing where there is none. */
function previous() {
  const json = byId('previous').value.trim();
  return json === '' ? {} : {previous: {json, occurredAt: new Date().toISOString(), fPort: Number(byId('f-port').value) || 0}};
}

/** A name as far as Evaluate takes it: there may be longer ones, from before the registry looked. */
function triedName(name) {
  // Of twice as many UTF-16 units, for no character may be cut in two.
  return Array.from(name.slice(0, 2 * LONGEST_NAME)).slice(0, LONGEST_NAME).join('');
}

/** The request, or null where the payload cannot be read, which the page says then. */
function request() {
  const problem = byId('payload-problem');
  let bytes;
  try {
    bytes = parsePayload(byId('payload').value.trim(), encoding());
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    byId('payload-size').textContent = '';
    return null;
  }
  problem.hidden = true;
  byId('payload-size').textContent = bytes.length === 1 ? '1 byte' : `${bytes.length.toLocaleString('en')} bytes`;
  const attributes = byId('attributes').value.split('\n').filter((line) => line.includes('='));
  return {
    ...transform(),
    payload: toBase64(bytes),
    fPort: Number(byId('f-port').value) || 0,
    attributes: Object.fromEntries(attributes.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()])),
    occurredAt: byId('occurred-at').value.trim() || new Date().toISOString(),
    ...previous(),
    device: sender ? {id: sender.id, name: triedName(sender.name), organizationId: sender.organizationId} : {organizationId: byId('organization').value},
  };
}

// The evaluation

async function evaluate() {
  running?.abort();
  const mine = running = new AbortController();
  const asked = request();
  if (asked === null) {
    showMessage('bad', 'no payload', 'The payload cannot be read.');
    return;
  }
  const byDefinition = isDecidedByDefinition();
  if (isAlone() && !byDefinition && expression.value.trim() === '') {
    showMessage('', '', subject ? `${shortened(subject.name)} has neither an expression nor a definition. Its envelopes become dead letters.` : 'Write an expression, for instance cayenne_lpp_decode(input)');
    return;
  }
  try {
    const response = await call('ponix.transform.v1.TransformService/Evaluate', asked, mine.signal);
    if (mine !== running) return;
    showResponse(response, isAlone() && !byDefinition, storedRow, byDefinition ? goToDefinition : goTo);
    // What is wrong in the definition is not to be seen here.
    mark(byDefinition ? {} : response);
  } catch (error) {
    if (error.name === 'AbortError' || mine !== running) return;
    showMessage('bad', 'not tried', error.message);
  }
}

function mark(response) {
  const marks = {CONTRACT_PART_TRANSFORM_EXPRESSION: [], CONTRACT_PART_MATCH_EXPRESSION: []};
  // What is wrong comes last: of two marks at a place the last is shown.
  for (const [kind, issues] of [['doubtful', response.warnings ?? []], ['wrong', response.error?.issues ?? []]]) {
    for (const issue of issues) {
      // What is about the whole of it has no place worth marking.
      const whole = kind === 'doubtful' && issue.line === 1 && issue.column === 1;
      if ((issue.contract ?? 0) === shown && !whole) marks[issue.part]?.push({line: issue.line, column: issue.column, kind});
    }
  }
  expression.mark(marks.CONTRACT_PART_TRANSFORM_EXPRESSION);
  match.mark(marks.CONTRACT_PART_MATCH_EXPRESSION);
}

function goTo(issue) {
  if ((issue.contract ?? 0) !== shown) {
    shown = issue.contract ?? 0;
    showContract();
    evaluate();
  }
  (issue.part === 'CONTRACT_PART_MATCH_EXPRESSION' ? match : expression).goTo(issue.line, issue.column);
}

async function goToDefinition(issue) {
  if (await openDefinition()) goTo(issue);
}

// The page as a whole

function notice(kind, text) {
  byId('notice').hidden = text === '';
  byId('notice').className = 'notice ' + kind;
  byId('notice').textContent = text;
}

function failed(error) {
  notice('bad', error.message);
  return null;
}

/** In a list of tabs the arrow keys go from one to the next. */
function arrowKeys(list) {
  list.onkeydown = (event) => {
    const tabs = [...list.querySelectorAll('[role="tab"]')];
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
    list.querySelector('[aria-selected="true"]')?.focus();
  };
}

arrowKeys(document.querySelector('#history [role="tablist"]'));
start();
