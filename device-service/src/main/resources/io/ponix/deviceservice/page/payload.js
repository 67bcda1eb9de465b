// Payloads in hexadecimal and base64.

/** The bytes of a text, or an Error whose message is for a person. */
export function parsePayload(text, encoding) {
  return encoding === 'hex' ? parseHex(text) : parseBase64(text);
}

/** How a pasted text is most likely written: 'hex', 'base64', or null where it is neither. */
export function guessEncoding(text) {
  for (const encoding of ['hex', 'base64']) {
    try {
      parsePayload(text, encoding);
      return encoding;
    } catch {
      // Then it is not that one.
    }
  }
  return null;
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

export function toBase64(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

function parseHex(text) {
  const digits = text.replace(/^\s*0x/i, '').replace(/[\s:]/g, '');
  const wrong = digits.match(/[^0-9a-f]/iu);
  if (wrong) {
    throw new Error(`“${wrong[0]}” is no hexadecimal digit.`);
  }
  if (digits.length % 2 !== 0) {
    throw new Error(`${digits.length} digits: two make a byte, so one is missing.`);
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function parseBase64(text) {
  const standard = text.replace(/\s/g, '').replace(/-/g, '+').replace(/_/g, '/');
  try {
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  } catch {
    throw new Error('That is not base64.');
  }
}
