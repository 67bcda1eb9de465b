// The page of what is registered: a list of it, or one of it with what happened to it.

import {call} from '../api.js';
import '../bar.js';
import {byId, element, shortened} from '../elements.js';
import {listOrganizations} from '../subjects.js';
import {address, goTo, hashOf, leadTo, onAddress, remembered} from './address.js';
import {Changes} from './changes.js';
import {ask} from './form.js';
import {KINDS, referredTo} from './kinds.js';
import {List} from './list.js';
import {showResource} from './resource.js';
import {quoted} from './search.js';

const list = new List(create, undelete);
const changes = new Changes((version) => done(`Version ${version} is restored.`));

/** Of who looks at the page. */
let role = '';

/** The names of definitions and gateways by their ids, and of which organization they are. */
let names = new Map();
let namesOf = null;
let generation = 0;
let isOpeningForm = false;

/** Whether the notice is about what is shown next, too. */
let isNews = false;

// What is shown

async function start() {
  try {
    [role] = await Promise.all([call('ponix.access.v1.AccessService/GetCaller', {}).then((caller) => caller.role), loadOrganizations()]);
  } catch (error) {
    notice('bad', error.message);
    return;
  }
  onAddress(show);
  show();
}

async function loadOrganizations() {
  const organizations = await listOrganizations();
  byId('organization').replaceChildren(
      ...organizations.map((organization) => new Option(`${shortened(organization.name)} (${organization.id})`, organization.id)));
}

function kindOf(at) {
  return KINDS[at.kind] ?? KINDS.devices;
}

async function show() {
  const at = address();
  const kind = kindOf(at);
  const mine = ++generation;
  if (!isNews) notice('', '');
  isNews = false;
  // Who goes back leaves what was asked there.
  document.querySelector('dialog.form')?.close();
  if (!at.organization && byId('organization').value) {
    goTo({...at, organization: byId('organization').value}, {state: remembered(), replace: true});
    return;
  }
  if (at.organization) {
    byId('organization').value = at.organization;
  }
  byId('kinds').replaceChildren(...Object.entries(KINDS).map(([name, each]) => {
    const link = element('a', {textContent: each.title});
    if (each === kind) link.setAttribute('aria-current', 'page');
    return leadTo(link, {organization: at.organization, kind: name});
  }));
  byId('list').hidden = at.id !== '';
  byId('opened').hidden = true;
  document.title = `${kind.title} · Ponix`;
  if (!at.organization && kind.isOfOrganization) {
    showNoOrganization();
    return;
  }
  await loadNames(at.organization);
  if (mine !== generation) return;
  if (at.id === '') await list.show(kind, names, may(kind));
  else await open(kind, at, mine);
}

function showNoOrganization() {
  byId('create').hidden = true;
  byId('pages').hidden = true;
  const link = element('a', {textContent: 'Create an organization'});
  byId('rows').replaceChildren(element('div', {className: 'nothing'},
      element('p', {textContent: 'There is no organization yet, and everything that is registered is of one.'}),
      leadTo(link, {kind: 'organizations'})));
}

async function loadNames(organizationId) {
  if (namesOf === organizationId) return;
  try {
    names = new Map((await referredTo(organizationId)).flat());
    namesOf = organizationId;
  } catch {
    // Ids are shown instead; what is wrong the list tells.
    names = new Map();
  }
}

function may({roles}) {
  return {create: roles.create.includes(role), update: roles.update.includes(role), remove: roles.remove.includes(role)};
}

async function open(kind, at, mine) {
  let resource;
  try {
    resource = await kind.find(at.organization, at.id);
  } catch (error) {
    notice('bad', error.message);
    return;
  }
  if (mine !== generation) return;
  if (resource === null) {
    notice('bad', `There is no ${kind.one} ${shortened(at.id)} in this organization.`);
    goTo({...at, id: ''}, {replace: true});
    return;
  }
  const allowed = may(kind);
  const actions = [];
  if (resource.deletedAt) {
    if (allowed.remove) actions.push(['Undelete', () => undelete(resource)]);
  } else {
    if (kind.editor) actions.push([kind === KINDS.gateways ? 'Try its intake' : 'Try its transform', kind.editor(resource)]);
    if (kind.reference) {
      actions.push(['Its devices', hashOf({organization: at.organization, kind: 'devices', filter: `${kind.reference} == ${quoted(at.id)}`})]);
    }
    if (allowed.update) actions.push(['Edit', () => edit(resource)]);
    if (allowed.remove) actions.push(['Delete', () => remove(resource), true]);
  }
  document.title = `${shortened(resource.name || at.id)} · Ponix`;
  byId('opened').hidden = false;
  showResource(kind, resource, names, actions);
  byId('opened-title').focus();
  await changes.show(kind, resource, resource.deletedAt ? allowed.remove : allowed.update);
}

byId('organization').addEventListener('change', () => {
  const {kind} = address();
  goTo({organization: byId('organization').value, kind});
});

// What is done

async function create() {
  const at = address();
  const kind = kindOf(at);
  const fields = await fieldsOf(kind, null, at.organization);
  if (fields === null) return;
  const id = await ask({
    title: `New ${kind.one}`, verb: 'Create', fields, isNew: true,
    act: (values, request) => kind.create(at.organization, values, request),
  });
  if (id === null) return;
  notice('good', `The ${kind.one} ${id} is created.`);
  await changed(kind);
  goTo({...address(), id, organization: kind === KINDS.organizations ? id : at.organization});
}

async function edit(resource) {
  const kind = kindOf(address());
  const fields = await fieldsOf(kind, resource, resource.organizationId ?? '');
  if (fields === null) return;
  const said = await ask({
    title: `Edit ${shortened(resource.name || kind.idOf(resource))}`, verb: 'Save', fields,
    act: async (values, request) => {
      if (Object.keys(values).length === 0) return 'Nothing was changed.';
      await kind.update(resource, values, request);
      return 'Saved.';
    },
  });
  if (said) await done(said, kind);
}

async function remove(resource) {
  const kind = kindOf(address());
  const isDone = await ask({
    title: `Delete ${shortened(resource.name || kind.idOf(resource))}?`, verb: 'Delete', isDangerous: true,
    content: [element('p', {textContent: kind.deletes})],
    act: async (_, request) => {
      await kind.remove(resource, request);
      return true;
    },
  });
  if (isDone) await done(`The ${kind.one} ${kind.idOf(resource)} is deleted.`, kind);
}

async function undelete(resource) {
  const kind = kindOf(address());
  const isDone = await ask({
    title: `Undelete ${shortened(resource.name || kind.idOf(resource))}?`, verb: 'Undelete',
    content: [element('p', {textContent: 'It will be as it was before it was deleted, with its id.'})],
    act: async (_, request) => {
      await kind.undelete(resource, request);
      return true;
    },
  });
  if (isDone) await done(`The ${kind.one} ${kind.idOf(resource)} is there again.`, kind);
}

/**
 * The fields of a form, or null where what they offer cannot be had, which the page says then, or
 * where a form is about to be opened already: whoever clicks twice gets one.
 */
async function fieldsOf(kind, resource, organizationId) {
  if (isOpeningForm) return null;
  isOpeningForm = true;
  try {
    return await kind.fields(resource, organizationId);
  } catch (error) {
    notice('bad', error.message);
    return null;
  } finally {
    isOpeningForm = false;
  }
}

/** Says what was done, and shows everything as it is now. */
async function done(text, kind = kindOf(address())) {
  notice('good', text);
  await changed(kind);
  goTo(address(), {state: {before: remembered().before}, replace: true});
}

/** Gets again what was got before one of a kind changed. */
async function changed(kind) {
  if (kind.reference) namesOf = null;
  if (kind === KINDS.organizations) await loadOrganizations();
}

function notice(kind, text) {
  byId('notice').hidden = text === '';
  byId('notice').className = 'notice ' + kind;
  byId('notice').textContent = text;
  isNews = text !== '';
}

start();
