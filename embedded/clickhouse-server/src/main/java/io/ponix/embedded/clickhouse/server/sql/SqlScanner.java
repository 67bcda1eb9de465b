package io.ponix.embedded.clickhouse.server.sql;

import java.nio.charset.StandardCharsets;

/**
 * Splits a statement's bytes into tokens as ClickHouse's lexer does, as far as finding clauses
 * needs it: strings, quoted identifiers, heredocs and comments are passed over whole.
 */
final class SqlScanner {

    /** What a token is. */
    enum Kind {
        WORD,
        NUMBER,
        STRING,
        QUOTED_IDENTIFIER,
        PUNCTUATION,
        END
    }

    private final byte[] text;
    private final int limit;
    private int position;
    private int depth;

    private Kind kind = Kind.END;
    private int tokenStart;
    private int tokenEnd;
    private int tokenDepth;

    SqlScanner(byte[] text, int limit) {
        this.text = text;
        this.limit = limit;
    }

    /** Goes to the next token and returns its kind. */
    Kind next() {
        skipSpaceAndComments();
        tokenStart = position;
        tokenDepth = depth;
        if (position >= limit) {
            kind = Kind.END;
        } else {
            byte first = text[position];
            if (first == '\'') {
                skipQuoted(first);
                kind = Kind.STRING;
            } else if (first == '"' || first == '`') {
                skipQuoted(first);
                kind = Kind.QUOTED_IDENTIFIER;
            } else if (isCurlyQuote(0x98)) {
                skipCurlyQuoted(0x99);
                kind = Kind.STRING;
            } else if (isCurlyQuote(0x9c)) {
                skipCurlyQuoted(0x9d);
                kind = Kind.QUOTED_IDENTIFIER;
            } else if (isWordStart(first)) {
                skipWord();
                kind = Kind.WORD;
            } else if (first >= '0' && first <= '9') {
                skipNumber();
                kind = Kind.NUMBER;
            } else if (first == '$' && skipHeredoc()) {
                kind = Kind.STRING;
            } else {
                position++;
                kind = Kind.PUNCTUATION;
                if (first == '(' || first == '[' || first == '{') {
                    depth++;
                } else if (first == ')' || first == ']' || first == '}') {
                    depth--;
                    tokenDepth = depth;
                }
            }
        }
        tokenEnd = position;
        return kind;
    }

    Kind kind() {
        return kind;
    }

    int tokenStart() {
        return tokenStart;
    }

    int tokenEnd() {
        return tokenEnd;
    }

    /** How many brackets are open around the token. */
    int depth() {
        return tokenDepth;
    }

    boolean isWord(String word) {
        if (kind != Kind.WORD || tokenEnd - tokenStart != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (Character.toUpperCase((char) text[tokenStart + i]) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** In quotes, in which some letters may be escapes. */
    boolean mayBeQuotedIdentifier(String word) {
        if (kind != Kind.QUOTED_IDENTIFIER) {
            return false;
        }
        String quoted = new String(text, tokenStart, tokenEnd - tokenStart, StandardCharsets.UTF_8);
        return quoted.indexOf('\\') >= 0
                || quoted.length() == word.length() + 2
                        && quoted.regionMatches(true, 1, word, 0, word.length());
    }

    boolean isPunctuation(char character) {
        return kind == Kind.PUNCTUATION && text[tokenStart] == character;
    }

    private void skipSpaceAndComments() {
        while (position < limit) {
            byte current = text[position];
            byte following = position + 1 < limit ? text[position + 1] : 0;
            if (current == ' ' || (current >= '\t' && current <= '\r')) {
                position++;
            } else if ((current == '-' && following == '-')
                    || (current == '/' && following == '/')
                    || (current == '#' && (following == ' ' || following == '!'))) {
                while (position < limit && text[position] != '\n') {
                    position++;
                }
            } else if (current == '/' && following == '*') {
                skipComment();
            } else if (current < 0 && spaceLength() > 0) {
                position += spaceLength();
            } else {
                return;
            }
        }
    }

    /** Comments may be within comments. */
    private void skipComment() {
        int open = 0;
        do {
            if (position + 1 >= limit) {
                position = limit;
                return;
            }
            if (text[position] == '/' && text[position + 1] == '*') {
                open++;
                position += 2;
            } else if (text[position] == '*' && text[position + 1] == '/') {
                open--;
                position += 2;
            } else {
                position++;
            }
        } while (open > 0);
    }

    /** How many bytes the character has, if it is one of Unicode's that count as space, or 0. */
    private int spaceLength() {
        int first = text[position] & 0xff;
        int second = position + 1 < limit ? text[position + 1] & 0xff : 0;
        int third = position + 2 < limit ? text[position + 2] & 0xff : 0;
        if (first == 0xc2) {
            return second == 0x85 || second == 0xa0 ? 2 : 0;
        }
        boolean isSpace =
                switch (first << 8 | second) {
                    case 0xe1a0 -> third == 0x8e;
                    case 0xe280 ->
                            third >= 0x80 && third <= 0x8d
                                    || third == 0xa8
                                    || third == 0xa9
                                    || third == 0xaf;
                    case 0xe281 -> third == 0x9f || third == 0xa0;
                    case 0xe380 -> third == 0x80;
                    case 0xefbb -> third == 0xbf;
                    default -> false;
                };
        return isSpace ? 3 : 0;
    }

    /** Whether there is a quotation mark as word processors make them; its last byte is given. */
    private boolean isCurlyQuote(int last) {
        return position + 2 < limit
                && (text[position] & 0xff) == 0xe2
                && (text[position + 1] & 0xff) == 0x80
                && (text[position + 2] & 0xff) == last;
    }

    /** These know no escapes. */
    private void skipCurlyQuoted(int lastOfEnd) {
        while (position < limit && !isCurlyQuote(lastOfEnd)) {
            position++;
        }
        position = Math.min(position + 3, limit);
    }

    private void skipQuoted(byte quote) {
        position++;
        while (position < limit) {
            byte current = text[position++];
            if (current == '\\') {
                position++;
            } else if (current == quote) {
                if (position < limit && text[position] == quote) {
                    position++;
                } else {
                    return;
                }
            }
        }
        position = limit;
    }

    private void skipWord() {
        while (position < limit
                && (isWordStart(text[position])
                        || text[position] == '$'
                        || (text[position] >= '0' && text[position] <= '9'))) {
            position++;
        }
    }

    private void skipNumber() {
        while (position < limit
                && (isWordStart(text[position])
                        || (text[position] >= '0' && text[position] <= '9'))) {
            position++;
        }
    }

    /** {@code $tag$ … $tag$} */
    private boolean skipHeredoc() {
        int tagEnd = position + 1;
        while (tagEnd < limit
                && (isWordStart(text[tagEnd]) || (text[tagEnd] >= '0' && text[tagEnd] <= '9'))) {
            tagEnd++;
        }
        if (tagEnd >= limit || text[tagEnd] != '$') {
            return false;
        }
        int tagLength = tagEnd + 1 - position;
        for (int end = tagEnd + 1; end + tagLength <= limit; end++) {
            int i = 0;
            while (i < tagLength && text[end + i] == text[position + i]) {
                i++;
            }
            if (i == tagLength) {
                position = end + tagLength;
                return true;
            }
        }
        return false;
    }

    private static boolean isWordStart(byte character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || character == '_';
    }
}
