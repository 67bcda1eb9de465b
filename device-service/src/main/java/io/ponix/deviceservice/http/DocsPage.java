package io.ponix.deviceservice.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.docs.DocService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** Armeria's page about the service's methods, which loads nothing from elsewhere here. */
public final class DocsPage {

    private static final String INDEX = "index.html.gz";

    /** It makes its styles by itself, and its editor has its images and fonts in these. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src"
                    + " 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private DocsPage() {}

    /** For all paths below that of the page. */
    public static HttpService service() {
        HttpData index = HttpData.ofUtf8(index());
        Set<String> pathsOfIndex = Set.of("/", "/index.html");
        return new DocService()
                .decorate(
                        (delegate, context, request) -> {
                            context.mutateAdditionalResponseHeaders(
                                    headers -> headers.set("Content-Security-Policy", POLICY));
                            return pathsOfIndex.contains(context.mappedPath())
                                    ? HttpResponse.of(HttpStatus.OK, MediaType.HTML_UTF_8, index)
                                    : delegate.serve(context, request);
                        });
    }

    /** Its fonts come from Google; without them it has those of the browser. */
    private static String index() {
        try (InputStream packed = DocService.class.getResourceAsStream(INDEX);
                InputStream text = new GZIPInputStream(packed)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("<link href=\"https?://[^>]*>", "")
                    .replaceAll("<title>[^<]*</title>", "<title>Ponix: methods</title>");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
