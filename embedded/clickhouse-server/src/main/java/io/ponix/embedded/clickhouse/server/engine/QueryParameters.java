package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Named query parameters in native memory, alive as long as this object is reachable. */
final class QueryParameters {

    final Pointer[] names;
    final long[] nameLengths;
    final Pointer[] values;
    final long[] valueLengths;
    private final int count;

    QueryParameters(Map<String, String> parameters) {
        count = parameters.size();
        List<byte[]> encodedNames = encode(parameters.keySet());
        List<byte[]> encodedValues = encode(parameters.values());
        names = pointers(encodedNames);
        nameLengths = lengths(encodedNames);
        values = pointers(encodedValues);
        valueLengths = lengths(encodedValues);
    }

    int count() {
        return count;
    }

    private static List<byte[]> encode(Collection<String> strings) {
        List<byte[]> encoded = new ArrayList<>(strings.size());
        for (String string : strings) {
            encoded.add(string.getBytes(StandardCharsets.UTF_8));
        }
        if (encoded.isEmpty()) {
            // JNA has no arrays without an element; the count tells the engine the truth.
            encoded.add(new byte[0]);
        }
        return encoded;
    }

    private static Pointer[] pointers(List<byte[]> strings) {
        Pointer[] pointers = new Pointer[strings.size()];
        for (int i = 0; i < pointers.length; i++) {
            byte[] bytes = strings.get(i);
            Memory memory = new Memory(bytes.length + 1L);
            memory.write(0, bytes, 0, bytes.length);
            memory.setByte(bytes.length, (byte) 0);
            pointers[i] = memory;
        }
        return pointers;
    }

    private static long[] lengths(List<byte[]> strings) {
        return strings.stream().mapToLong(bytes -> bytes.length).toArray();
    }
}
