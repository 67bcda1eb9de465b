package io.ponix.cli.registry;

/**
 * A device that the device service knows.
 *
 * @param id an xid
 * @param organizationId the organization that owns it
 */
public record RegisteredDevice(String id, String organizationId) {}
