package io.ponix.client.nats;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server whose certificate an authority vouches for <em>and</em> that is the one to be
 * reached. The NATS client leaves the second out: any server with a certificate of the authority
 * could take the place of the real one.
 *
 * <p>Servers of a cluster tell clients each other's addresses, mostly as numbers that no
 * certificate names. So a certificate is accepted if it is for any of the configured hosts, as the
 * NATS clients in Go do.
 */
final class ServerNameTrustManager extends X509ExtendedTrustManager {

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final X509ExtendedTrustManager authorities;
    private final List<String> hosts;
    private volatile CertificateException refusal;

    /**
     * @param authorities decides whether a certificate is genuine
     * @param hosts names or addresses, one of which it must be for
     */
    ServerNameTrustManager(X509ExtendedTrustManager authorities, List<String> hosts) {
        this.authorities = authorities;
        this.hosts = hosts;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, () -> authorities.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, () -> authorities.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        check(chain, () -> authorities.checkServerTrusted(chain, authType));
    }

    /** Why the last server that was not trusted was not; the client does not tell. */
    Optional<CertificateException> refusal() {
        return Optional.ofNullable(refusal);
    }

    private void check(X509Certificate[] chain, Check genuine) throws CertificateException {
        try {
            genuine.run();
            requireHost(chain[0]);
        } catch (CertificateException e) {
            refusal = e;
            throw e;
        }
    }

    private interface Check {
        void run() throws CertificateException;
    }

    private void requireHost(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        if (names != null) {
            for (List<?> name : names) {
                int type = (Integer) name.get(0);
                if (type == IP_ADDRESS && hosts.contains(name.get(1))
                        || type == DNS_NAME
                                && hosts.stream().anyMatch(h -> matches((String) name.get(1), h))) {
                    return;
                }
            }
        }
        throw new CertificateException(
                "The server's certificate is for none of " + hosts + ", but for " + names);
    }

    /** Whether a name of a certificate, which may begin with a wildcard, stands for a host. */
    static boolean matches(String name, String host) {
        String wanted = host.toLowerCase(Locale.ROOT);
        String pattern = name.toLowerCase(Locale.ROOT);
        if (!pattern.startsWith("*.")) {
            return pattern.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        return dot > 0 && wanted.substring(dot).equals(pattern.substring(1));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }
}
