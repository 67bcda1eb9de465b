package io.ponix.transforms.schema;

/**
 * A place where a document is not what its schema asks for.
 *
 * @param path where, from the root {@code $}: {@code $.readings[2].value}
 * @param message what the schema asks for there
 */
public record SchemaViolation(String path, String message) {

    /** {@code $.a: string found, integer expected}. */
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
