package io.ponix.deviceservice.request;

import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import io.grpc.Status;
import java.util.function.UnaryOperator;

/**
 * Refuses requests in JSON with INVALID_ARGUMENT that say more than the service reads: a field that
 * is misspelt would else be left out without a word.
 */
public final class JsonRequests extends SimpleDecoratingHttpService {

    private final UnframedGrpcErrorHandler errors;

    /**
     * Refuses query parameters, which no method reads.
     *
     * @param errors makes the answer
     */
    public JsonRequests(HttpService service, UnframedGrpcErrorHandler errors) {
        super(service);
        this.errors = errors;
    }

    /**
     * Returns what reads and writes JSON. It refuses fields and names of enums that there are none
     * of, which Armeria has the parser pass over. (Armeria's other marshaller generates classes for
     * every message: seconds of processor time.)
     */
    public static GrpcJsonMarshaller marshaller() {
        UnaryOperator<JsonFormat.Parser> strict = lenient -> JsonFormat.parser();
        return GrpcJsonMarshaller.builderForGson().jsonParserCustomizer(strict).build();
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        MediaType type = request.contentType();
        QueryParams parameters = context.queryParams();
        if (parameters.isEmpty() || type == null || !type.is(MediaType.JSON)) {
            return unwrap().serve(context, request);
        }
        return errors.handle(
                context,
                Status.INVALID_ARGUMENT.withDescription(
                        "Query parameters are not read: "
                                + String.join(", ", parameters.names())
                                + ". Give them as fields of the JSON in the body"),
                AggregatedHttpResponse.of(HttpStatus.BAD_REQUEST));
    }
}
