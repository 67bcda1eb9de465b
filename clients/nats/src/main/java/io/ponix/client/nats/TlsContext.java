package io.ponix.client.nats;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes the TLS settings of a connection into what the client can use. */
final class TlsContext {

    private final SSLContext context;
    private final ServerNameTrustManager trust;

    private TlsContext(SSLContext context, ServerNameTrustManager trust) {
        this.context = context;
        this.trust = trust;
    }

    /**
     * A context that trusts the configured authorities, or those of the JVM, if the server is one
     * of the configured ones, and presents the configured client certificate.
     *
     * @throws NatsAccessException if a file cannot be used; the message names setting and file
     */
    static TlsContext create(NatsSettings configuration) throws NatsAccessException {
        try {
            ServerNameTrustManager trust =
                    new ServerNameTrustManager(authorities(configuration), configuration.hosts());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    configuration.keystorePath().isPresent() ? keys(configuration) : null,
                    new TrustManager[] {trust},
                    null);
            return new TlsContext(context, trust);
        } catch (GeneralSecurityException e) {
            throw new NatsAccessException("tls: cannot be set up: " + e.getMessage(), e);
        }
    }

    SSLContext context() {
        return context;
    }

    /** Why a server was not trusted, if one was not. */
    Optional<CertificateException> refusal() {
        return trust.refusal();
    }

    private static KeyManager[] keys(NatsSettings configuration) throws NatsAccessException {
        String path = configuration.keystorePath().orElseThrow();
        char[] password = configuration.keystorePassword().toCharArray();
        try {
            KeyStore keys = KeyFiles.readKeys(path, password);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, password);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("keystore", path, e);
        }
    }

    private static X509ExtendedTrustManager authorities(NatsSettings configuration)
            throws GeneralSecurityException, NatsAccessException {
        KeyStore authorities = null; // those of the JVM
        if (configuration.truststorePath().isPresent()) {
            String path = configuration.truststorePath().get();
            try {
                authorities =
                        KeyFiles.readAuthorities(
                                path, configuration.truststorePassword().toCharArray());
            } catch (GeneralSecurityException | IOException e) {
                throw unusable("truststore", path, e);
            }
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager) {
                return (X509ExtendedTrustManager) manager;
            }
        }
        throw new GeneralSecurityException("the JVM has no X.509 trust manager");
    }

    private static NatsAccessException unusable(String setting, String path, Exception cause) {
        return new NatsAccessException(
                setting + ": " + path + " cannot be used: " + cause.getMessage(), cause);
    }
}
