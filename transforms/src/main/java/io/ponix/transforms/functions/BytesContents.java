package io.ponix.transforms.functions;

import dev.cel.common.values.CelByteString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The array inside a CEL bytes value.
 *
 * <p>{@code CelByteString} has no way to read one byte: {@code toByteArray()} copies all of them,
 * which would make an expression that reads a payload byte by byte cost the square of its size.
 * Therefore the field is read, as it is in the version of cel-java in the parent pom; if another
 * version keeps its bytes elsewhere, no function of this package loads and every test says so.
 */
final class BytesContents {
    private static final VarHandle DATA = data();

    private BytesContents() {}

    /** The bytes of {@code value} themselves, not a copy: never to be written to. */
    static byte[] of(CelByteString value) {
        return (byte[]) DATA.get(value);
    }

    private static VarHandle data() {
        try {
            return MethodHandles.privateLookupIn(CelByteString.class, MethodHandles.lookup())
                    .findVarHandle(CelByteString.class, "data", byte[].class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this version of cel-java does not keep bytes in CelByteString.data", e);
        }
    }
}
