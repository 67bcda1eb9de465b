package io.ponix.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretValueTest {

    private static final String VARIABLE = "PONIX_NATS_TOKEN";
    private static final String FILE = "PONIX_NATS_TOKEN_FILE";

    @TempDir private Path folder;

    @Test
    void ofOneInAFileOnlyTheNameOfTheFileTravels() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3cret\n");
        SecretValue value = SecretValue.in(Map.of(FILE, file.toString()), VARIABLE);

        byte[] travelling = serialized(value);

        assertThat(new String(travelling, StandardCharsets.ISO_8859_1))
                .contains(file.toString())
                .doesNotContain("s3cret");
        assertThat(read(travelling).reveal()).isEqualTo("s3cret");
        assertThat(value).hasToString("*** (in " + file + ")");

        // As a cluster may have it that gives its machines new secrets.
        Files.writeString(file, "another\n");
        assertThat(read(travelling).reveal()).isEqualTo("another");

        Files.delete(file);
        assertThatThrownBy(() -> read(travelling))
                .isInstanceOf(InvalidObjectException.class)
                .hasMessage(
                        FILE
                                + " names "
                                + file
                                + ", which is not there: it has to be on every machine of the cluster");
    }

    @Test
    void oneThatIsGivenItselfTravels() throws Exception {
        SecretValue value = SecretValue.in(Map.of(VARIABLE, "s3cret"), VARIABLE);

        assertThat(read(serialized(value))).isEqualTo(value).isEqualTo(SecretValue.of("s3cret"));
        assertThat(value).hasToString("***");
        assertThat(SecretValue.in(Map.of(), VARIABLE)).isEqualTo(SecretValue.NONE);
        assertThat(SecretValue.NONE).hasToString("none");
    }

    @Test
    void anotherProcessIsToldTheSameWhateverItInherits() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3cret");
        Map<String, String> inherited = new HashMap<>(Map.of(VARIABLE, "other"));
        SecretValue.ofFile(VARIABLE, file).addTo(inherited, VARIABLE);
        assertThat(inherited).doesNotContainValue("s3cret");
        assertThat(SecretValue.in(inherited, VARIABLE).reveal()).isEqualTo("s3cret");

        SecretValue.of("given").addTo(inherited, VARIABLE);
        assertThat(SecretValue.in(inherited, VARIABLE).reveal()).isEqualTo("given");
    }

    @Test
    void twoThatContradictEachOtherAreRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "s3cret");
        Map<String, String> both = Map.of(VARIABLE, "other", FILE, file.toString());
        assertThatThrownBy(() -> SecretValue.in(both, VARIABLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("both set")
                .hasMessageNotContaining("s3cret");
    }

    private static byte[] serialized(SecretValue value) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        return bytes.toByteArray();
    }

    private static SecretValue read(byte[] serialized) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(serialized))) {
            return (SecretValue) in.readObject();
        }
    }
}
