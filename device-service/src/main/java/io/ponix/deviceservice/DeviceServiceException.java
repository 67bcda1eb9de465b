package io.ponix.deviceservice;

/** The service cannot start. The message is meant for a person and names the setting to look at. */
public final class DeviceServiceException extends RuntimeException {

    DeviceServiceException(String message) {
        super(message);
    }

    DeviceServiceException(String message, Throwable cause) {
        super(message, cause);
    }
}
