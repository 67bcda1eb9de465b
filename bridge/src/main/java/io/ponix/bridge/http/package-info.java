/** The endpoint to which senders post what devices sent, and that of metrics and health. */
package io.ponix.bridge.http;
