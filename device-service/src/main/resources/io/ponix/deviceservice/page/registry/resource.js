// One that is registered: its fields, and what can be done with it.

import {tokens, TRANSFORM_VARIABLES, INTAKE_VARIABLES} from '../cel.js';
import {byId, element, shortened, time} from '../elements.js';
import {address, leadTo, remembered} from './address.js';
import {linesOf} from './diff.js';

/** Expressions, by their keys in messages, with their variables. */
const EXPRESSIONS = {
  payloadConversion: TRANSFORM_VARIABLES,
  matchExpression: TRANSFORM_VARIABLES,
  transformExpression: TRANSFORM_VARIABLES,
  intakeExpression: INTAKE_VARIABLES,
};

const TITLES = {payloadConversion: 'Transform of its own', createdAt: 'Created at', updatedAt: 'Changed at', deletedAt: 'Deleted at', etag: 'Version'};

/** The kinds that are referred to, by the keys of their ids in messages of others. */
const REFERENCES = {definitionId: 'definitions', gatewayId: 'gateways', enrolledByGatewayId: 'gateways'};

/** More of a value than this is not shown. */
const SHOWN = 20_000;

/**
 * Shows one.
 *
 * @param names of definitions and gateways by their ids
 * @param actions [text, what it does], or [text, an address]
 */
export function showResource(kind, resource, names, actions) {
  const at = address();
  const name = resource.name || kind.idOf(resource);
  byId('back').textContent = `← ${kind.title}`;
  leadTo(byId('back'), {...at, id: ''}, remembered());
  byId('opened-title').textContent = shortened(name);
  byId('opened-title').title = name;
  byId('opened-deleted').hidden = !resource.deletedAt;
  byId('actions').replaceChildren(...actions.map(([text, action, isDangerous]) => {
    if (typeof action === 'string') return element('a', {className: 'button', href: action, textContent: text});
    const button = element('button', {type: 'button', className: isDangerous ? 'danger' : '', textContent: text});
    button.addEventListener('click', action);
    return button;
  }));
  byId('fields').replaceChildren(...Object.entries(resource)
      .filter(([key]) => key !== 'name')
      .flatMap(([key, value]) => [element('dt', {textContent: TITLES[key] ?? titleOf(key)}), element('dd', {}, valueOf(key, value, at, names))]));
}

/** externalId: External id. */
function titleOf(key) {
  const words = key.replace(/[A-Z]/g, (letter) => ' ' + letter.toLowerCase());
  return words[0].toUpperCase() + words.slice(1);
}

function valueOf(key, value, at, names) {
  if (key.endsWith('At')) return `${time(value)} UTC`;
  if (key in REFERENCES && at.kind !== REFERENCES[key]) {
    const link = element('a', {className: 'whole', textContent: shortened(names.get(value) ?? value), title: value});
    return leadTo(link, {organization: at.organization, kind: REFERENCES[key], id: value});
  }
  if (key in EXPRESSIONS) return expression(value, EXPRESSIONS[key]);
  if (key === 'contracts') {
    return element('ol', {className: 'contracts'}, ...value.map((contract) => element('li', {},
        element('p', {className: 'muted', textContent: contract.matchExpression ? 'applies when' : 'always applies'}),
        ...['matchExpression', 'transformExpression'].filter((part) => contract[part]).map((part) => expression(contract[part], EXPRESSIONS[part])),
        ...(contract.jsonSchema ? [element('p', {className: 'muted', textContent: 'JSON Schema of the result'}), element('pre', {className: 'json', textContent: contract.jsonSchema})] : []))));
  }
  if (typeof value === 'object') {
    const text = linesOf(value).join('\n');
    return element('pre', {className: 'json', textContent: text.length > SHOWN ? text.slice(0, SHOWN) + ' …' : text});
  }
  const text = String(value);
  return element('span', {className: 'whole code', textContent: shortened(text), title: text});
}

function expression(source, variables) {
  return element('pre', {className: 'json', tabIndex: 0}, ...tokens(source, variables).map(([kind, text]) =>
    kind === null ? text : element('span', {className: 't-' + kind}, text)));
}
