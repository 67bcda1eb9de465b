package io.ponix.embedded.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A short HTTP GET to a process on this machine. */
public final class HttpProbe {

    private static final int TIMEOUT_MILLIS = 1_000;

    private HttpProbe() {}

    /**
     * The body of the answer.
     *
     * @throws IOException if there is none within a second, or its status is not 200
     */
    public static String get(String url) throws IOException {
        return get((HttpURLConnection) URI.create(url).toURL().openConnection());
    }

    /**
     * The same by HTTPS, of a server whose certificate is trusted, whatever its name.
     *
     * @throws IOException as {@link #get(String)}, or if it is not
     */
    public static String get(String url, SSLContext trust) throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create(url).toURL().openConnection();
        connection.setSSLSocketFactory(trust.getSocketFactory());
        connection.setHostnameVerifier((name, session) -> true);
        return get(connection);
    }

    /**
     * The same by HTTPS, of whoever answers, whatever its name. A server that wants a certificate
     * of ours has answered, too.
     *
     * @return empty where it wants one
     * @throws IOException as {@link #get(String)}
     */
    public static String getOfAnyone(String url) throws IOException {
        try {
            return get(url, trustOfAnyone());
        } catch (SSLException e) {
            if (e.getMessage().contains("fatal alert")) {
                return "";
            }
            throw e;
        }
    }

    private static SSLContext trustOfAnyone() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyoneTrusted()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** For who asks a process of his own on this machine how it is, and tells it nothing. */
    private static final class AnyoneTrusted extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static String get(HttpURLConnection connection) throws IOException {
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try {
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException(connection.getURL() + " answers with status " + status);
            }
            try (InputStream body = connection.getInputStream()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        } finally {
            connection.disconnect();
        }
    }
}
