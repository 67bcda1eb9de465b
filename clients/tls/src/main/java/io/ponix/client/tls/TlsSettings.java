package io.ponix.client.tls;

import io.ponix.environment.SecretValue;
import java.io.IOException;
import java.io.Serializable;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Files for TLS, which have to be on every machine that connects. Serializable, and without a
 * secret in {@link #toString()}.
 *
 * @param truststore the authorities to trust in place of the JVM's: a Java keystore, a PKCS #12
 *     file, or certificates in PEM; empty for the JVM's
 * @param truststorePassword its password; empty for PEM
 * @param keystore the client's certificate and private key: a Java keystore, a PKCS #12 file, or
 *     both in one PEM file, the key in PKCS #8 without a password; empty for none
 * @param keystorePassword its password; empty for PEM
 */
@API(status = Status.EXPERIMENTAL)
public record TlsSettings(
        String truststore,
        SecretValue truststorePassword,
        String keystore,
        SecretValue keystorePassword)
        implements Serializable {

    /** The JVM's authorities, and no certificate of the client's. */
    public static final TlsSettings DEFAULT =
            new TlsSettings("", SecretValue.NONE, "", SecretValue.NONE);

    /** Checks that nothing is null. */
    public TlsSettings {
        Objects.requireNonNull(truststore, "truststore");
        Objects.requireNonNull(truststorePassword, "truststorePassword");
        Objects.requireNonNull(keystore, "keystore");
        Objects.requireNonNull(keystorePassword, "keystorePassword");
    }

    /** Those files, with passwords that travel with the settings. */
    public static TlsSettings of(
            String truststore,
            String truststorePassword,
            String keystore,
            String keystorePassword) {
        return new TlsSettings(
                truststore,
                SecretValue.of(truststorePassword),
                keystore,
                SecretValue.of(keystorePassword));
    }

    /** The same, with other authorities. */
    public TlsSettings withTruststore(String file, SecretValue password) {
        return new TlsSettings(file, password, keystore, keystorePassword);
    }

    /** The same, with other authorities, and a password that travels with the settings. */
    public TlsSettings withTruststore(String file, String password) {
        return withTruststore(file, SecretValue.of(password));
    }

    /** The same, with another certificate of the client's. */
    public TlsSettings withKeystore(String file, SecretValue password) {
        return new TlsSettings(truststore, truststorePassword, file, password);
    }

    /** The same, with another certificate, and a password that travels with the settings. */
    public TlsSettings withKeystore(String file, String password) {
        return withKeystore(file, SecretValue.of(password));
    }

    /**
     * What trusts the authorities and shows the client's certificate. Whether a certificate is for
     * the host is looked at by whoever connects.
     *
     * @throws TlsException if a file cannot be used; the message names setting and file
     */
    public SSLContext context() throws TlsException {
        return context(authorities());
    }

    /**
     * The same with other trust, for instance one that asks {@link #authorities()} among others.
     *
     * @throws TlsException if a file cannot be used; the message names setting and file
     */
    public SSLContext context(X509ExtendedTrustManager trust) throws TlsException {
        KeyManager[] keys = keyManagers().map(KeyManagerFactory::getKeyManagers).orElse(null);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new TlsException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /**
     * Decides whether a certificate is genuine.
     *
     * @throws TlsException if the file cannot be used; the message names setting and file
     */
    public X509ExtendedTrustManager authorities() throws TlsException {
        for (TrustManager manager : trustManagers().getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new TlsException("the JVM has no X.509 trust manager", null);
    }

    /**
     * What decides whether a certificate is genuine, for clients that want it in this form.
     *
     * @throws TlsException if the file cannot be used; the message names setting and file
     */
    public TrustManagerFactory trustManagers() throws TlsException {
        try {
            KeyStore authorities = null; // those of the JVM
            if (!truststore.isEmpty()) {
                authorities =
                        KeyFiles.readAuthorities(
                                truststore, truststorePassword.reveal().toCharArray());
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authorities);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("truststore", truststore, e);
        }
    }

    /**
     * What shows the client's certificate; empty where it has none.
     *
     * @throws TlsException if the file cannot be used; the message names setting and file
     */
    public Optional<KeyManagerFactory> keyManagers() throws TlsException {
        if (keystore.isEmpty()) {
            return Optional.empty();
        }
        char[] password = keystorePassword.reveal().toCharArray();
        try {
            KeyStore keys = KeyFiles.readKeys(keystore, password);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, password);
            return Optional.of(factory);
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("keystore", keystore, e);
        }
    }

    private static TlsException unusable(String setting, String path, Exception cause) {
        return new TlsException(
                setting + ": " + path + " cannot be used: " + cause.getMessage(), cause);
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "truststore '" + truststore + "', keystore '" + keystore + "'";
    }
}
