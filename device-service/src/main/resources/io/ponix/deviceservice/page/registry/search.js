// Makes conditions in CEL of what a person types.

/** A text as CEL writes it: what JSON escapes CEL escapes the same way. */
export function quoted(text) {
  return JSON.stringify(text);
}

/** The condition that one of the fields has a text in it, whatever the case of A to Z; empty, which is all, where nothing is looked for. */
export function containing(fields, text) {
  const looked = text.trim();
  if (looked === '') return '';
  const lower = quoted(looked.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return fields.map((field) => `${field}.lowerAscii().contains(${lower})`).join(' || ');
}
