/**
 * The one way to NATS: where servers are, who logs in, TLS, and connections that read whatever was
 * published. It knows nothing of Flink, and nothing of Ponix.
 */
package io.ponix.client.nats;
