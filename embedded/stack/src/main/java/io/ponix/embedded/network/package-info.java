/** The network between a server and its clients, which can be made bad. */
package io.ponix.embedded.network;
