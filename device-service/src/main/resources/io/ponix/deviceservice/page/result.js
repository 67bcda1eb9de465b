// Shows what an evaluation gave: the JSON, or what is wrong and where.

import {byId, element} from './elements.js';
import {sameJson, showJson} from './json.js';
import {parseBase64, toHex} from './payload.js';

const STAGES = {
  EVALUATION_STAGE_COMPILE: 'does not compile',
  EVALUATION_STAGE_EVALUATE: 'fails on this payload',
  EVALUATION_STAGE_OUTPUT: 'no rows',
  EVALUATION_STAGE_SCHEMA: 'refused by the schema',
};

const INTAKE_STAGES = {
  EVALUATION_STAGE_COMPILE: 'does not compile',
  EVALUATION_STAGE_EVALUATE: 'fails on this message',
  EVALUATION_STAGE_OUTPUT: 'no uplink',
};

const PARTS = {
  CONTRACT_PART_MATCH_EXPRESSION: 'applies when',
  CONTRACT_PART_TRANSFORM_EXPRESSION: 'expression',
  CONTRACT_PART_JSON_SCHEMA: 'JSON Schema',
};

/**
 * Shows a response of Evaluate.
 *
 * @param alone whether there is only one expression, so that contracts need no numbers
 * @param stored the row that is tried, with its json and its index among those of its envelope, or null
 * @param goTo called with the issue whose place a person wants to see
 */
export function showResponse(response, alone, stored, goTo) {
  const result = byId('result');
  if (response.json !== undefined) {
    const matched = alone ? '' : `, contract ${(response.matchedContract ?? 0) + 1}`;
    const rows = response.rows ?? [];
    const isList = response.json.startsWith('[');
    verdict('good', (!isList ? 'JSON' : rows.length === 1 ? '1 row' : `${rows.length} rows`) + matched);
    result.replaceChildren(showJson(response.json));
    if (rows.length === 0) result.append(paragraph('hint', 'An empty list: the pipeline counts the envelope and stores nothing.'));
    if (stored !== null) result.append(comparison(rows[stored.index]?.json, stored, response.usesPrevious));
  } else if (response.noMatch !== undefined) {
    verdict('', 'no match');
    result.replaceChildren(paragraph('empty', 'No contract applies to this payload: the pipeline counts it and stores nothing.'));
  } else {
    showError(response.error, alone, goTo);
  }
  showWarnings(response.warnings ?? [], alone);
  showRowWarnings(response.rowWarnings ?? []);
  const cost = response.cost;
  byId('cost').textContent = cost ? `${Number(cost.outputBytes ?? 0).toLocaleString('en')} bytes · ${work(cost)}` : '';
}

/**
 * Shows a response of the evaluation of an intake.
 *
 * @param goTo called with the issue whose place a person wants to see
 */
export function showIntakeResponse(response, goTo) {
  const uplinks = response.uplinks?.uplinks ?? [];
  if (response.error !== undefined) {
    showError(response.error, true, goTo);
    verdict('bad', INTAKE_STAGES[response.error.stage] ?? 'fails');
  } else if (response.noReading !== undefined) {
    verdict('', 'no reading');
    byId('result').replaceChildren(paragraph('empty', 'The message is no reading: a bridge acknowledges and counts it, and stores nothing.'));
  } else {
    verdict('good', uplinks.length === 1 ? '1 uplink' : `${uplinks.length} uplinks`);
    byId('result').replaceChildren(...uplinks.map((uplink) => showJson(JSON.stringify(readable(uplink)))));
  }
  showWarnings(response.warnings ?? [], true);
  byId('cost').textContent = response.cost ? work(response.cost) : '';
}

/** An uplink with the names of an intake expression, its payload in hexadecimal. */
function readable(uplink) {
  return {
    organization_id: uplink.organizationId,
    device_id: uplink.deviceId,
    external_id: uplink.externalId,
    payload_hex: toHex(parseBase64(uplink.payload ?? '')).replaceAll(' ', ''),
    f_port: uplink.fPort,
    occurred_at: uplink.occurredAt,
    attributes: uplink.attributes,
    message_id: uplink.messageId,
  };
}

function work(cost) {
  return `${Number(cost.functionWork ?? 0).toLocaleString('en')} of ${Number(cost.functionWorkLimit).toLocaleString('en')} units of work`;
}

/** Shows that the call itself failed, or that there is nothing to try. */
export function showMessage(kind, title, message) {
  verdict(kind, title);
  byId('result').replaceChildren(kind === 'bad' ? element('div', {className: 'trouble'}, paragraph('', message)) : paragraph('empty', message));
  showWarnings([], true);
  byId('cost').textContent = '';
}

function verdict(kind, text) {
  const tag = byId('verdict');
  tag.hidden = text === '';
  tag.className = 'tag ' + kind;
  tag.textContent = text;
}

function showError(error, alone, goTo) {
  verdict('bad', STAGES[error.stage] ?? 'fails');
  const issues = error.issues ?? [];
  const shown = issues.map((issue) => trouble(issue, alone, goTo));
  if (shown.length === 0) {
    shown.push(element('div', {className: 'trouble'}, paragraph('', error.message)));
  }
  byId('result').replaceChildren(...shown);
  if (error.refusedJson) {
    byId('result').append(paragraph('hint', 'What the expression gave:'), showJson(error.refusedJson));
  }
}

function trouble(issue, alone, goTo) {
  const place = element('button', {type: 'button', className: 'quiet small', textContent: where(issue, alone)});
  place.addEventListener('click', () => goTo(issue));
  const box = element('div', {className: 'trouble'}, element('p', {}, place, ' ', issue.message));
  if (issue.caret) {
    box.append(element('pre', {}, (issue.sourceLine ?? '') + '\n', element('span', {className: 'caret'}, issue.caret)));
  }
  return box;
}

function where(issue, alone) {
  const place = `${issue.line}:${issue.column}`;
  return alone ? place : `contract ${(issue.contract ?? 0) + 1}, ${PARTS[issue.part]} ${place}`;
}

function showWarnings(warnings, alone) {
  const list = byId('warnings');
  list.hidden = warnings.length === 0;
  list.replaceChildren(...warnings.map((warning) => element('li', {}, element('strong', {}, where(warning, alone)), ' ', warning.message)));
}

/** Shows what the expression noted of the payload, before what is to be said of the expression. */
function showRowWarnings(texts) {
  const list = byId('warnings');
  if (texts.length > 0) list.hidden = false;
  list.prepend(...texts.map((text) => element('li', {}, element('strong', {}, 'noted with the row'), ' ', text)));
}

function comparison(json, stored, usesPrevious) {
  const same = json !== undefined && sameJson(json, stored.json);
  const name = stored.count > 1 ? `stored row ${stored.index + 1} of ${stored.count}` : 'stored row';
  const other = usesPrevious ? `The ${name} was made with a previous of its own:` : `Another result than the ${name}:`;
  return element('details', {className: 'comparison', open: !same},
      element('summary', {}, same ? `The same as the ${name}` : other),
      showJson(stored.json));
}

function paragraph(className, text) {
  return element('p', {className}, text);
}
