package io.ponix.transforms.schema;

import com.google.common.base.Ascii;

/**
 * A place where a document is not what its schema asks for.
 *
 * @param path where, from the root {@code $}: {@code $.readings[2].value}
 * @param message what the schema asks for there
 */
public record SchemaViolation(String path, String message) {
    /** In characters: keys, and the values a schema allows, can be of any length. */
    private static final int LONGEST_TEXT = 300;

    /** Shortens what is too long to be told. */
    public SchemaViolation {
        path = Ascii.truncate(path, LONGEST_TEXT, "…");
        message = Ascii.truncate(message, LONGEST_TEXT, "…");
    }

    /** The same of a document that is an element of a list. */
    public SchemaViolation inside(int index) {
        return new SchemaViolation("$[" + index + "]" + path.substring(1), message);
    }

    /** {@code $.a: string found, integer expected}. */
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
