package io.ponix.deviceservice.charging.session;

/** Of what session something is: its three parts are never one text. */
record SessionKey(String organizationId, String stationId, String sessionId) {}
