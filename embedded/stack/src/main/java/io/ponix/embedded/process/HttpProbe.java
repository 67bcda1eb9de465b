package io.ponix.embedded.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

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
