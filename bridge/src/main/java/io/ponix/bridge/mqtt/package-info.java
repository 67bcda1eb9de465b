/** The connection to a broker. */
package io.ponix.bridge.mqtt;
