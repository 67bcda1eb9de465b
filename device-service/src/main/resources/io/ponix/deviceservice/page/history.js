// A device's latest rows and dead letters, each of which can be tried again.

import {call} from './api.js';
import {byId, element, shortened, time} from './elements.js';

const TELEMETRY = 'ponix.telemetry.v1.TelemetryService/';
const PAGE = 20;

export class History {
  #onTry;
  #device = null;
  #kind = 'rows';
  #generation = 0;

  /** @param onTry called with the envelope to try, and the row if it was one: its json, and its index among count */
  constructor(onTry) {
    this.#onTry = onTry;
    for (const kind of ['rows', 'letters']) {
      byId(kind + '-tab').addEventListener('click', () => this.#select(kind));
    }
    byId('reload').addEventListener('click', () => this.#load());
  }

  /** Shows what a device sent, or nothing for null. */
  show(device) {
    this.#device = device;
    byId('history').hidden = device === null;
    byId('history-title').textContent = `What ${shortened(device?.name ?? 'the device')} sent`;
    byId('history-panel').replaceChildren();
    if (device !== null) this.#load();
  }

  /** Marks the row that is tried, or none for null. */
  tried(row) {
    byId('history-panel').querySelectorAll('tr.tried').forEach((each) => each.classList.remove('tried'));
    row?.classList.add('tried');
  }

  #select(kind) {
    this.#kind = kind;
    for (const each of ['rows', 'letters']) {
      const tab = byId(each + '-tab');
      tab.setAttribute('aria-selected', String(each === kind));
      tab.tabIndex = each === kind ? 0 : -1;
    }
    byId('history-panel').setAttribute('aria-labelledby', kind + '-tab');
    this.#load();
  }

  async #load() {
    const generation = ++this.#generation;
    const panel = byId('history-panel');
    panel.setAttribute('aria-busy', 'true');
    try {
      const page = await this.#page('');
      if (generation !== this.#generation) return;
      const what = this.#kind === 'rows' ? 'rows' : 'dead letters';
      const body = element('tbody');
      const table = this.#table(body);
      const none = message(page.complete ? `No ${what} of this device.` : `No ${what} of this device among the newest of the stream.`);
      none.hidden = page.entries.length > 0;
      table.hidden = !none.hidden;
      panel.replaceChildren(none, table);
      this.#append(panel, body, page);
    } catch (error) {
      if (generation === this.#generation) panel.replaceChildren(message(error.message));
    } finally {
      panel.removeAttribute('aria-busy');
    }
  }

  async #page(pageToken) {
    const request = {deviceId: this.#device.id, pageSize: PAGE, pageToken};
    if (this.#kind === 'rows') {
      const page = await call(TELEMETRY + 'ListRows', request);
      return {entries: (page.rows ?? []).map((row) => this.#row(row)), next: page.nextPageToken, complete: true};
    }
    const page = await call(TELEMETRY + 'ListDeadLetters', request);
    return {entries: (page.deadLetters ?? []).map((letter) => this.#letter(letter)), next: page.nextPageToken, complete: !page.nextPageToken};
  }

  #append(panel, body, page) {
    body.append(...page.entries);
    if (page.entries.length > 0) {
      panel.querySelector('.empty').hidden = true;
      panel.querySelector('table').hidden = false;
    }
    if (!page.next) return;
    const more = element('button', {type: 'button', className: 'quiet more', textContent: 'More'});
    more.addEventListener('click', async () => {
      more.disabled = true;
      const generation = this.#generation;
      try {
        const following = await this.#page(page.next);
        if (generation !== this.#generation) return;
        more.remove();
        this.#append(panel, body, following);
      } catch (error) {
        more.replaceWith(message(error.message));
      }
    });
    panel.append(more);
  }

  #table(body) {
    const columns = this.#kind === 'rows' ? ['Occurred at', 'Data', ''] : ['Given up at', 'Reason', 'Message', ''];
    const head = element('tr', {}, ...columns.map((name) =>
      element('th', {scope: 'col'}, name || element('span', {className: 'hidden'}, 'Action'))));
    return element('table', {}, element('thead', {}, head), body);
  }

  #row(row) {
    const line = element('tr', {},
        element('td', {className: 'time'}, time(row.occurredAt)),
        element('td', {className: 'data'}, shortened(row.json), ...(row.warnings ?? []).flatMap((warning) => [' ', noted(warning)])));
    const stored = {json: row.json, index: row.rowIndex ?? 0, count: row.rowCount ?? 1};
    line.append(this.#action(line, async () => [await this.#envelope(row), stored]));
    return line;
  }

  async #envelope({stream, streamSequence, receivedAt}) {
    return (await call(TELEMETRY + 'GetRawEnvelope', {stream, streamSequence, receivedAt})).envelope;
  }

  #letter(letter) {
    const line = element('tr', {},
        element('td', {className: 'time'}, time(letter.failedAt)),
        element('td', {}, (letter.reason ?? '').replace('DEAD_LETTER_REASON_', '')),
        element('td', {className: 'data'}, shortened(letter.message ?? '')));
    // What is too large for a dead letter may still be in the stream it came from.
    line.append(this.#action(line, async () => [letter.envelope ?? await this.#envelope(letter), null]));
    return line;
  }

  #action(line, envelope) {
    const button = element('button', {type: 'button', className: 'small', textContent: 'Try'});
    button.setAttribute('aria-label', 'Try its payload with the expression above');
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        const [found, stored] = await envelope();
        this.tried(line);
        this.#onTry(found, stored);
      } catch (error) {
        button.replaceWith(element('span', {className: 'problem', role: 'alert'}, error.message));
      }
      button.disabled = false;
    });
    return element('td', {className: 'act'}, button);
  }
}

function message(text) {
  return element('p', {className: 'empty'}, text);
}

/** A warning of the transform's, beside the row's data. */
function noted(warning) {
  return element('span', {className: 'tag'}, shortened(warning));
}
