// Splits CEL into tokens for highlighting; what it does not understand stays plain.

/** The variables of a transform. */
export const TRANSFORM_VARIABLES = new Set(['input', 'f_port', 'attributes', 'occurred_at', 'device', 'previous']);

/** The variables of an intake expression. */
export const INTAKE_VARIABLES = new Set(['topic', 'payload', 'headers', 'received_at']);

const KEYWORDS = new Set(['in']);
const CONSTANTS = new Set(['true', 'false', 'null']);

const TOKEN = new RegExp(
    [
      '(?<comment>//[^\\n]*)',
      '(?<string>[rRbB]{0,2}(?:"""[^]*?(?:"""|$)|\'\'\'[^]*?(?:\'\'\'|$)|"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?))',
      '(?<number>0[xX][0-9a-fA-F]+u?|\\d+\\.?\\d*(?:[eE][+-]?\\d+)?u?)',
      '(?<word>[A-Za-z_][A-Za-z0-9_]*)',
      '(?<rest>[^])',
    ].join('|'),
    'y');

/** The tokens as [class or null, text], which joined are the source; `variables` are the names of variables. */
export function tokens(source, variables) {
  const found = [];
  TOKEN.lastIndex = 0;
  let match;
  while (TOKEN.lastIndex < source.length && (match = TOKEN.exec(source))) {
    const {comment, string, number, word} = match.groups;
    const kind =
      comment !== undefined ? 'comment' :
      string !== undefined ? 'string' :
      number !== undefined ? 'number' :
      word !== undefined ? kindOf(word, source, TOKEN.lastIndex, variables) : null;
    const last = found.at(-1);
    if (kind === null && last && last[0] === null) {
      last[1] += match[0];
    } else {
      found.push([kind, match[0]]);
    }
  }
  return found;
}

function kindOf(word, source, end, variables) {
  if (KEYWORDS.has(word)) return 'keyword';
  if (CONSTANTS.has(word)) return 'constant';
  if (/^\s*\(/.test(source.slice(end, end + 20))) return 'function';
  if (variables.has(word) && source[end - word.length - 1] !== '.') return 'variable';
  return null;
}
