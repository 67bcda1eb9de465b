/** What the tests of the connectors have in common. */
package io.ponix.connector.testing;
