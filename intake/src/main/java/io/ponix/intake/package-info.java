/**
 * What a message means that came in at a gateway: an expression in CEL turns it into uplinks of
 * devices.
 */
package io.ponix.intake;
