// The service's methods, as HTTP/JSON.

export class CallError extends Error {
  /** @param violations what is wrong with which field of the request: {field, description}, the field as the protos call it */
  constructor(code, message, violations = []) {
    super(message);
    this.code = code;
    this.violations = violations;
  }
}

/** What the window is told where a call needs a key that the page has not. */
export const SIGN_IN_NEEDED = 'ponix-sign-in-needed';

/** Gets all of a list: calls its method page by page. */
export async function callForAll(method, field) {
  const all = [];
  let pageToken = '';
  do {
    const page = await call(method, {pageSize: 1000, pageToken});
    all.push(...(page[field] ?? []));
    pageToken = page.nextPageToken ?? '';
  } while (pageToken);
  return all;
}

/** Calls a method, for instance call('ponix.transform.v1.TransformService/Evaluate', {...}). */
export async function call(method, request, signal) {
  let response;
  try {
    response = await fetch('/' + method, {
      method: 'POST',
      headers: {'Content-Type': 'application/json; charset=utf-8'},
      body: JSON.stringify(request),
      signal,
    });
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new CallError('UNAVAILABLE', 'The device service does not answer.');
  }
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new CallError('INTERNAL', `The service answered ${response.status}.`);
  }
  if (!response.ok) {
    if (response.status === 401) {
      window.dispatchEvent(new Event(SIGN_IN_NEEDED));
    }
    throw new CallError(
        body['grpc-code'] ?? body.code ?? String(response.status),
        body.message ?? `The service answered ${response.status}.`,
        (body.details ?? []).flatMap((detail) => detail.fieldViolations ?? []));
  }
  return body;
}
