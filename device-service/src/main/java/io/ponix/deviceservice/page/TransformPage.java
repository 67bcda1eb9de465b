package io.ponix.deviceservice.page;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ServerCacheControl;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.file.FileService;

/**
 * The web page on which people try transforms, the one for intakes and the one for what is
 * registered. Their files are resources beside this class and are sent as they are; what they show
 * they get from the service's methods.
 */
public final class TransformPage {

    /** Where it is. */
    public static final String PATH = "/transforms/";

    private static final String FILES = "/io/ponix/deviceservice/page";

    /** The page loads nothing from elsewhere, runs no script but its own and is in no frame. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private TransformPage() {}

    /** Adds the page to a server, and leads from the root to it. */
    public static void addTo(ServerBuilder server) {
        HttpService files =
                FileService.builder(TransformPage.class.getClassLoader(), FILES)
                        // Asked for again each time, which costs little: a new version of the
                        // service shows its page at once.
                        .cacheControl(ServerCacheControl.REVALIDATED)
                        // Armeria's cache may release a file while it sends it
                        // (IllegalReferenceCountException); these are small.
                        .maxCacheEntries(0)
                        .build();
        server.serviceUnder(
                        PATH,
                        files.decorate(
                                (delegate, context, request) -> {
                                    context.mutateAdditionalResponseHeaders(
                                            headers ->
                                                    headers.set("Content-Security-Policy", POLICY));
                                    return delegate.serve(context, request);
                                }))
                .service("/", (context, request) -> HttpResponse.ofRedirect(PATH));
    }
}
