/** What a message of a gateway means: envelopes, nothing, or a reason why neither. */
package io.ponix.bridge.intake;
