package io.ponix.deviceservice.tls;

import com.linecorp.armeria.common.TlsKeyPair;
import io.ponix.client.tls.TlsException;
import io.ponix.client.tls.TlsSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What is in the files.
 *
 * @param keyPair the certificate with its chain, and its key
 * @param clientAuthorities empty where clients need no certificate
 */
record TlsContent(TlsKeyPair keyPair, List<X509Certificate> clientAuthorities) {

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException when they cannot be used; the message names the variable
     */
    static TlsContent read(TlsFiles files) {
        byte[] certificate =
                bytes(TlsFiles.Variable.PONIX_GRPC_TLS_CERTIFICATE_FILE, files.certificate());
        byte[] key = bytes(TlsFiles.Variable.PONIX_GRPC_TLS_KEY_FILE, files.key());
        TlsKeyPair keyPair;
        try {
            keyPair =
                    TlsKeyPair.of(
                            new ByteArrayInputStream(key), new ByteArrayInputStream(certificate));
            if (!isOf(keyPair.privateKey(), keyPair.certificateChain().get(0))) {
                throw new IllegalArgumentException("the key is not the certificate's");
            }
        } catch (RuntimeException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    TlsFiles.Variable.PONIX_GRPC_TLS_CERTIFICATE_FILE
                            + " ("
                            + files.certificate()
                            + ") or "
                            + TlsFiles.Variable.PONIX_GRPC_TLS_KEY_FILE
                            + " ("
                            + files.key()
                            + ") cannot be used, a certificate and its key in PEM, the key in"
                            + " PKCS #8 without a password: "
                            + e.getMessage(),
                    e);
        }
        return new TlsContent(
                keyPair, files.clientAuthorities().map(TlsContent::authorities).orElse(List.of()));
    }

    /** Changes when one of the files does. */
    static byte[] fingerprint(TlsFiles files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(
                    bytes(TlsFiles.Variable.PONIX_GRPC_TLS_CERTIFICATE_FILE, files.certificate()));
            digest.update(bytes(TlsFiles.Variable.PONIX_GRPC_TLS_KEY_FILE, files.key()));
            files.clientAuthorities()
                    .map(file -> bytes(TlsFiles.Variable.PONIX_GRPC_TLS_CLIENT_CA_FILE, file))
                    .ifPresent(digest::update);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static byte[] bytes(TlsFiles.Variable variable, Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    variable
                            + ": "
                            + file
                            + (e instanceof NoSuchFileException
                                    ? " does not exist"
                                    : " cannot be read: " + e.getMessage()),
                    e);
        }
    }

    private static List<X509Certificate> authorities(Path file) {
        try {
            List<X509Certificate> authorities =
                    List.of(
                            TlsSettings.DEFAULT
                                    .withTruststore(file.toString(), "")
                                    .authorities()
                                    .getAcceptedIssuers());
            if (authorities.isEmpty()) {
                // Armeria would take it for Java's authorities, whose clients are anyone.
                throw new IllegalArgumentException(
                        TlsFiles.Variable.PONIX_GRPC_TLS_CLIENT_CA_FILE
                                + ": "
                                + file
                                + " holds no certificate");
            }
            return authorities;
        } catch (TlsException e) {
            throw new IllegalArgumentException(
                    TlsFiles.Variable.PONIX_GRPC_TLS_CLIENT_CA_FILE + ": " + e.getMessage(), e);
        }
    }

    /** Whether what the key signs the certificate's key verifies. */
    private static boolean isOf(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] anything = {42};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(anything);
        byte[] signed = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certificate.getPublicKey());
        verifying.update(anything);
        return verifying.verify(signed);
    }
}
