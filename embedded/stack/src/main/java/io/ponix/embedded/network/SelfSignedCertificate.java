package io.ponix.embedded.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** A certificate that vouches for itself, with its key, in every format, made by the JDK. */
public final class SelfSignedCertificate {

    /** Of the PKCS #12 file. */
    public static final String PASSWORD = "changeit";

    /** Ten years: a home may be kept. */
    private static final String VALID_DAYS = "3650";

    private static final Base64.Encoder PEM_LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final Path pkcs12;
    private final Path certificatePem;
    private final Path keyPem;
    private final Path certificateAndKeyPem;

    private SelfSignedCertificate(Path folder, String name) {
        pkcs12 = folder.resolve(name + ".p12");
        certificatePem = folder.resolve(name + "-certificate.pem");
        keyPem = folder.resolve(name + "-key.pem");
        certificateAndKeyPem = folder.resolve(name + ".pem");
    }

    /** One that was made there under that name before. */
    static SelfSignedCertificate in(Path folder, String name) {
        return new SelfSignedCertificate(folder, name);
    }

    /**
     * Makes one.
     *
     * @param alternativeNames what it is for, as keytool writes it: {@code
     *     ip:127.0.0.1,dns:localhost}
     */
    public static SelfSignedCertificate create(Path folder, String name, String alternativeNames)
            throws IOException, GeneralSecurityException, InterruptedException {
        SelfSignedCertificate made = new SelfSignedCertificate(folder, name);
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
                                "san=" + alternativeNames,
                                "-validity",
                                VALID_DAYS,
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                made.pkcs12.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }

        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(made.pkcs12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        String certificate = pem("CERTIFICATE", store.getCertificate(name).getEncoded());
        String key = pem("PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded());
        Files.writeString(made.certificatePem, certificate);
        Files.writeString(made.keyPem, key);
        Files.writeString(made.certificateAndKeyPem, certificate + key);
        return made;
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

    /** Certificate and key in a PKCS #12 file. */
    public String pkcs12() {
        return pkcs12.toString();
    }

    /** The certificate in PEM. */
    public String certificatePem() {
        return certificatePem.toString();
    }

    /** The key in PEM, PKCS #8 without a password. */
    public String keyPem() {
        return keyPem.toString();
    }

    /** Both in one PEM file. */
    public String certificateAndKeyPem() {
        return certificateAndKeyPem.toString();
    }
}
