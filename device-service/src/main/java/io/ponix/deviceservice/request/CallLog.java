package io.ponix.deviceservice.request;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.logging.RequestLog;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs every call, without its contents, at the level debug: method, gRPC status, duration and
 * caller.
 */
public final class CallLog extends SimpleDecoratingHttpService {

    private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);

    private static final String GRPC_STATUS = "grpc-status";

    /** Logs the calls of the given service. */
    public CallLog(HttpService service) {
        super(service);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        if (LOG.isDebugEnabled()) {
            context.log().whenComplete().thenAccept(log -> write(context, log));
        }
        return unwrap().serve(context, request);
    }

    private static void write(ServiceRequestContext context, RequestLog log) {
        String status = log.responseTrailers().get(GRPC_STATUS);
        LOG.atDebug()
                .addKeyValue("method", context.path())
                .addKeyValue(
                        "status", status == null ? log.responseHeaders().get(GRPC_STATUS) : status)
                .addKeyValue(
                        "milliseconds", TimeUnit.NANOSECONDS.toMillis(log.totalDurationNanos()))
                .addKeyValue("caller", context.remoteAddress())
                .log("call");
    }
}
