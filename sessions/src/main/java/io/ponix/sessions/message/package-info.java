/**
 * What a transform says of a station's messages, under the key {@code session} of its rows: the
 * contract by which any protocol becomes sessions.
 */
package io.ponix.sessions.message;
