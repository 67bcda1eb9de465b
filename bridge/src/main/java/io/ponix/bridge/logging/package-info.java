/** Log lines that many gateways would write at once. */
package io.ponix.bridge.logging;
