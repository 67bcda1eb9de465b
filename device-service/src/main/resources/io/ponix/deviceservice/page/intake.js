// The page of intakes: an expression, a message, and what the one makes of the other.

import {call} from './api.js';
import './bar.js';
import {INTAKE_VARIABLES} from './cel.js';
import {byId, debounce, shortened} from './elements.js';
import {Editor} from './editor.js';
import {getGateway, listGateways, listPresets, saveGateway} from './gateways.js';
import {parsePayload, toBase64, toHex} from './payload.js';
import {showIntakeResponse, showMessage} from './result.js';
import {listOrganizations} from './subjects.js';

const evaluateSoon = debounce(evaluate, 250);
const expression = new Editor(byId('expression-editor'), 'expression', 'Expression (CEL)', edited, INTAKE_VARIABLES);

/** The presets' expressions by their names. */
let presets = new Map();

/** The chosen gateway as it is stored, or null. */
let gateway = null;
let running = null;
let writtenIn = 'text';

// What is chosen

async function start() {
  try {
    presets = new Map((await listPresets()).map((preset) => [preset.name, preset.expression]));
    byId('preset').replaceChildren(
        new Option('an expression of its own, or the topic: <organization_id>/<device_id>', ''),
        ...[...presets.keys()].map((name) => new Option('preset ' + name, name)));
    const organizations = await listOrganizations();
    byId('organization').replaceChildren(
        ...organizations.map((organization) => new Option(`${shortened(organization.name)} (${organization.id})`, organization.id)));
    const wanted = new URLSearchParams(location.hash.slice(1)).get('gateway');
    const linked = wanted ? await getGateway(wanted).catch(failed) : null;
    if (linked) byId('organization').value = linked.organizationId;
    await chooseOrganization(linked);
  } catch (error) {
    failed(error);
    choose(null);
  }
}

async function chooseOrganization(linked) {
  const organizationId = byId('organization').value;
  const found = organizationId ? await listGateways(organizationId) : [];
  byId('gateway').replaceChildren(
      new Option('nothing: try an expression', ''),
      ...found.map((each) => new Option(shortened(each.name), each.id)));
  choose(linked ?? found[0] ?? null);
}

function choose(chosen) {
  gateway = chosen;
  if (chosen && ![...byId('gateway').options].some((option) => option.value === chosen.id)) {
    byId('gateway').append(new Option(shortened(chosen.name), chosen.id));
  }
  byId('gateway').value = chosen?.id ?? '';
  window.history.replaceState(null, '', chosen ? '#' + new URLSearchParams({gateway: chosen.id}) : '#');
  showStored();
}

function showStored() {
  byId('preset').value = gateway?.preset ?? '';
  expression.value = gateway?.preset ? presets.get(gateway.preset) ?? '' : gateway?.expression ?? '';
  showChanged();
  evaluate();
}

/** What is edited: {preset, expression}, of which one is empty, or both. */
function intake() {
  const preset = byId('preset').value;
  return {preset, expression: preset ? '' : expression.value};
}

function isChanged() {
  const now = intake();
  return now.preset !== (gateway?.preset ?? '') || now.expression !== (gateway?.expression ?? '');
}

/** Whether edits may be thrown away. */
function mayLeave() {
  return !gateway || !isChanged() || confirm('The changed intake is not saved. Leave it?');
}

byId('organization').addEventListener('change', () => {
  if (mayLeave()) chooseOrganization(null).catch(failed);
});

byId('gateway').addEventListener('change', async () => {
  const id = byId('gateway').value;
  if (!mayLeave()) {
    byId('gateway').value = gateway.id;
    return;
  }
  notice('', '');
  try {
    choose(id ? await getGateway(id) : null);
  } catch (error) {
    failed(error);
  }
});

addEventListener('beforeunload', (event) => {
  if (gateway && isChanged()) event.preventDefault();
});

// The intake

byId('preset').addEventListener('change', () => {
  expression.value = presets.get(byId('preset').value) ?? (byId('preset').value ? '' : gateway?.expression ?? '');
  showChanged();
  evaluate();
});

/** A preset that is edited is an expression like any other. */
function edited() {
  if (expression.value !== presets.get(byId('preset').value)) byId('preset').value = '';
  showChanged();
  evaluateSoon();
}

function showChanged() {
  const changed = isChanged();
  byId('changed').hidden = !changed || gateway === null;
  byId('save').disabled = !changed || gateway === null;
  byId('revert').disabled = !changed;
}

byId('revert').addEventListener('click', showStored);
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
    gateway = await saveGateway(gateway, intake());
    notice('good', `Saved. Bridges use it from ${shortened(gateway.name)}’s next message.`);
  } catch (error) {
    failed(error);
  }
  showChanged();
}

// The message

for (const field of ['payload', 'topic', 'headers', 'received-at']) {
  byId(field).addEventListener('input', evaluateSoon);
}

function bytesOf(text, encoding) {
  return encoding === 'text' ? new TextEncoder().encode(text) : parsePayload(text.trim(), encoding);
}

// What is there stays the same message, written in the other way.
for (const radio of document.querySelectorAll('input[name="encoding"]')) {
  radio.addEventListener('change', () => {
    try {
      const bytes = bytesOf(byId('payload').value, writtenIn);
      byId('payload').value =
        radio.value === 'hex' ? toHex(bytes) :
        radio.value === 'base64' ? toBase64(bytes) :
        new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    } catch {
      // It was not written in the other way, or is no text: it may be in this one.
    }
    writtenIn = radio.value;
    evaluate();
  });
}

/** The request, or null where the message cannot be read, which the page says then. */
function request() {
  const problem = byId('payload-problem');
  let bytes;
  try {
    bytes = bytesOf(byId('payload').value, writtenIn);
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    byId('payload-size').textContent = '';
    return null;
  }
  problem.hidden = true;
  byId('payload-size').textContent = bytes.length === 1 ? '1 byte' : `${bytes.length.toLocaleString('en')} bytes`;
  const {preset} = intake();
  const headers = byId('headers').value.split('\n').filter((line) => line.includes('='));
  return {
    ...(preset ? {intakePreset: preset} : {intakeExpression: expression.value}),
    topic: byId('topic').value.trim(),
    payload: toBase64(bytes),
    headers: Object.fromEntries(headers.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()])),
    receivedAt: byId('received-at').value.trim() || new Date().toISOString(),
  };
}

// The evaluation

async function evaluate() {
  running?.abort();
  const mine = running = new AbortController();
  const asked = request();
  if (asked === null) {
    showMessage('bad', 'no message', 'The message cannot be read.');
    return;
  }
  if (expression.value.trim() === '') {
    showMessage('', '', gateway ?
      `${shortened(gateway.name)} has no intake: the topic of its messages is <organization_id>/<device_id>, their payload the device’s.` :
      'Choose a preset, or write an expression, for instance {"device_id": topic, "payload": payload}');
    return;
  }
  try {
    const response = await call('ponix.intake.v1.IntakeService/Evaluate', asked, mine.signal);
    if (mine !== running) return;
    showIntakeResponse(response, (issue) => expression.goTo(issue.line, issue.column));
    mark(response);
  } catch (error) {
    if (error.name === 'AbortError' || mine !== running) return;
    showMessage('bad', 'not tried', error.message);
  }
}

function mark(response) {
  const marks = [];
  // What is wrong comes last: of two marks at a place the last is shown.
  for (const [kind, issues] of [['doubtful', response.warnings ?? []], ['wrong', response.error?.issues ?? []]]) {
    for (const issue of issues) {
      // What is about the whole of it has no place worth marking.
      const whole = kind === 'doubtful' && issue.line === 1 && issue.column === 1;
      if (!whole) marks.push({line: issue.line, column: issue.column, kind});
    }
  }
  expression.mark(marks);
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

start();
