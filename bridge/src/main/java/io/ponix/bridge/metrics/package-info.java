/** What the bridge counts, and where it is read. */
package io.ponix.bridge.metrics;
