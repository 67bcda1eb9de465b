package io.ponix.client.tls;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from Java keystores, PKCS #12 files and PEM files. */
final class KeyFiles {

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");
    private static final Pattern PEM_CERTIFICATES =
            Pattern.compile(
                    "-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----", Pattern.DOTALL);
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private KeyFiles() {}

    /** Certificate authorities. */
    static KeyStore readAuthorities(String path, char[] password)
            throws IOException, GeneralSecurityException {
        byte[] content = read(path);
        String text = text(content);
        if (!isPem(text)) {
            return keyStore(content, password);
        }
        KeyStore authorities = emptyKeyStore();
        for (Certificate certificate : certificates(text)) {
            authorities.setCertificateEntry("authority-" + authorities.size(), certificate);
        }
        return authorities;
    }

    /**
     * A certificate with its chain, and its private key; in a PEM file both, the certificate first.
     */
    static KeyStore readKeys(String path, char[] password)
            throws IOException, GeneralSecurityException {
        byte[] content = read(path);
        String text = text(content);
        if (!isPem(text)) {
            return keyStore(content, password);
        }
        KeyStore keys = emptyKeyStore();
        keys.setKeyEntry(
                "client",
                privateKey(text),
                password,
                certificates(text).toArray(new Certificate[0]));
        return keys;
    }

    private static byte[] read(String path) throws IOException {
        if (!Files.isReadable(Path.of(path))) {
            throw new FileNotFoundException("it does not exist or cannot be read");
        }
        return Files.readAllBytes(Path.of(path));
    }

    private static String text(byte[] content) {
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    private static boolean isPem(String text) {
        return text.contains("-----BEGIN ");
    }

    private static KeyStore emptyKeyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static KeyStore keyStore(byte[] content, char[] password)
            throws IOException, GeneralSecurityException {
        // The JVM's keystore type reads JKS and PKCS #12 alike.
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(new ByteArrayInputStream(content), password);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String pem)
            throws IOException, GeneralSecurityException {
        // What is between the blocks, as openssl likes to write, is no certificate.
        StringBuilder blocks = new StringBuilder();
        Matcher block = PEM_CERTIFICATES.matcher(pem);
        while (block.find()) {
            blocks.append(block.group()).append('\n');
        }
        if (blocks.length() == 0) {
            throw new IOException("it holds no certificate");
        }
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(
                                blocks.toString().getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static PrivateKey privateKey(String pem) throws IOException, GeneralSecurityException {
        Matcher key = PEM_KEY.matcher(pem);
        if (!key.find()) {
            throw new IOException("it holds no private key beside the certificate");
        }
        if (!key.group(1).isEmpty()) {
            throw new IOException(
                    "its "
                            + key.group(1)
                            + "PRIVATE KEY must be in PKCS #8 without a password; 'openssl pkcs8 -topk8"
                            + " -nocrypt' makes it so");
        }
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(2)));
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // The encoding names its algorithm; the next factory may be the one for it.
                continue;
            }
        }
        throw new IOException("its private key is none of " + KEY_ALGORITHMS);
    }
}
