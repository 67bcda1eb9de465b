package io.ponix.jobs.envelope.transform;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static io.ponix.jobs.envelope.inbound.Envelopes.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.deadletter.DeadLetterSerializer;
import io.ponix.jobs.envelope.inbound.EnvelopeParser;
import io.ponix.jobs.envelope.serialization.SerializedForm;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.proto.envelope.v1.RawEnvelope;
import org.junit.jupiter.api.Test;

/** The bytes of a message are read once, whatever becomes of it. */
class ParsedOnceTest extends TransformOperatorTestBase {

    @Test
    void aMessageIsReadOnceWhateverBecomesOfIt() throws Exception {
        open();
        RawEnvelope late = envelope("org", "late", NOW).build();
        cross(message(1, envelope("org", "device", NOW).build()));
        cross(message(2, envelope("other", "device", NOW).build()));
        cross(new RawMessage("raw_envelopes", 3, "raw_envelopes.x", 1, new byte[] {1, 2, 3}));
        cross(message(4, late));
        assertThat(operator.parsed()).isEqualTo(4);

        device("late", "org", "cayenne_lpp_decode(input)");
        assertThat(rows()).hasSize(2);
        for (DeadLetter letter : deadLetters()) {
            assertThat(exchanged(DeadLetterSerializer.INSTANCE, letter).endDeviceId())
                    .isEqualTo(letter.endDeviceId());
        }
        assertThat(deadLetters()).hasSize(2);
        assertThat(operator.parsed()).as("parked, released, dead: none read again").isEqualTo(4);
    }

    @Test
    void whatIsARowAlreadyIsNotReadAtAll() throws Exception {
        RawMessage message = message(1, envelope("org", "device", NOW).build());
        stored.put(message.sequence(), message.receivedAt());
        open();
        cross(message);
        assertThat(operator.parsed()).isZero();
    }

    @Test
    void nobodyElseReadsMessages() {
        JavaClasses job =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.ponix.jobs");
        ArchRuleDefinition.classes()
                .that(
                        DescribedPredicate.describe(
                                "are EnvelopeParser",
                                (JavaClass type) -> type.isEquivalentTo(EnvelopeParser.class)))
                .should()
                .onlyHaveDependentClassesThat(
                        DescribedPredicate.describe(
                                "are the operator or the one behind another exchange, or read letters of an old"
                                        + " savepoint",
                                (JavaClass type) ->
                                        type.isEquivalentTo(EnvelopeParser.class)
                                                || type.isEquivalentTo(
                                                        EnvelopeTransformOperator.class)
                                                || type.isEquivalentTo(DecodingAfterPrevious.class)
                                                || type.isEquivalentTo(DeadLetterSerializer.class)))
                .check(job);
    }

    /** Sends a message as the exchange delivers it. */
    private void cross(RawMessage message) throws Exception {
        send(exchanged(RawMessageSerializer.INSTANCE, message));
    }

    static <T> T exchanged(VersionedSerializer<T> serializer, T element) throws Exception {
        return SerializedForm.read(serializer, SerializedForm.write(serializer, element));
    }
}
