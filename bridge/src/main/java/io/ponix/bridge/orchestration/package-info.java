/** Which gateways are connected. */
package io.ponix.bridge.orchestration;
