package io.ponix.deviceservice.request;

import com.linecorp.armeria.server.ServiceRequestContext;

/** The address that the call comes from which is being served on this thread, without the port. */
public final class PeerAddress {

    private PeerAddress() {}

    /** Returns the address as a text. */
    public static String current() {
        return ServiceRequestContext.current().remoteAddress().getAddress().getHostAddress();
    }
}
