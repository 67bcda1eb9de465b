/** NATS with JetStream: its program and its process. */
package io.ponix.embedded.nats;
