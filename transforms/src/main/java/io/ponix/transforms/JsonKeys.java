package io.ponix.transforms;

import java.util.Arrays;

/**
 * Remembers the JSON of keys. Those that an expression names, and those that a decoder makes for
 * its readings, are the same {@code String} objects in every evaluation, and copying their bytes
 * takes a fraction of the time of encoding them.
 *
 * <p>A table of fixed size in which a key has one place, found by its hash and compared by
 * identity, so that a miss costs next to nothing. A key is remembered when it comes for the second
 * time in a row to its place: keys made anew for each payload, as of a JSON document, never are.
 */
final class JsonKeys {
    private static final int PLACES = 256;

    /** In characters; longer keys are encoded every time, so that the table stays small. */
    private static final int LONGEST_KEY = 64;

    private final String[] latest = new String[PLACES];
    private final byte[][] json = new byte[PLACES][];

    /** The key's JSON with quotes and the colon, or null if it is not remembered. */
    byte[] find(String key) {
        int place = place(key);
        return latest[place] == key ? json[place] : null;
    }

    /** Takes note of a key that was not found; its JSON are the bytes from start to end. */
    void offer(String key, byte[] bytes, int start, int end) {
        if (key.length() > LONGEST_KEY) {
            return;
        }
        int place = place(key);
        json[place] = latest[place] == key ? Arrays.copyOfRange(bytes, start, end) : null;
        latest[place] = key;
    }

    private static int place(String key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
