package io.ponix.deviceservice.request;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;

/** Calls that take the longer the more is registered. */
public final class LongCalls {

    /** Ten million devices are restored in it. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final String DEADLINE = "grpc-timeout";

    private LongCalls() {}

    /** Gives the current call an hour, unless its caller has said how long it waits. */
    public static void allow() {
        ServiceRequestContext call = ServiceRequestContext.current();
        if (!call.request().headers().contains(DEADLINE)) {
            call.setRequestTimeout(TimeoutMode.SET_FROM_START, LONGEST);
        }
    }
}
