/**
 * The bridge: what MQTT brokers send becomes raw envelopes. This package has the program and its
 * settings, {@code orchestration} which gateways are connected, {@code mqtt} the connection to a
 * broker, {@code publish} what is stored, {@code registry} what gateways there are.
 */
package io.ponix.bridge;
