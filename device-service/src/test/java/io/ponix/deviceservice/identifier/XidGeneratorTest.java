package io.ponix.deviceservice.identifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class XidGeneratorTest {

    /** The example in the README of github.com/rs/xid, with its parts. */
    @Test
    void theExampleOfTheFormat() {
        byte[] bytes = {
            0x4d,
            (byte) 0x88,
            (byte) 0xe1,
            0x5b,
            0x60,
            (byte) 0xf4,
            (byte) 0x86,
            (byte) 0xe4,
            0x28,
            0x41,
            0x2d,
            (byte) 0xc9
        };

        assertThat(XidGenerator.encode(bytes)).isEqualTo("9m4e2mr0ui3e8a215n4g");
        assertThat(generator(Instant.ofEpochSecond(0x4d88e15b), 0x60f486, 0xe428, 0x412dc9).next())
                .isEqualTo("9m4e2mr0ui3e8a215n4g");
    }

    @Test
    void theBoundsOfTheAlphabet() {
        assertThat(XidGenerator.encode(new byte[12])).isEqualTo("00000000000000000000");
        byte[] ones = new byte[12];
        Arrays.fill(ones, (byte) 0xFF);
        assertThat(XidGenerator.encode(ones)).isEqualTo("vvvvvvvvvvvvvvvvvvvg");
    }

    @Test
    void identifiersOfOneSecondAreInOrder() {
        XidGenerator generator = generator(Instant.ofEpochSecond(1_800_000_000), 1, 2, 5);

        List<String> identifiers =
                IntStream.range(0, 1_000).mapToObj(index -> generator.next()).toList();

        assertThat(identifiers).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aLaterSecondComesLaterAlthoughTheCounterBeginsAgain() {
        String earlier =
                generator(Instant.ofEpochSecond(1_800_000_000), 1, 2, (1 << 24) - 1).next();
        String later = generator(Instant.ofEpochSecond(1_800_000_001), 1, 2, 0).next();

        assertThat(later).isGreaterThan(earlier);
    }

    @Test
    void theCounterWrapsWithoutTouchingTheOtherParts() {
        XidGenerator generator =
                generator(Instant.ofEpochSecond(1_800_000_000), 0xABCDEF, 0x1234, (1 << 24) - 1);

        String last = generator.next();
        String first = generator.next();

        // 72 of the 96 bits come before the counter: 14 characters of 5 bits, and 2 bits of the
        // next.
        assertThat(first.substring(0, 14)).isEqualTo(last.substring(0, 14));
        assertThat(first).isLessThan(last);
    }

    @Test
    void generatorsOfTheSameProcessDiffer() {
        XidGenerator one = new XidGenerator();
        XidGenerator other = new XidGenerator();

        assertThat(
                        IntStream.range(0, 10_000)
                                .mapToObj(index -> index % 2 == 0 ? one.next() : other.next())
                                .toList())
                .doesNotHaveDuplicates()
                .allMatch(identifier -> identifier.matches("[0-9a-v]{19}[0g]"));
    }

    private static XidGenerator generator(Instant time, int machine, int process, int counter) {
        return new XidGenerator(
                Clock.fixed(time, ZoneOffset.UTC), machine, (short) process, counter);
    }
}
