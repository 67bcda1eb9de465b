package io.ponix.transforms.functions;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The warnings of one evaluation: each text once, in the order in which they were noted first.
 *
 * <p>Every row of the envelope carries them, so they are few and short: at most {@value
 * #MAX_TEXTS}, each of at most {@value #MAX_TEXT_LENGTH} characters, together of at most {@value
 * #MAX_BYTES} bytes of UTF-8. Where there are more, one entry more says how many.
 *
 * <p>Functions know nothing of the evaluation they run in, so the warnings belong to the thread.
 */
public final class NotedWarnings {
    /** Not counting the entry that says how many more there were. */
    static final int MAX_TEXTS = 16;

    /** In UTF-16 code units; of a longer text the beginning is kept. */
    static final int MAX_TEXT_LENGTH = 200;

    /** Of all texts together, in UTF-8. */
    static final int MAX_BYTES = 1_024;

    private static final String BY_DEFAULT = "the transform warns of the payload";

    private static final ThreadLocal<NotedWarnings> CURRENT =
            ThreadLocal.withInitial(NotedWarnings::new);

    private final List<String> texts = new ArrayList<>();
    private int bytes;
    private long more;

    private NotedWarnings() {}

    /** Begins an evaluation on this thread, or a part of it that forgets what was before. */
    public static void start() {
        NotedWarnings warnings = CURRENT.get();
        if (!warnings.texts.isEmpty()) {
            warnings.texts.clear();
            warnings.bytes = 0;
            warnings.more = 0;
        }
    }

    /** What was noted on this thread since {@link #start}; allocates nothing if that is nothing. */
    public static List<String> noted() {
        return CURRENT.get().list();
    }

    static void note(String text) {
        CURRENT.get().add(shortened(text.isBlank() ? BY_DEFAULT : text));
    }

    private void add(String text) {
        if (texts.contains(text)) {
            return;
        }
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (more > 0 || texts.size() == MAX_TEXTS || bytes + length > MAX_BYTES) {
            more++;
            return;
        }
        texts.add(text);
        bytes += length;
    }

    private static String shortened(String text) {
        if (text.length() <= MAX_TEXT_LENGTH) {
            return text;
        }
        int end = MAX_TEXT_LENGTH - 1;
        if (Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end) + "…";
    }

    private List<String> list() {
        if (texts.isEmpty()) {
            return List.of();
        }
        if (more == 0) {
            return List.copyOf(texts);
        }
        List<String> all = new ArrayList<>(texts);
        all.add("and " + more + " more");
        return List.copyOf(all);
    }
}
