package io.ponix.deviceservice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.embedded.network.SelfSignedCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {

    private static final String CERTIFICATE = "PONIX_GRPC_TLS_CERTIFICATE_FILE";
    private static final String KEY = "PONIX_GRPC_TLS_KEY_FILE";
    private static final String CLIENT_CA = "PONIX_GRPC_TLS_CLIENT_CA_FILE";

    @TempDir private static Path folder;

    private static SelfSignedCertificate ours;
    private static SelfSignedCertificate others;

    @BeforeAll
    static void make() throws Exception {
        ours = SelfSignedCertificate.create(folder, "ours", "ip:127.0.0.1");
        others = SelfSignedCertificate.create(folder, "others", "ip:127.0.0.1");
    }

    @Test
    void withoutACertificateThereIsNoTls() {
        assertThat(TlsFiles.fromEnvironment(Map.of(CERTIFICATE, " "))).isEmpty();
    }

    @Test
    void theKeyMayBeInTheSameFile() {
        Path file = Path.of(ours.certificateAndKeyPem());

        assertThat(TlsFiles.fromEnvironment(Map.of(CERTIFICATE, file.toString())))
                .contains(new TlsFiles(file, file, Optional.empty()));
    }

    @Test
    void whatWouldDoNothingIsRefused() {
        refused(Map.of(KEY, ours.keyPem()), CERTIFICATE + " is missing: without it " + KEY);
        refused(
                Map.of(CLIENT_CA, ours.certificatePem()),
                CERTIFICATE + " is missing: without it " + CLIENT_CA);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        refused(Map.of(CERTIFICATE, "/nowhere"), CERTIFICATE + ": /nowhere does not exist");
        refused(
                Map.of(CERTIFICATE, ours.certificatePem(), KEY, "/nowhere"),
                KEY + ": /nowhere does not exist");
        refused(
                Map.of(CERTIFICATE, ours.certificateAndKeyPem(), CLIENT_CA, "/nowhere"),
                CLIENT_CA + ": truststore: /nowhere cannot be used: it does not exist");
    }

    @Test
    void whatIsNoCertificateOrNoKeyIsRefused() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "certificate\n");

        refused(Map.of(CERTIFICATE, text.toString()), "cannot be used");
        refused(Map.of(CERTIFICATE, ours.certificatePem()), KEY);
        refused(
                Map.of(CERTIFICATE, ours.certificateAndKeyPem(), CLIENT_CA, text.toString()),
                CLIENT_CA);
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        refused(
                Map.of(CERTIFICATE, ours.certificatePem(), KEY, others.keyPem()),
                "the key is not the certificate's");
    }

    @Test
    void noSecretIsInAnError() throws Exception {
        String key = Files.readString(Path.of(ours.keyPem()));
        Path broken = Files.writeString(folder.resolve("broken"), key.substring(0, 120));

        assertThatThrownBy(
                        () ->
                                TlsFiles.fromEnvironment(
                                        Map.of(
                                                CERTIFICATE,
                                                ours.certificatePem(),
                                                KEY,
                                                broken.toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain(key.substring(40, 80));
    }

    private static void refused(Map<String, String> environment, String problem) {
        assertThatThrownBy(() -> TlsFiles.fromEnvironment(environment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }
}
