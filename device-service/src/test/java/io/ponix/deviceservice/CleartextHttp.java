package io.ponix.deviceservice;

import java.net.http.HttpClient;

/** Speaks with the service as browsers and curl do where there is no TLS. */
final class CleartextHttp {

    /**
     * HTTP/1.1 only. By default the JDK's client asks each server to go over to HTTP/2, which no
     * browser does without TLS; of thousands of such answers one came in wrongly framed
     * ("MAX_FRAME_SIZE").
     */
    static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private CleartextHttp() {}
}
