package io.ponix.embedded.clickhouse.server.http;

import com.sun.net.httpserver.HttpExchange;
import io.ponix.embedded.clickhouse.server.compression.ContentCoding;
import io.ponix.embedded.clickhouse.server.compression.NativeFrameInputStream;
import io.ponix.embedded.clickhouse.server.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a request's body. Reading fails where the client leaves before the end, whether that
 * is told by a length or by chunks: a part of an insert does not pass for the whole.
 */
final class RequestBody {

    private static final Logger LOG = LoggerFactory.getLogger(RequestBody.class);

    private static final int UNKNOWN_COMPRESSION_METHOD = 89;

    private final InputStream raw;

    RequestBody(HttpExchange exchange) {
        raw = exchange.getRequestBody();
    }

    /** The body without its Content-Encoding and without ClickHouse's own compression. */
    InputStream decoded(HttpExchange exchange, QueryRequest request)
            throws IOException, EngineException {
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        InputStream decoded = raw;
        if (encoding != null && !encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
            ContentCoding coding = ContentCoding.named(encoding);
            if (coding == null) {
                throw EngineException.of(
                        UNKNOWN_COMPRESSION_METHOD,
                        "Unknown compression method '"
                                + encoding
                                + "': Ponix's embedded ClickHouse knows lz4, gzip and deflate",
                        "UNKNOWN_COMPRESSION_METHOD");
            }
            decoded = coding.decode(decoded);
        }
        return request.decompressBody() ? new NativeFrameInputStream(decoded) : decoded;
    }

    /**
     * Reads what is left of the body. A client that is still sending when the connection closes
     * sees a reset connection instead of the response.
     */
    void drain() {
        byte[] buffer = new byte[1 << 16];
        try {
            while (raw.read(buffer) >= 0) {
                continue;
            }
        } catch (IOException e) {
            // Closed already, or the client is gone: nothing is left to read.
            LOG.debug("The rest of the body is not read", e);
        }
    }
}
