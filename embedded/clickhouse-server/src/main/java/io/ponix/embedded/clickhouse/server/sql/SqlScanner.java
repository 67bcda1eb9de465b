package io.ponix.embedded.clickhouse.server.sql;

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
            } else if (isWordStart(first)) {
                skipWord();
                kind = Kind.WORD;
            } else if (first >= '0' && first <= '9') {
                skipWord();
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
        return kind == Kind.WORD
                && tokenEnd - tokenStart == word.length()
                && hasAt(tokenStart, word);
    }

    /** In quotes, and without an escape. */
    boolean isQuotedIdentifier(String word) {
        return kind == Kind.QUOTED_IDENTIFIER
                && tokenEnd - tokenStart == word.length() + 2
                && hasAt(tokenStart + 1, word);
    }

    private boolean hasAt(int start, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (Character.toUpperCase((char) text[start + i]) != word.charAt(i)) {
                return false;
            }
        }
        return true;
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
                    || (current == '#' && (following == ' ' || following == '!'))) {
                while (position < limit && text[position] != '\n') {
                    position++;
                }
            } else if (current == '/' && following == '*') {
                // A comment is at least four characters: the star of its beginning does not end it.
                position += 3;
                while (position < limit && !(text[position] == '/' && text[position - 1] == '*')) {
                    position++;
                }
                position = Math.min(position + 1, limit);
            } else {
                return;
            }
        }
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
