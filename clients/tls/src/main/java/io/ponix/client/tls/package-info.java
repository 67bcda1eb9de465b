/**
 * Which servers are trusted, and who we are to them: authorities, certificates and keys in files.
 * For the clients that speak TLS by the JVM's own means.
 */
package io.ponix.client.tls;
