package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowOrderTest {

    private record Key(String first, long second, String third) {
        static final Comparator<Key> ORDER =
                Comparator.comparing(Key::first, RowOrderTest::compareUtf8)
                        .thenComparing(Key::second)
                        .thenComparing(Key::third, RowOrderTest::compareUtf8);
    }

    private static int compareUtf8(String left, String right) {
        return Arrays.compareUnsigned(
                left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void keysSortAsTheirValuesDo() {
        assertSorted(List.of("", "\0", "\0a", "a", "a\0", "a\0b", "aa", "b", "ä", "€", "😀"));
        SortKeyOutput keys = new SortKeyOutput();
        List<Long> values = List.of(Long.MIN_VALUE, -5L, -1L, 0L, 1L, 5L, Long.MAX_VALUE);
        assertThat(order(keys, values, keys::addLong)).isSorted();
        keys.reset();
        assertThat(order(keys, List.of(0L, 1L, Long.MAX_VALUE, -1L), keys::addUnsignedLong))
                .isSorted();
    }

    @Test
    void aStringAndItsBytesMakeTheSameKey() {
        for (String text : List.of("", "abc", "a\0b", "Ä😀")) {
            SortKeyOutput fromString = new SortKeyOutput();
            fromString.addString(text);
            SortKeyOutput fromBytes = new SortKeyOutput();
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            fromBytes.addString(bytes, 0, bytes.length);
            assertThat(Arrays.copyOf(fromString.buffer(), fromString.position()))
                    .isEqualTo(Arrays.copyOf(fromBytes.buffer(), fromBytes.position()));
        }
    }

    @Test
    void randomKeysSortLikeACollection() {
        Random random = new Random(7);
        for (int rows : new int[] {1, 2, 3, 100, 1_000, 5_000}) {
            List<Key> values = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                values.add(
                        new Key(
                                "d0abcdefghijklmnop" + random.nextInt(4),
                                random.nextInt(50) - 25,
                                "x".repeat(random.nextInt(3))));
            }
            List<Key> sorted = new ArrayList<>(values);
            sorted.sort(Key.ORDER);
            int[] order = order(values);
            assertThat(Arrays.stream(order).mapToObj(values::get)).isEqualTo(sorted);
            for (int i = 1; i < rows; i++) {
                if (values.get(order[i - 1]).equals(values.get(order[i]))) {
                    assertThat(order[i - 1]).as("stable").isLessThan(order[i]);
                }
            }
        }
    }

    @Test
    void sortedAndReversedInputs() {
        List<Key> values = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            values.add(new Key("org", i, "d"));
        }
        assertThat(order(values)).isEqualTo(IntStream.range(0, 1_000).toArray());
        Collections.reverse(values);
        assertThat(order(values)).isEqualTo(IntStream.range(0, 1_000).map(i -> 999 - i).toArray());
    }

    @Test
    void rowsWithoutKeysKeepTheirPlaces() {
        assertThat(RowOrder.sort(new byte[0], new int[5], 5)).containsExactly(0, 1, 2, 3, 4);
        assertThat(RowOrder.sort(new byte[0], new int[0], 0)).isEmpty();
    }

    private static int[] order(List<Key> values) {
        SortKeyOutput keys = new SortKeyOutput();
        return order(
                keys,
                values,
                key -> {
                    keys.addString(key.first());
                    keys.addLong(key.second());
                    keys.addString(key.third());
                });
    }

    private static void assertSorted(List<String> values) {
        SortKeyOutput keys = new SortKeyOutput();
        assertThat(order(keys, values, keys::addString)).isSorted();
        List<String> reversed = new ArrayList<>(values);
        Collections.reverse(reversed);
        keys.reset();
        assertThat(order(keys, reversed, keys::addString))
                .isSortedAccordingTo(Comparator.reverseOrder());
    }

    private static <T> int[] order(SortKeyOutput keys, List<T> values, Consumer<T> add) {
        int[] ends = new int[values.size()];
        for (int i = 0; i < ends.length; i++) {
            add.accept(values.get(i));
            ends[i] = keys.position();
        }
        return RowOrder.sort(keys.buffer(), ends, ends.length);
    }
}
