package io.ponix.transforms.schema;

/**
 * A text is not a JSON Schema that can be used. The message says what is wrong with it, and where.
 */
public final class InvalidJsonSchemaException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidJsonSchemaException(String message) {
        super(message);
    }
}
