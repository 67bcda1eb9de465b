/**
 * What did not become rows and waits in a stream until it is replayed: how that is read and done.
 */
package io.ponix.cli.replay;
