package io.ponix.deviceservice.request;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;

/**
 * Closes a connection of HTTP/1 when the time of its request is over. Who sends a request slowly
 * would else keep the connection for as long as there is more to come: what comes is passed over,
 * but counts against its being idle.
 */
public final class SlowSenders extends SimpleDecoratingHttpService {

    /** Looks at the requests of the given service. */
    public SlowSenders(HttpService service) {
        super(service);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        if (!context.sessionProtocol().isMultiplex()) {
            context.log()
                    .whenComplete()
                    .thenAccept(
                            log -> {
                                if (context.isTimedOut() && log.channel() != null) {
                                    log.channel().close();
                                }
                            });
        }
        return unwrap().serve(context, request);
    }
}
