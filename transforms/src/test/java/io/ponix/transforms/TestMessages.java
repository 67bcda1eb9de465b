package io.ponix.transforms;

import io.ponix.transforms.functions.InvalidDescriptorsException;
import io.ponix.transforms.functions.MessageDescriptors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Messages of Protocol Buffers. The resources {@code *.binpb} are what {@code protoc
 * --include_imports --descriptor_set_out} makes of the {@code *.proto} beside them.
 */
public final class TestMessages {
    private TestMessages() {}

    /** The messages of a resource. */
    public static MessageDescriptors of(String name) {
        try {
            return MessageDescriptors.of(bytes(name));
        } catch (InvalidDescriptorsException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The bytes of a resource. */
    public static byte[] bytes(String name) {
        try (InputStream resource = TestMessages.class.getResourceAsStream("messages/" + name)) {
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }
}
