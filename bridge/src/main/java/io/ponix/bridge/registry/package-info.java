/** What gateways there are, and what is said of them. */
package io.ponix.bridge.registry;
