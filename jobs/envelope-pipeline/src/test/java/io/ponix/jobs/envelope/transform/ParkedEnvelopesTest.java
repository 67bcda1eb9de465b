package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.envelope.Envelopes.envelope;
import static io.ponix.jobs.envelope.envelope.Envelopes.inbound;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ParkedEnvelopesTest {

    private final ParkedEnvelopes parked = new ParkedEnvelopes(3, 1_000_000);

    @Test
    void aDevicesEnvelopesComeBackInTheOrderOfTheirArrival() {
        parked.add(of(1, "a"), 10);
        parked.add(of(2, "b"), 11);
        parked.add(of(3, "a"), 12);
        assertThat(parked.release("a"))
                .extracting(InboundEnvelope::streamSequence)
                .containsExactly(1L, 3L);
        assertThat(parked.release("a")).isEmpty();
        assertThat(parked.count()).isEqualTo(1);
        assertThat(parked.firstDeadline()).isEqualTo(11);
        assertThat(parked.snapshot())
                .extracting(InboundEnvelope::streamSequence)
                .containsExactly(2L);
    }

    @Test
    void expiresInTheOrderOfArrivalAndNotTooEarly() {
        parked.add(of(1, "a"), 10);
        parked.add(of(2, "b"), 11);
        assertThat(parked.pollExpired(9)).isNull();
        assertThat(parked.pollExpired(10).streamSequence()).isEqualTo(1);
        assertThat(parked.pollExpired(10)).isNull();
        assertThat(parked.pollExpired(100).streamSequence()).isEqualTo(2);
        assertThat(parked.pollExpired(100)).isNull();
        assertThat(parked.firstDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void givesUpTheOldestWhenThereAreTooMany() {
        for (int i = 1; i <= 4; i++) {
            parked.add(of(i, "d" + i), 10);
        }
        assertThat(parked.pollSurplus().streamSequence()).isEqualTo(1);
        assertThat(parked.pollSurplus()).isNull();
        assertThat(parked.release("d1")).isEmpty();
    }

    @Test
    void givesUpTheOldestWhenTheyTakeTooManyBytes() {
        int size = of(1, "a").data().length + ParkedEnvelopes.OVERHEAD_BYTES;
        ParkedEnvelopes small = new ParkedEnvelopes(100, 2L * size);
        small.add(of(1, "a"), 10);
        small.add(of(2, "a"), 10);
        assertThat(small.pollSurplus()).isNull();
        small.add(of(3, "a"), 10);
        assertThat(small.pollSurplus().streamSequence()).isEqualTo(1);
        assertThat(small.pollSurplus()).isNull();
        assertThat(small.bytes()).isEqualTo(2L * size);
        small.release("a");
        assertThat(small.bytes()).isZero();
    }

    @Test
    void oneThatIsLargerThanAllMayBeIsToldApart() {
        RawEnvelope.Builder envelope = envelope("o", "a", Instant.ofEpochSecond(1));
        for (int i = 0; i < 10; i++) {
            envelope.putAttributes(Integer.toString(i), "");
        }
        InboundEnvelope withAttributes = inbound(1, envelope.build());
        int size =
                withAttributes.data().length
                        + ParkedEnvelopes.OVERHEAD_BYTES
                        + 10 * ParkedEnvelopes.ATTRIBUTE_BYTES;
        assertThat(new ParkedEnvelopes(10, size).isTooLarge(withAttributes)).isFalse();
        assertThat(new ParkedEnvelopes(10, size - 1).isTooLarge(withAttributes)).isTrue();
    }

    private static InboundEnvelope of(long sequence, String device) {
        return inbound(sequence, envelope("o", device, Instant.ofEpochSecond(1)).build());
    }
}
