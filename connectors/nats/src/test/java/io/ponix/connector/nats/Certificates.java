package io.ponix.connector.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** A certificate that vouches for itself, with its key, in every format, made by the JDK. */
final class Certificates {

    static final String PASSWORD = "changeit";

    private static final Base64.Encoder PEM_LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final Path pkcs12;
    private final Path certificatePem;
    private final Path keyPem;
    private final Path certificateAndKeyPem;

    private Certificates(Path folder, String name) {
        pkcs12 = folder.resolve(name + ".p12");
        certificatePem = folder.resolve(name + "-certificate.pem");
        keyPem = folder.resolve(name + "-key.pem");
        certificateAndKeyPem = folder.resolve(name + ".pem");
    }

    /**
     * Makes one.
     *
     * @param alternativeName what it is for, as keytool writes it: {@code ip:127.0.0.1}
     */
    static Certificates create(Path folder, String name, String alternativeName) throws Exception {
        Certificates certificates = new Certificates(folder, name);
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                name,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + alternativeName,
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                certificates.pkcs12.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(output).isZero();

        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(certificates.pkcs12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        String certificate = pem("CERTIFICATE", store.getCertificate(name).getEncoded());
        String key = pem("PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded());
        Files.writeString(certificates.certificatePem, certificate);
        Files.writeString(certificates.keyPem, key);
        Files.writeString(certificates.certificateAndKeyPem, certificate + key);
        return certificates;
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN "
                + what
                + "-----\n"
                + PEM_LINES.encodeToString(encoded)
                + "\n-----END "
                + what
                + "-----\n";
    }

    String pkcs12() {
        return pkcs12.toString();
    }

    String certificatePem() {
        return certificatePem.toString();
    }

    String keyPem() {
        return keyPem.toString();
    }

    String certificateAndKeyPem() {
        return certificateAndKeyPem.toString();
    }
}
