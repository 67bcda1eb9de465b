// The list: a page of what is registered, found, in an order, and how to get to the other pages.

import {byId, debounce, element, shortened, time} from '../elements.js';
import {address, goTo, leadTo, remembered} from './address.js';
import {containing} from './search.js';

/** How many rows a page has. */
const PAGE = 50;

export class List {
  #onCreate;
  #onUndelete;
  #kind = null;
  #generation = 0;
  #next = '';

  /** @param onCreate called to create one; @param onUndelete called with one to bring it back */
  constructor(onCreate, onUndelete) {
    this.#onCreate = onCreate;
    this.#onUndelete = onUndelete;
    byId('create').addEventListener('click', onCreate);
    byId('search-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#search();
    });
    byId('search').addEventListener('input', debounce(() => this.#search(), 250));
    byId('deleted').addEventListener('change', () => this.#search());
    for (const mode of document.querySelectorAll('input[name="searched"]')) {
      mode.addEventListener('change', () => {
        this.#describeSearch();
        this.#search();
      });
    }
    byId('first-page').addEventListener('click', () => this.#goTo({page: ''}));
    byId('previous-page').addEventListener('click', () => this.#previous());
    byId('next-page').addEventListener('click', () => this.#following());
  }

  /**
   * Shows the page that the address says.
   *
   * @param names of definitions and gateways by their ids
   * @param may what the person may do: {create, remove}
   */
  async show(kind, names, may) {
    this.#kind = kind;
    const at = address();
    byId('list-title').textContent = kind.title;
    byId('create').textContent = `New ${kind.one}`;
    byId('create').hidden = !may.create;
    this.#showSearch(at);
    const generation = ++this.#generation;
    byId('rows').setAttribute('aria-busy', 'true');
    byId('search-problem').hidden = true;
    try {
      const total = remembered().total;
      const page = await kind.list(at.organization, {
        pageSize: PAGE,
        pageToken: at.page,
        filter: at.filter || containing(kind.searched, at.search),
        orderBy: at.order,
        showDeleted: at.deleted !== '',
        // Counting takes a look at each: once is enough for all pages.
        withTotalSize: total === undefined,
      });
      if (generation !== this.#generation) return;
      if (page.total !== null) history.replaceState({...remembered(), total: page.total}, '');
      this.#next = page.next;
      byId('rows').replaceChildren(page.resources.length === 0 ? this.#nothing(at, may) : this.#table(page.resources, at, names, may));
      this.#showPages(at, page.resources.length);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#next = '';
      byId('rows').replaceChildren();
      byId('search-problem').textContent = error.message;
      byId('search-problem').hidden = false;
      byId('total').textContent = '';
      this.#showPages(at, 0);
    } finally {
      if (generation === this.#generation) byId('rows').removeAttribute('aria-busy');
    }
  }

  #showSearch(at) {
    // What is being typed stays as it is.
    if (document.activeElement !== byId('search') || at.search + at.filter !== byId('search').value.trim()) {
      byId('search').value = at.filter || at.search;
    }
    if (at.filter) byId('searched-filter').checked = true;
    else if (at.search) byId('searched-text').checked = true;
    byId('deleted').checked = at.deleted !== '';
    this.#describeSearch();
  }

  #describeSearch() {
    const isText = byId('searched-text').checked;
    const fields = this.#kind.searched.map((name) => name.replaceAll('_', ' '));
    byId('search').placeholder = isText ?
      `${fields.slice(0, -1).join(', ')} or ${fields.at(-1)}` :
      'name.startsWith("pump") && updated_at > timestamp("2026-01-01T00:00:00Z")';
  }

  #search() {
    const at = address();
    const text = byId('search').value.trim();
    const isText = byId('searched-text').checked;
    const wanted = {
      ...at, id: '', page: '', search: isText ? text : '', filter: isText ? '' : text, deleted: byId('deleted').checked ? '1' : '',
    };
    if (['search', 'filter', 'deleted'].every((field) => wanted[field] === at[field])) return;
    // Of what is typed letter by letter one goes back over all of it.
    goTo(wanted, {replace: Boolean(at.search || at.filter) && Boolean(text)});
  }

  #goTo(changed, state = {total: remembered().total}) {
    goTo({...address(), ...changed}, {state});
  }

  #following() {
    const {before = [], total} = remembered();
    this.#goTo({page: this.#next}, {before: [...before, address().page], total});
  }

  #previous() {
    const {before, total} = remembered();
    this.#goTo({page: before.at(-1)}, {before: before.slice(0, -1), total});
  }

  #showPages(at, shown) {
    const {before = [], total} = remembered();
    const isFirst = at.page === '';
    byId('pages').hidden = isFirst && this.#next === '';
    byId('first-page').disabled = isFirst;
    byId('previous-page').disabled = before.length === 0;
    byId('next-page').disabled = this.#next === '';
    const pages = total === undefined ? '' : ` of ${Math.max(1, Math.ceil(total / PAGE)).toLocaleString('en')}`;
    // Of an address that was sent on nobody knows how many pages come before.
    byId('page-number').textContent = isFirst || before.length > 0 ? `page ${before.length + 1}${pages}` : '';
    if (total !== undefined && byId('search-problem').hidden) {
      byId('total').textContent = total === 1 ? `1 ${this.#kind.one}` : `${total.toLocaleString('en')} ${this.#kind.title.toLowerCase()}`;
    }
    if (shown === 0 && !isFirst) byId('pages').hidden = false;
  }

  #table(resources, at, names, may) {
    const {columns} = this.#kind;
    const [by, direction] = (at.order || 'created_at desc').split(' ');
    const head = columns.map((column) => {
      const cell = element('th', {scope: 'col', className: column.isWide ? 'wide' : ''});
      if (!column.order) {
        cell.append(column.title);
        return cell;
      }
      const isBy = column.order === by;
      if (isBy) cell.setAttribute('aria-sort', direction === 'desc' ? 'descending' : 'ascending');
      const button = element('button', {type: 'button', className: 'order', textContent: column.title});
      button.dataset.order = column.order;
      button.addEventListener('click', () => {
        this.#goTo({page: '', order: isBy && direction !== 'desc' ? `${column.order} desc` : column.order});
      });
      cell.append(button);
      return cell;
    });
    const table = element('table', {className: 'list'},
        element('thead', {}, element('tr', {}, ...head)),
        element('tbody', {}, ...resources.map((resource) => this.#row(resource, at, names, may))));
    if (at.deleted) {
      table.tHead.rows[0].append(element('th', {scope: 'col', className: 'act'}, element('span', {className: 'hidden'}, 'Action')));
    }
    return table;
  }

  #row(resource, at, names, may) {
    const row = element('tr', {className: resource.deletedAt ? 'gone' : ''},
        ...this.#kind.columns.map((column) => this.#cell(column, resource, at, names)));
    if (at.deleted) {
      const cell = element('td', {className: 'act'});
      if (resource.deletedAt && may.remove) {
        const button = element('button', {type: 'button', className: 'quiet small', textContent: 'Undelete'});
        button.addEventListener('click', () => this.#onUndelete(resource));
        cell.append(button);
      } else if (resource.deletedAt) {
        cell.append('deleted');
      }
      row.append(cell);
    }
    return row;
  }

  #cell(column, resource, at, names) {
    const value = resource[column.key] ?? '';
    const cell = element('td', {className: column.isWide ? 'wide' : ''});
    if (column.kind === 'name') {
      const link = element('a', {className: 'cut', textContent: shortened(value) || this.#kind.idOf(resource), title: value});
      cell.append(leadTo(link, {...at, id: this.#kind.idOf(resource)}, remembered()));
      return cell;
    }
    const text = {
      time: () => time(value).replace(/\.\d+$/, ''),
      definition: () => names.get(value) ?? value,
      count: () => String(value.length || 0),
      constant: () => value.replace(/^GATEWAY_STATUS_/, '').toLowerCase(),
      code: () => value,
    }[column.kind]();
    cell.append(element('span', {
      className: column.kind === 'code' ? 'cut code' : 'cut',
      textContent: shortened(text),
      title: column.kind === 'definition' && value !== '' ? `${text} (${value})` : text,
    }));
    return cell;
  }

  #nothing(at, may) {
    const {title, one} = this.#kind;
    const shown = element('div', {className: 'nothing'});
    const button = (text, action) => {
      const made = element('button', {type: 'button', textContent: text});
      made.addEventListener('click', action);
      return made;
    };
    if (at.search || at.filter) {
      shown.append(
          element('p', {textContent: at.search ? `No ${one} has “${shortened(at.search)}” in it.` : `The filter holds of no ${one}.`}),
          button('Show all', () => this.#goTo({search: '', filter: '', page: ''}, {})));
    } else if (at.page) {
      shown.append(element('p', {textContent: 'There is nothing on this page any more.'}), button('First page', () => this.#goTo({page: ''}, {})));
    } else {
      shown.append(element('p', {textContent: `There are no ${title.toLowerCase()} yet.`}));
      if (may.create) shown.append(button(`Create the first ${one}`, this.#onCreate));
    }
    return shown;
  }
}
