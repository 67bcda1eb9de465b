/** Keeps web pages of others away from Flink's REST interface and dashboard. */
package io.ponix.embedded.flink.browserguard;
