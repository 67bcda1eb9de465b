package io.ponix.transforms.functions;

/** Descriptors of messages cannot be used; the message says why, and how to make some that can. */
public final class InvalidDescriptorsException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidDescriptorsException(String message) {
        super(message);
    }
}
