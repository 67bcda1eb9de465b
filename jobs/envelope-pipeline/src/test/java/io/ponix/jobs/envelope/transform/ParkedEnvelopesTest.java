package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static io.ponix.jobs.envelope.inbound.Envelopes.inbound;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.devices.DeviceName;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ParkedEnvelopesTest {

    private final ParkedEnvelopes parked = new ParkedEnvelopes(3, 1_000_000);

    @Test
    void aDevicesEnvelopesComeBackInTheOrderOfTheirArrival() {
        parked.add(of(1, "a"), 10);
        parked.add(of(2, "b"), 11);
        parked.add(of(3, "a"), 12);
        assertThat(parked.release(DeviceName.ofId("a")))
                .extracting(envelope -> envelope.message().sequence())
                .containsExactly(1L, 3L);
        assertThat(parked.release(DeviceName.ofId("a"))).isEmpty();
        assertThat(parked.count()).isEqualTo(1);
        assertThat(parked.firstDeadline()).isEqualTo(11);
        assertThat(parked.snapshot()).extracting(RawMessage::sequence).containsExactly(2L);
    }

    @Test
    void isOverdueInTheOrderOfArrivalAndNotTooEarly() {
        parked.add(of(1, "a"), 10);
        parked.add(of(2, "b"), 11);
        parked.add(of(3, "a"), 12);
        assertThat(parked.overdue(9)).isNull();
        assertThat(parked.overdue(11).devices()).containsExactlyInAnyOrder(names("a", "b"));
        ParkedEnvelopes.Overdue overdue = parked.overdue(10);
        assertThat(overdue.devices()).containsExactly(names("a"));
        assertThat(parked.pollUpTo(overdue.lastNumber()).message().sequence()).isEqualTo(1);
        assertThat(parked.pollUpTo(overdue.lastNumber())).isNull();
        parked.release(DeviceName.ofId("b"));
        overdue = parked.overdue(100);
        assertThat(parked.pollUpTo(overdue.lastNumber()).message().sequence()).isEqualTo(3);
        assertThat(parked.pollUpTo(overdue.lastNumber())).isNull();
        assertThat(parked.overdue(100)).isNull();
        assertThat(parked.firstDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatArrivesWhileTheOverdueAreLookedUpIsNotAmongThem() {
        parked.add(of(1, "a"), 10);
        ParkedEnvelopes.Overdue overdue = parked.overdue(10);
        parked.release(DeviceName.ofId("a"));
        parked.add(of(2, "a"), 20);
        assertThat(parked.pollUpTo(overdue.lastNumber())).isNull();
    }

    @Test
    void theOlderHalfIsOverdueWhenThereAreTooMany() {
        for (int i = 1; i <= 3; i++) {
            parked.add(of(i, "d" + i), 10);
        }
        assertThat(parked.isOverfull()).isFalse();
        assertThat(parked.overdue(0)).isNull();
        parked.add(of(4, "d4"), 10);
        assertThat(parked.isOverfull()).isTrue();
        assertThat(parked.overdue(0).devices()).containsExactlyInAnyOrder(names("d1", "d2", "d3"));
        parked.pollUpTo(1);
        assertThat(parked.isOverfull()).isFalse();
        assertThat(parked.release(DeviceName.ofId("d1"))).isEmpty();
    }

    @Test
    void theOlderHalfIsOverdueWhenTheyTakeTooManyBytes() {
        int size =
                of(1, "a").message().data().length
                        + ParkedEnvelopes.OVERHEAD_BYTES
                        + 2 * ParkedEnvelopes.CHARACTER_BYTES;
        ParkedEnvelopes small = new ParkedEnvelopes(100, 2L * size);
        small.add(of(1, "a"), 10);
        small.add(of(2, "a"), 10);
        assertThat(small.isOverfull()).isFalse();
        small.add(of(3, "a"), 10);
        assertThat(small.isOverfull()).isTrue();
        ParkedEnvelopes.Overdue overdue = small.overdue(0);
        assertThat(small.pollUpTo(overdue.lastNumber()).message().sequence()).isEqualTo(1);
        assertThat(small.pollUpTo(overdue.lastNumber()).message().sequence()).isEqualTo(2);
        assertThat(small.pollUpTo(overdue.lastNumber())).isNull();
        assertThat(small.bytes()).isEqualTo(size);
        small.release(DeviceName.ofId("a"));
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
                withAttributes.message().data().length
                        + ParkedEnvelopes.OVERHEAD_BYTES
                        + 10 * ParkedEnvelopes.ATTRIBUTE_BYTES
                        + 12 * ParkedEnvelopes.CHARACTER_BYTES;
        assertThat(new ParkedEnvelopes(10, size).isTooLarge(withAttributes)).isFalse();
        assertThat(new ParkedEnvelopes(10, size - 1).isTooLarge(withAttributes)).isTrue();
    }

    /** A letter that is not Latin makes all of them take two bytes. */
    @Test
    void longTextsCountAsTheyAreDecoded() {
        String text = "ж" + "a".repeat(400_000);
        RawEnvelope.Builder envelope = envelope("o", "d", Instant.ofEpochSecond(1));
        for (RawEnvelope.Builder each :
                List.of(
                        envelope.clone().setEndDeviceId(text),
                        envelope.clone().setEndDeviceId("").setExternalId(text),
                        envelope.clone().setOrganizationId(text),
                        envelope.clone().putAttributes(text, ""),
                        envelope.clone().putAttributes("a", text))) {
            InboundEnvelope large = inbound(1, each.build());
            int taken = large.message().data().length + 2 * text.length();
            assertThat(new ParkedEnvelopes(3, taken).isTooLarge(large)).isTrue();
            assertThat(new ParkedEnvelopes(3, taken + 1_000).isTooLarge(large)).isFalse();

            parked.add(large, 10);
            assertThat(parked.isOverfull()).isTrue();
            assertThat(parked.pollUpTo(parked.overdue(0).lastNumber())).isSameAs(large);
            assertThat(parked.bytes()).isZero();
        }
        // In lower case it is another text.
        InboundEnvelope hexadecimal = external(1, "o", "A".repeat(400_000));
        assertThat(new ParkedEnvelopes(3, 3 * 400_000).isTooLarge(hexadecimal)).isTrue();
    }

    @Test
    void noMoreAreOverdueAtOnceThanOneQueryAsksFor() {
        ParkedEnvelopes large = new ParkedEnvelopes(10 * ParkedEnvelopes.MOST_OVERDUE, 1L << 30);
        for (int i = 0; i < ParkedEnvelopes.MOST_OVERDUE + 1; i++) {
            large.add(of(i, "d" + i), 10);
        }
        assertThat(large.overdue(10).devices()).hasSize(ParkedEnvelopes.MOST_OVERDUE);
    }

    @Test
    void namesOfEveryKindAreToldApart() {
        parked.add(of(1, "ab"), 10);
        parked.add(external(2, "o", "AB"), 10);
        parked.add(external(3, "p", "ab"), 10);
        assertThat(parked.overdue(10).devices())
                .containsExactlyInAnyOrder(
                        DeviceName.ofId("ab"),
                        DeviceName.ofExternalId("o", "ab"),
                        DeviceName.ofExternalId("p", "ab"));
        assertThat(parked.release(DeviceName.ofExternalId("o", "Ab")))
                .extracting(envelope -> envelope.message().sequence())
                .containsExactly(2L);
        assertThat(parked.pollUpTo(3).message().sequence()).isEqualTo(1);
        assertThat(parked.pollUpTo(3).message().sequence()).isEqualTo(3);
        assertThat(parked.devices()).isEmpty();
        assertThat(parked.bytes()).isZero();
    }

    private static DeviceName[] names(String... ids) {
        return Stream.of(ids).map(DeviceName::ofId).toArray(DeviceName[]::new);
    }

    private static InboundEnvelope external(long sequence, String organization, String externalId) {
        return inbound(
                sequence,
                envelope(organization, "", Instant.ofEpochSecond(1))
                        .setExternalId(externalId)
                        .build());
    }

    private static InboundEnvelope of(long sequence, String device) {
        return inbound(sequence, envelope("o", device, Instant.ofEpochSecond(1)).build());
    }
}
