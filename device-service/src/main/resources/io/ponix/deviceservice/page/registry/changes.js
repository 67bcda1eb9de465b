// What happened to one that is registered: who changed what, when and why, and how to make it what it was.

import {call} from '../api.js';
import {byId, element, time} from '../elements.js';
import {showDifference} from './diff.js';
import {ask} from './form.js';

const HISTORY = 'ponix.history.v1.HistoryService/';
const PAGE = 20;

/** What tells nobody anything in a list of fields: the service writes them itself. */
const BY_ITSELF = new Set(['created_at', 'updated_at', 'updated_by']);

const DID = {
  CHANGE_TYPE_CREATED: 'created',
  CHANGE_TYPE_CHANGED: 'changed',
  CHANGE_TYPE_DELETED: 'deleted',
  CHANGE_TYPE_RESTORED: 'restored',
  CHANGE_TYPE_COMPACTED: 'what came before is no longer kept',
};

export class Changes {
  #onRestored;
  #kind = null;
  #resource = null;
  #may = false;
  #changes = [];
  #next = '';
  #generation = 0;

  /** @param onRestored called after it was restored */
  constructor(onRestored) {
    this.#onRestored = onRestored;
    byId('more-changes').addEventListener('click', () => this.#load());
    byId('reload-changes').addEventListener('click', () => this.show(this.#kind, this.#resource, this.#may));
  }

  /** Shows the changes of one, the newest first. */
  async show(kind, resource, may) {
    this.#kind = kind;
    this.#resource = resource;
    this.#may = may;
    this.#changes = [];
    this.#next = '';
    byId('changes').replaceChildren();
    await this.#load();
  }

  async #load() {
    const generation = ++this.#generation;
    byId('more-changes').disabled = true;
    byId('changes-problem').hidden = true;
    try {
      const page = await call(HISTORY + 'ListChanges', {...this.#which(), newestFirst: true, pageSize: PAGE, pageToken: this.#next});
      if (generation !== this.#generation) return;
      this.#changes.push(...(page.changes ?? []));
      this.#next = page.nextPageToken ?? '';
      byId('changes').replaceChildren(...together(this.#changes).map((group, index) => this.#entry(group, index === 0)));
      byId('more-changes').hidden = this.#next === '';
    } catch (error) {
      if (generation !== this.#generation) return;
      byId('changes-problem').textContent = error.message;
      byId('changes-problem').hidden = false;
    } finally {
      byId('more-changes').disabled = false;
    }
  }

  #which() {
    return {resourceType: this.#kind.type, resourceId: this.#kind.idOf(this.#resource)};
  }

  #entry(group, isNewest) {
    const [last] = group;
    const first = group.at(-1);
    const version = last.version;
    const what = last.type === 'CHANGE_TYPE_CHANGED' ? `changed ${group.map((change) => change.field).reverse().join(', ')}` : DID[last.type] ?? last.type;
    const head = element('div', {className: 'panel-head'},
        element('h3', {textContent: what}),
        element('span', {className: 'muted', textContent: first.version === version ? `version ${version}` : `versions ${first.version} to ${version}`}),
        element('span', {className: 'space'}));
    if (this.#may && !isNewest && last.type !== 'CHANGE_TYPE_DELETED') {
      const restore = element('button', {type: 'button', className: 'quiet small', textContent: 'Restore this version'});
      restore.dataset.version = version;
      restore.addEventListener('click', () => this.#restore(version, restore));
      head.append(restore);
    }
    const about = [`${time(last.commitTime)} UTC`, last.changedBy ? `by ${last.changedBy}` : 'by someone without a key'];
    const entry = element('li', {}, head, element('p', {className: 'muted', textContent: about.join(' · ')}));
    if (last.reason) entry.append(element('p', {className: 'reason', textContent: `“${last.reason}”`}));
    const differences = differencesOf(group).map(([field, old, now]) => showDifference(field, old, now));
    if (last.type === 'CHANGE_TYPE_CREATED' || last.type === 'CHANGE_TYPE_COMPACTED') {
      entry.append(element('details', {}, element('summary', {textContent: 'All fields'}), ...differences));
    } else {
      entry.append(...differences);
    }
    return entry;
  }

  /** Shows what would be another, asks, and does it. */
  async #restore(version, button) {
    button.disabled = true;
    const request = {...this.#which(), version, ...(this.#resource.etag ? {etag: this.#resource.etag} : {})};
    const content = [];
    let isPossible = true;
    try {
      const [difference] = await Promise.all([
        call(HISTORY + 'Diff', {...this.#which(), fromVersion: version}),
        call(HISTORY + 'Restore', {...request, validateOnly: true}),
      ]);
      const fields = difference.differences?.[0]?.fields ?? [];
      isPossible = fields.length > 0;
      content.push(isPossible ?
        element('p', {textContent: 'This is what it is now, and what it will be:'}) :
        element('p', {textContent: 'It is what it was then: there is nothing to restore.'}));
      // Of the moment that is restored to now: what is new there is what goes.
      content.push(...fields.filter(({field}) => !BY_ITSELF.has(field)).map(({field, oldValue, newValue}) => showDifference(field, newValue, oldValue)));
    } catch (error) {
      isPossible = false;
      content.push(element('p', {className: 'problem', role: 'alert', textContent: error.message}));
    } finally {
      button.disabled = false;
    }
    const restored = await ask({
      title: `Restore version ${version}`, verb: 'Restore', content: [element('div', {className: 'preview'}, ...content)], isPossible,
      act: async (_, {reason, requestId}) => call(HISTORY + 'Restore', {...request, reason, requestId}),
    });
    if (restored) this.#onRestored(version);
  }
}

/** Changes of one commit, which one request made, are one entry. */
function together(changes) {
  const groups = [];
  for (const change of changes) {
    const group = groups.at(-1);
    if (group && change.type === 'CHANGE_TYPE_CHANGED' && group[0].type === change.type && group[0].commitTime === change.commitTime) {
      group.push(change);
    } else {
      groups.push([change]);
    }
  }
  return groups;
}

/** What the changes of an entry did: [field, old, new]. */
function differencesOf(group) {
  if (group[0].type === 'CHANGE_TYPE_CHANGED') {
    return group.map(({field, oldValue, newValue}) => [field, oldValue, newValue]).reverse();
  }
  const [{oldValue, newValue}] = group;
  const [old, now] = [oldValue ?? {}, newValue ?? {}];
  return Object.keys({...old, ...now})
      .filter((field) => !BY_ITSELF.has(field) && field in now && JSON.stringify(old[field]) !== JSON.stringify(now[field]))
      .filter((field) => !isEmpty(old[field]) || !isEmpty(now[field]))
      .sort()
      .map((field) => [field, old[field], now[field]]);
}

function isEmpty(value) {
  return value === undefined || value === null || value === '' || Array.isArray(value) && value.length === 0;
}
