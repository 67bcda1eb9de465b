/** What is stored in JetStream before the broker has its acknowledgement. */
package io.ponix.bridge.publish;
