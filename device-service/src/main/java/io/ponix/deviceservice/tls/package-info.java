/** The certificate with which the service speaks TLS, and whose clients it lets in. */
package io.ponix.deviceservice.tls;
